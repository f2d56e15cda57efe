"""Equal values have equal bytes, and different values different ones."""

import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from model_store.canonical import canonical_json, sha256_hex

VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=6,
)


@given(value=VALUES)
def test_what_is_written_is_json_of_the_same_value(value: object) -> None:
    assert json.loads(canonical_json(value)) == value


@given(value=st.dictionaries(st.text(max_size=5), VALUES, max_size=4), data=st.data())
def test_the_order_of_a_mapping_does_not_matter(
    value: dict[str, object], data: st.DataObject
) -> None:
    names = data.draw(st.permutations(list(value)))
    assert canonical_json({name: value[name] for name in names}) == canonical_json(value)


def test_the_bytes_never_change() -> None:
    """Digests of published models stand on this spelling."""
    value = {"b": [1, 1.0, True, None], "a": 'M\u00fcsli \u2028 "x"'}
    spelled = '{"a":"M\u00fcsli \u2028 \\"x\\"","b":[1,1.0,true,null]}'
    assert canonical_json(value) == spelled.encode()


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_a_number_that_json_does_not_have_is_refused(value: float) -> None:
    with pytest.raises(ValueError, match="JSON compliant"):
        canonical_json({"a": [value]})


def test_a_digest_is_the_known_sha_256_in_hex() -> None:
    known = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    assert sha256_hex(b"abc") == known
