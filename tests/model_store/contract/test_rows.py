"""Reading rows: the same rules for JSON and for training data."""

import datetime
import enum
import math
from typing import Any

import numpy as np
import pandas as pd
import pytest

from model_store.contract import (
    Code,
    Contract,
    Flag,
    InvalidRow,
    Row,
    normalise,
    normalise_training_row,
)


def one(kind: str, **rules: Any) -> Contract:
    feature = {"kind": kind, "name": "x", **rules}
    return Contract.model_validate({"name": "row", "version": "1.0", "features": [feature]})


def read(contract: Contract, value: object) -> object:
    return normalise(contract, {"x": value}).values["x"]


def refusal(contract: Contract, row: object) -> tuple[str, str]:
    with pytest.raises(InvalidRow) as refused:
        normalise(contract, row)
    (violation,) = refused.value.violations
    return violation.pointer, violation.code


ISLAND = {"categories": ["Biscoe", "Île"], "unseen": "reject"}


@pytest.mark.parametrize(
    ("contract", "sent", "kept"),
    [
        (one("number"), 3, 3.0),
        (one("number"), 3.5, 3.5),
        (one("integer"), 5.0, 5),
        (one("integer"), -7, -7),
        (one("boolean"), False, False),
        (one("text"), "  as it is ", "  as it is "),
        (one("date"), "2024-02-29", "2024-02-29"),
        (one("category", **ISLAND), "  BISCOE\t", "Biscoe"),
        (one("category", **ISLAND), "I\u0302LE", "Île"),
    ],
)
def test_keeps_one_spelling_and_type_of_each_value(contract: Contract, sent: Any, kept: Any):
    found = read(contract, sent)
    assert found == kept
    assert type(found) is type(kept)


@pytest.mark.parametrize(
    ("contract", "sent", "code"),
    [
        (one("number"), "3", Code.WRONG_TYPE),
        (one("number"), True, Code.WRONG_TYPE),
        (one("number"), [3], Code.WRONG_TYPE),
        (one("number"), math.nan, Code.NOT_FINITE),
        (one("number"), math.inf, Code.NOT_FINITE),
        (one("number"), 1e39, Code.TOO_LARGE),
        pytest.param(one("number"), 10**5000, Code.TOO_LARGE, id="5001 digits"),
        (one("integer"), 5.5, Code.WRONG_TYPE),
        (one("integer"), False, Code.WRONG_TYPE),
        (one("integer"), -math.inf, Code.NOT_FINITE),
        (one("integer"), 2**53, Code.TOO_LARGE),
        (one("boolean"), 1, Code.WRONG_TYPE),
        (one("boolean"), "true", Code.WRONG_TYPE),
        (one("text", max_length=3), "four", Code.TOO_LONG),
        (one("text"), "\ud800", Code.INVALID_TEXT),
        (one("text"), 5, Code.WRONG_TYPE),
        (one("date"), "2023-02-29", Code.INVALID_DATE),
        (one("date"), "20240101", Code.INVALID_DATE),
        (one("date"), "2024-W01-1", Code.INVALID_DATE),
        (one("date"), "٢٠٢٤-01-01", Code.INVALID_DATE),
        (one("date"), 20240101, Code.WRONG_TYPE),
        (one("category", **ISLAND), "Atlantis", Code.UNSEEN_CATEGORY),
        (one("category", **ISLAND), "\udfff", Code.INVALID_TEXT),
        (one("category", **ISLAND), "x" * 1001, Code.TOO_LONG),
        (one("category", **ISLAND), 1, Code.WRONG_TYPE),
        (one("category", **ISLAND, trim=False), " Biscoe", Code.UNSEEN_CATEGORY),
        (one("category", **ISLAND, fold_case=False), "biscoe", Code.UNSEEN_CATEGORY),
        (one("number"), None, Code.MISSING),
        (one("category", **ISLAND), "   ", Code.MISSING),
    ],
)
def test_refuses_a_bad_value_naming_its_field(contract: Contract, sent: Any, code: Code):
    """Fault rows 16 and 17: mistyped, NaN, infinite."""
    assert refusal(contract, {"x": sent}) == ("/x", code)


def test_refuses_missing_and_extra_fields_by_name():
    """Fault row 16."""
    assert refusal(one("number"), {}) == ("/x", Code.MISSING)
    assert refusal(one("number"), {"x": 1, "y": 2}) == ("/y", Code.UNKNOWN_FIELD)


@pytest.mark.parametrize("row", [None, 3, "x", [], [{"x": 1}], True])
def test_refuses_what_is_not_an_object(row: object):
    assert refusal(one("number"), row) == ("", Code.NOT_AN_OBJECT)


