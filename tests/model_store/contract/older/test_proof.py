"""What stands in the way of serving an older contract: the feature, the reason, the way out."""

import re
from typing import Any

import pytest

from model_store.contract import (
    Contract,
    Fixed,
    Mapped,
    Renamed,
    Scaled,
    Upcast,
    UpcastRefused,
    check_accepts,
    normalise,
    upcast,
)

Definition = dict[str, Any]
ALLOWED = {"missing": {"policy": "allow"}}


def contract(version: str, **features: Definition) -> Contract:
    found = [{"name": name, **definition} for name, definition in features.items()]
    return Contract.model_validate({"name": "bird", "version": version, "features": found})


def prove(older: Definition, newer: Definition, source: Any = None) -> Upcast:
    """A feature x that is called z now."""
    accepted = Upcast(contract=contract("1.4", x=older), features={"z": source or Renamed(was="x")})
    check_accepts(contract("2.0", z=newer), [accepted])
    return accepted


def number(**fields: Any) -> Definition:
    return {"kind": "number", **fields}


def category(*names: str, **fields: Any) -> Definition:
    return {"kind": "category", "categories": list(names), **fields}


REFUSED = [
    (number(maximum=9), number(maximum=8), None, "9.0 is taken.*at most 8", "Widen the range"),
    (number(), number(maximum=8), None, "any value is taken", "Widen the range"),
    (
        number(maximum=9, out_of_range="flag"),
        number(maximum=9),
        None,
        "any value",
        "OutOfRange",
    ),
    (number(maximum=8), number(maximum=8, exclusive_maximum=True), None, "8.0", "Widen"),
    (number(**ALLOWED), number(), None, "a missing value is taken.*is required", r"\| None"),
    (number(unit="mm"), number(unit="cm"), None, "was in mm and is in cm", "Scaled"),
    (number(), number(unit="cm"), None, "was in no unit", "1 if both are the same"),
    (number(), {"kind": "integer"}, None, "was a number and is a integer", "Keep the type"),
    (category("a"), {"kind": "text"}, None, "was a category", "Fixed"),
    (category("a", "b"), category("a"), None, "the category b is taken", "Mapped"),
    (category("a", unseen="flag"), category("a"), None, "an unseen category", "unseen="),
    (
        category("a", unseen="flag", trim=False),
        category("a", unseen="flag"),
        None,
        "spaces alone",
        "be missing|Map",
    ),
    ({"kind": "text", "max_length": 9}, {"kind": "text", "max_length": 8}, None, "9 ch", "Raise"),
    ({"kind": "boolean"}, number(), None, "was a boolean", "Keep the type"),
    (number(maximum=9), number(maximum=8), Scaled(was="x", scale=0.9), "9.0 is taken", "Widen"),
    *(
        (number(minimum=1, maximum=9), number(), scaled, "every value becomes", "a tensor holds")
        for scaled in (
            Scaled(was="x", scale=3e38, offset=3e38),
            Scaled(was="x", scale=-3e38, offset=-3e38),
            Scaled(was="x", scale=1, offset=1e308),
            Scaled(was="x", scale=1e-30, offset=5),
        )
    ),
    (category("a"), category("a"), Scaled(was="x", scale=1), "cannot be scaled", "Scale numbers"),
    (
        {"kind": "integer"},
        {"kind": "integer"},
        Scaled(was="x", scale=0.5),
        "cannot be scaled",
        "whole",
    ),
    (number(), number(), Mapped(was="x", categories={}), "cannot be mapped", "Map categories"),
    (
        category("a", "b"),
        category("a"),
        Mapped(was="x", categories={"a": "a"}),
        "b are not mapped",
        "each older category",
    ),
    (
        category("a"),
        category("a"),
        Mapped(was="x", categories={"a": "a", "A": "a"}),
        "A are no older categories",
        "in its spelling",
    ),
    (
        category("a"),
        category("a"),
        Mapped(was="x", categories={"a": "c"}),
        "c are no new categories",
        "to a new one",
    ),
    (number(), number(), Fixed(value=None), "is required", "Fix a value"),
    (number(), number(maximum=1, out_of_range="flag"), Fixed(value=2), "out_of_range", "Fix"),
    (number(), number(), Renamed(was="y"), "has no feature y", r"Fixed\(value=…\)"),
]


