"""A range in words and in JSON Schema says what reading does."""

from contextlib import nullcontext
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from model_store.contract.features import Integer, Number
from model_store.contract.violations import Refusal

SMALL = st.integers(-5, 5)


@pytest.mark.parametrize(
    ("rules", "text"),
    [
        ({}, ""),
        ({"unit": "mm"}, ""),
        ({"minimum": 20, "unit": "mm"}, "at least 20 mm"),
        ({"maximum": 0.1}, "at most 0.1"),
        (
            {"minimum": 20, "maximum": 80, "exclusive_maximum": True, "unit": "mm"},
            "at least 20 and less than 80 mm",
        ),
        ({"minimum": 1e-7, "exclusive_minimum": True}, "more than 1e-07"),
    ],
)
def test_a_range_is_told_in_words(rules: dict[str, Any], text: str) -> None:
    assert Number(name="x", **rules).range_text() == text


@given(value=SMALL, low=SMALL, high=SMALL, open_low=st.booleans(), open_high=st.booleans())
def test_fault_row_22_the_schema_refuses_what_reading_refuses(
    value: int, low: int, high: int, open_low: bool, open_high: bool
) -> None:
    low, high = sorted((low, high))
    feature = Integer(
        name="x",
        minimum=low,
        maximum=high,
        exclusive_minimum=open_low,
        exclusive_maximum=open_high,
    )
    schema = feature.json_schema()
    by_schema = (
        schema.get("minimum", value) <= value <= schema.get("maximum", value)
        and schema.get("exclusiveMinimum", value - 1) < value
        and value < schema.get("exclusiveMaximum", value + 1)
    )
    with nullcontext() if by_schema else pytest.raises(Refusal, match="must be"):
        assert feature.read(value) == (value, None)


@pytest.mark.parametrize("policy", ["flag", "fallback"])
def test_a_range_that_is_only_expected_is_documented_and_not_demanded(policy: Any) -> None:
    feature = Integer(name="x", minimum=0, maximum=5, out_of_range=policy)
    schema = feature.json_schema()
    assert (schema["x-expected-minimum"], schema["x-expected-maximum"]) == (0, 5)
    assert schema["maximum"] > 5
    told = f"Expected: at least 0 and at most 5; other values are answered with a {policy}."
    assert schema["description"] == told


def test_bounds_in_the_wrong_order_are_refused() -> None:
    with pytest.raises(ValidationError, match="the minimum is above the maximum"):
        Number(name="x", minimum=2, maximum=1)
