"""How large numbers may be, in reading and in the schema alike."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from model_store.contract.features import Integer, Number
from model_store.contract.violations import Code, Refusal

LARGEST_FLOAT32 = float(np.finfo(np.float32).max)
LARGEST_EXACT = 2**53 - 1


@given(value=st.floats(-LARGEST_FLOAT32, LARGEST_FLOAT32) | st.integers(-(10**38), 10**38))
def test_fault_row_17_a_number_that_is_read_is_finite_as_a_float32(value: float) -> None:
    read, flag = Number(name="x").read(value)
    assert (read, type(read), flag) == (float(value), float, None)
    with np.errstate(over="raise"):
        assert np.isfinite(np.float32(read))


@given(value=st.integers(-LARGEST_EXACT, LARGEST_EXACT))
def test_a_whole_number_is_the_same_however_json_spells_it(value: int) -> None:
    assert Integer(name="x").read(float(value)) == Integer(name="x").read(value) == (value, None)


@pytest.mark.parametrize(
    ("feature", "largest", "beyond"),
    [
        (Number(name="x"), LARGEST_FLOAT32, np.nextafter(LARGEST_FLOAT32, np.inf)),
        (Integer(name="x"), LARGEST_EXACT, LARGEST_EXACT + 1),
    ],
    ids=["number", "integer"],
)
@pytest.mark.parametrize("sign", [1, -1])
def test_the_limit_itself_is_read_and_stands_in_the_schema(
    feature: Number | Integer, largest: float, beyond: float, sign: int
) -> None:
    assert feature.read(sign * largest)[0] == sign * largest
    with pytest.raises(Refusal) as refused:
        feature.read(sign * type(largest)(beyond))
    assert refused.value.code is Code.TOO_LARGE
    schema = feature.json_schema()
    assert (schema["minimum"], schema["maximum"]) == (-largest, largest)


def test_a_declared_bound_takes_the_place_of_the_limit_on_its_side() -> None:
    schema = Integer(name="x", minimum=0, exclusive_minimum=True).json_schema()
    assert schema == {"type": "integer", "exclusiveMinimum": 0, "maximum": LARGEST_EXACT}
