"""The rows added to the held-out ones, made from the contract alone."""

from typing import Any

import pytest

from model_store.contract import Contract, Row
from model_store.samples.probes import UNSEEN, answered_by_model, probes, typical_row


def contract_of(*features: dict[str, Any]) -> Contract:
    return Contract.model_validate({"name": "row", "version": "1.0", "features": features})


def odd_values(**rules: Any) -> list[tuple[str, object]]:
    """What is tried of a feature x, and its value."""
    contract = contract_of({"name": "x", **rules})
    found = probes(contract, typical_row(contract))
    return [(probe.note.removeprefix("x "), probe.row.values["x"]) for probe in found]


def test_both_ends_of_a_range_are_tried_and_beyond_only_where_that_is_a_flag() -> None:
    ends = {("at its minimum", 1.0), ("at its maximum", 3.0)}
    beyond = {("below its minimum", 0.0), ("above its maximum", 4.0)}
    bounds = {"kind": "number", "minimum": 1, "maximum": 3}
    assert set(odd_values(**bounds)) == ends
    assert set(odd_values(**bounds, out_of_range="flag")) == ends | beyond


def test_what_the_fallback_answers_is_not_asked_of_the_model() -> None:
    found = odd_values(kind="category", categories=["a", "b"], unseen="fallback")
    assert [value for _, value in found] == ["a", "b"]


def test_every_category_an_unseen_one_and_a_missing_one_are_tried() -> None:
    found = odd_values(
        kind="category", categories=["a", "b"], unseen="flag", missing={"policy": "allow"}
    )
    assert found == [
        ("missing", None),
        ("at a declared category", "a"),
        ("at a declared category", "b"),
        ("unseen", UNSEEN),
        ("all that may be is missing", None),
    ]


def test_an_empty_text_and_an_unseen_one_are_tried() -> None:
    assert odd_values(kind="text") == [("empty", ""), ("unseen", UNSEEN)]


@pytest.mark.parametrize("end", [{"minimum": "0001-01-01"}, {"maximum": "9999-12-31"}], ids=str)
def test_nothing_is_beyond_the_calendar(end: dict[str, str]) -> None:
    (bound,) = end.values()
    found = odd_values(kind="date", out_of_range="flag", **end)
    assert [value for _, value in found] == [bound]


def test_dates_move_by_a_day() -> None:
    found = odd_values(kind="date", minimum="2024-03-01", out_of_range="flag")
    assert ("below its minimum", "2024-02-29") in found


def test_a_typical_row_is_ordinary() -> None:
    contract = contract_of(
        {"kind": "number", "name": "middle", "minimum": 2, "maximum": 4},
        {"kind": "integer", "name": "above", "minimum": 5},
        {"kind": "number", "name": "optional", "missing": {"policy": "allow"}},
        {"kind": "boolean", "name": "usual", "missing": {"policy": "default", "value": True}},
        {"kind": "text", "name": "said"},
    )
    values = {"middle": 3.0, "above": 6, "optional": None, "usual": True, "said": "text"}
    assert typical_row(contract) == Row(values)
    assert answered_by_model(typical_row(contract))
