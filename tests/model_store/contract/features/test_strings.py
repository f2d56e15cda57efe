"""Strings that are built to cost much cost little."""

from typing import Annotated, Literal

import pytest
from pydantic import BaseModel

from model_store.contract import Category, InvalidRow, freeze, normalise


class Coloured(BaseModel):
    colour: Annotated[Literal["red", "blue"], Category(unseen="flag")]


def test_threat_api4_a_long_string_is_refused_before_it_is_composed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Unicode composition takes time in the square of the length."""

    def composed(*_: object) -> str:
        raise AssertionError("composed before its length was looked at")

    contract = freeze(Coloured, version="1.0")
    normalise(contract, {"colour": "r\u00e9d"})
    monkeypatch.setattr("model_store.contract.features.strings.normalize", composed)
    with pytest.raises(InvalidRow) as refused:
        normalise(contract, {"colour": "a" + "\u0315\u0300" * 30_000})
    assert refused.value.violations[0].code == "too_long"