@pytest.mark.parametrize(("older", "newer", "source", "what", "way_out"), REFUSED)
def test_fault_row_33_what_an_old_caller_could_not_send_any_more_is_refused_beforehand(
    older: Definition, newer: Definition, source: Any, what: str, way_out: str
) -> None:
    with pytest.raises(UpcastRefused, match=what) as refusal:
        prove(older, newer, source)
    assert refusal.value.where == "accepts contract 1.4, feature z"
    assert re.search(way_out, refusal.value.next_step)
    assert refusal.value.next_step.endswith("or do not accept this contract")


PROVEN = [
    (number(maximum=9), number(maximum=8, out_of_range="flag"), None),
    (
        number(minimum=0, exclusive_minimum=True, unit="g"),
        number(minimum=0, exclusive_minimum=True, unit="kg"),
        Scaled(was="x", scale=0.001),
    ),
    (number(maximum=70), number(maximum=7), Scaled(was="x", scale=0.1)),
    (
        number(minimum=32, maximum=212),
        number(minimum=0, maximum=100),
        Scaled(was="x", scale=5 / 9, offset=-160 / 9),
    ),
    (number(), number(), Scaled(was="x", scale=1e30)),
    (number(minimum=4, maximum=4), number(), Scaled(was="x", scale=2)),
    ({"kind": "integer", "minimum": 0}, number(minimum=0), None),
    (
        {"kind": "integer", "minimum": 0, "exclusive_minimum": True},
        {"kind": "integer", "minimum": 12},
        Scaled(was="x", scale=12),
    ),
    (category("a", "b"), category("c"), Mapped(was="x", categories={"a": "c", "b": "c"})),
    (category("a", "b", unseen="flag"), category("a", unseen="fallback"), None),
    ({"kind": "date", "minimum": "2000-01-02"}, {"kind": "date", "minimum": "2000-01-01"}, None),
    (number(**ALLOWED), number(missing={"policy": "default", "value": 1.0}), None),
    (number(), {"kind": "boolean", **ALLOWED}, Fixed(value=None)),
    (number(), {"kind": "boolean"}, Fixed(value=False)),
]


@pytest.mark.parametrize(("older", "newer", "source"), PROVEN)
def test_what_can_be_served_is_not_refused(
    older: Definition, newer: Definition, source: Any
) -> None:
    prove(older, newer, source)


def test_what_is_more_than_a_bound_stays_more_than_it() -> None:
    """Of the smallest number there is, a thousandth is nought, which the new contract refuses."""
    above = {"minimum": 0, "exclusive_minimum": True}
    accepted = prove(number(**above), number(**above), Scaled(was="x", scale=0.001))
    row = normalise(accepted.contract, {"x": 5e-324})
    read = upcast(row, accepted, contract("2.0", z=number(**above)))
    assert read.values["z"] == 5e-324
    assert read.flags == ()


def test_a_feature_that_the_new_contract_does_not_have_is_misspelt() -> None:
    accepted = Upcast(contract=contract("1.0", x=number()), features={"y": Fixed(value=1)})
    with pytest.raises(UpcastRefused, match="feature y: the new contract has no such feature"):
        check_accepts(contract("2.0", x=number()), [accepted])


@pytest.mark.parametrize("versions", [("2.0",), ("3.1",), ("1.0", "1.1")])
def test_one_contract_of_each_older_major_can_be_accepted(versions: tuple[str, ...]) -> None:
    accepts = [Upcast(contract=contract(version, x=number())) for version in versions]
    with pytest.raises(UpcastRefused, match=r"is not older than 2\.0, or accepted twice"):
        check_accepts(contract("2.0", x=number()), accepts)


def test_a_scale_of_nought_is_no_conversion() -> None:
    with pytest.raises(ValueError, match="Fixed"):
        Scaled(scale=0)


@pytest.mark.parametrize("scale", [1e308, -1e39])
def test_a_scale_that_no_tensor_holds_is_no_conversion(scale: float) -> None:
    """Nearly every value would become the largest there is."""
    with pytest.raises(ValueError, match="1 already"):
        Scaled(scale=scale)
