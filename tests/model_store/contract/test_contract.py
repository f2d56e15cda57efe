"""A contract is one value: what changes its meaning changes its digest."""

from typing import Any

import pytest
from pydantic import ValidationError

from model_store.contract import Contract
from model_store.contract.features import Boolean, Number, Text

BASE: dict[str, Any] = {
    "name": "houses",
    "version": "1.0",
    "features": (Number(name="area", unit="m\u00b2"), Boolean(name="garden")),
}


@pytest.mark.parametrize(
    "change",
    [
        {"name": "flats"},
        {"version": "1.1"},
        {"description": "Houses for sale."},
        {"features": BASE["features"][::-1]},
        {"features": BASE["features"][:1]},
        {"features": (Number(name="area", unit="ft\u00b2"), Boolean(name="garden"))},
        {"features": (Number(name="area", unit="m\u00b2", sensitive=True), BASE["features"][1])},
    ],
    ids=["name", "version", "description", "order", "fewer", "unit", "sensitive"],
)
def test_whatever_is_changed_the_digest_is_another(change: dict[str, Any]) -> None:
    assert Contract(**BASE | change).digest != Contract(**BASE).digest


def test_what_is_written_out_though_it_is_the_default_changes_nothing() -> None:
    spelled = Number(name="area", unit="m\u00b2", minimum=None, out_of_range="reject")
    same = Contract(**BASE | {"description": "", "features": (spelled, BASE["features"][1])})
    assert same.digest == Contract(**BASE).digest


def test_features_are_found_by_name_in_their_order() -> None:
    contract = Contract(**BASE)
    assert contract.names == ("area", "garden")
    assert contract.by_name["garden"] is contract.features[1]


def test_a_name_declared_twice_is_refused() -> None:
    twice = (Number(name="area"), Text(name="area"))
    with pytest.raises(ValidationError, match="declared twice: area"):
        Contract(**BASE | {"features": twice})


@pytest.mark.parametrize("name", ["", "Houses", "1houses", "a b", "a" * 65])
def test_a_name_that_is_no_kebab_word_is_refused(name: str) -> None:
    with pytest.raises(ValidationError):
        Contract(**BASE | {"name": name})


@pytest.mark.parametrize("policy", ["reject", "flag", "fallback"])
def test_a_fallback_is_needed_only_where_a_feature_asks_for_it(policy: Any) -> None:
    area = Number(name="area", minimum=0, out_of_range=policy)
    contract = Contract(**BASE | {"features": (Boolean(name="garden"), area)})
    assert contract.may_fall_back is (policy == "fallback")