def test_reports_every_violation_of_a_row_at_once(penguins: Contract):
    with pytest.raises(InvalidRow) as refused:
        normalise(penguins, {"island": 1, "bill_length_mm": "3", "sexx": "male"})
    codes = [violation.code for violation in refused.value.violations]
    assert codes == [Code.WRONG_TYPE, Code.WRONG_TYPE, Code.UNKNOWN_FIELD]
    assert "did you mean sex?" in str(refused.value)


def test_an_unknown_field_whose_name_is_free_text_is_not_repeated():
    """Threat "Personal data in logs": a client may put values where names belong."""
    with pytest.raises(InvalidRow) as refused:
        normalise(one("number"), {"x": 1, "jane@example.org 1980": 2})
    assert "jane" not in str(refused.value)


def test_a_thousand_unknown_fields_do_not_make_a_thousand_messages():
    with pytest.raises(InvalidRow) as refused:
        normalise(one("number"), {"x": 1} | {f"y{i}": 1 for i in range(1000)})
    assert len(refused.value.violations) <= 10


@pytest.mark.parametrize("absent", [{}, {"x": None}])
def test_missing_means_null_or_absent(absent: dict[str, object]):
    allow = one("number", missing={"policy": "allow"})
    default = one("number", missing={"policy": "default", "value": 2})
    assert normalise(allow, absent) == Row({"x": None})
    assert normalise(default, absent) == Row({"x": 2.0})


@pytest.mark.parametrize("action", ["flag", "fallback"])
def test_values_the_model_never_saw_are_flagged_where_the_contract_says_so(action: str):
    """Fault row 22."""
    number = one("number", minimum=0, maximum=1, out_of_range=action)
    island = one("category", categories=["Biscoe"], unseen=action)
    date = one("date", maximum="2024-12-31", out_of_range=action)
    assert normalise(number, {"x": 2}) == Row({"x": 2.0}, (Flag("x", "out_of_range", action),))
    assert normalise(date, {"x": "2025-01-01"}).flags == (Flag("x", "out_of_range", action),)
    assert normalise(island, {"x": " Ibiza "}) == Row(
        {"x": "Ibiza"}, (Flag("x", "unseen_category", action),)
    )


@pytest.mark.parametrize(
    ("rules", "inside", "outside"),
    [
        ({"minimum": 0}, 0, -0.1),
        ({"minimum": 0, "exclusive_minimum": True}, 0.1, 0),
        ({"maximum": 5}, 5, 5.1),
        ({"maximum": 5, "exclusive_maximum": True}, 4.9, 5),
    ],
)
def test_bounds_are_inclusive_unless_declared_exclusive(
    rules: dict[str, Any], inside: float, outside: float
):
    """Fault row 22: the default policy refuses."""
    assert read(one("number", **rules), inside) == inside
    assert refusal(one("number", **rules), {"x": outside}) == ("/x", Code.OUT_OF_RANGE)


class Island(enum.StrEnum):
    BISCOE = "biscoe"


MAY_MISS = {"missing": {"policy": "allow"}}


@pytest.mark.parametrize(
    ("contract", "cell", "as_json"),
    [
        (one("number"), np.float32(0.5), 0.5),
        (one("number"), np.int64(3), 3),
        (one("integer"), np.float64(3.0), 3),
        (one("boolean"), np.bool_(True), True),
        (one("boolean"), np.int64(0), False),
        (one("boolean"), 1.0, True),
        (one("category", **ISLAND), np.str_("BISCOE"), "biscoe"),
        (one("category", **ISLAND), Island.BISCOE, "biscoe"),
        (one("date"), pd.Timestamp("2024-05-01"), "2024-05-01"),
        (one("date"), datetime.date(2024, 5, 1), "2024-05-01"),
        (one("date"), np.datetime64("2024-05-01T00:00:00", "ns"), "2024-05-01"),
        (one("number", **MAY_MISS), np.float64("nan"), None),
        (one("number", **MAY_MISS), pd.NA, None),
        (one("text", **MAY_MISS), float("nan"), None),
        (one("date", **MAY_MISS), pd.NaT, None),
        (one("date", **MAY_MISS), np.datetime64("NaT"), None),
    ],
)
def test_training_cells_read_like_their_json(contract: Contract, cell: object, as_json: object):
    trained = normalise_training_row(contract, {"x": cell})
    assert trained == normalise(contract, {"x": as_json})


@pytest.mark.parametrize(
    ("contract", "cell"),
    [
        (one("number"), "3"),
        (one("number"), np.bool_(True)),
        (one("boolean"), 2),
        (one("category", **ISLAND), 1),
        (one("number"), float("nan")),
        (one("number"), np.float64("inf")),
    ],
)
def test_training_data_is_refused_where_json_would_be(contract: Contract, cell: object):
    with pytest.raises(InvalidRow):
        normalise_training_row(contract, {"x": cell})
