"""JSON that means one thing is read as json.loads reads it; all else is refused."""

import json
import math
import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.inference.errors import BodyNotJson
from functions.inference.strict_json import DEEPEST, LONGEST_INTEGER, _depth, parse

VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**39), 10**39)
    | st.floats(allow_nan=False)
    | st.text(max_size=10),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=6,
)
CANARY = "canary-51c2"


@given(document=VALUES, ascii_only=st.booleans())
def test_what_has_one_meaning_is_read(document: object, ascii_only: bool) -> None:
    assert parse(json.dumps(document, ensure_ascii=ascii_only).encode()) == document


@pytest.mark.parametrize("body", [b'"\xff"', b'"\xed\xa0\x80"', '"ä"'.encode("utf-16")])
def test_bytes_that_are_not_utf8_are_refused(body: bytes) -> None:
    with pytest.raises(BodyNotJson, match="UTF-8"):
        parse(body)


@given(
    name=st.text(), document=st.none() | st.text(), depth=st.integers(0, 5), as_list=st.booleans()
)
def test_fault_row_18_a_name_twice_in_one_object_is_refused_however_deep(
    name: str, document: object, depth: int, as_list: bool
) -> None:
    value = json.dumps(document)
    text = f"{{{json.dumps(name)}: {value}, {json.dumps(name)}: {value}}}"
    for _ in range(depth):
        text = f"[{text}]" if as_list else f'{{"a": {text}}}'
    with pytest.raises(BodyNotJson, match="same field twice"):
        parse(text.encode())


def test_fault_row_18_a_name_spelled_by_escapes_is_the_same_name() -> None:
    with pytest.raises(BodyNotJson, match="same field twice"):
        parse(b'{"a": 1, "\\u0061": 2}')


def test_the_same_name_in_two_objects_is_fine() -> None:
    assert parse(b'[{"a": 1}, {"a": {"a": 2}}]') == [{"a": 1}, {"a": {"a": 2}}]


@pytest.mark.parametrize("sign", ["", "-"])
def test_fault_row_19_integers_are_read_up_to_the_limit_and_not_beyond(sign: str) -> None:
    longest = sign + "9" * LONGEST_INTEGER
    assert parse(longest.encode()) == int(longest)
    with pytest.raises(BodyNotJson, match="more than 40 digits"):
        parse(f"[{longest}9]".encode())


@pytest.mark.parametrize("opening", ["[", '{"a":', '[{"a":'])
def test_fault_row_19_absurd_depth_is_refused(opening: str) -> None:
    with pytest.raises(BodyNotJson, match="nested too deeply"):
        parse((opening * 100_000).encode())


@pytest.mark.parametrize(("opening", "closing"), [("[", "]"), ('{"a":', "}")])
def test_fault_row_19_the_deepest_is_one_number_however_deep_the_stack_is(
    opening: str, closing: str
) -> None:
    def at(depth: int) -> object:
        return parse(f"{opening * depth}0{closing * depth}".encode())

    def beneath(frames: int) -> object:
        return beneath(frames - 1) if frames else at(DEEPEST)

    assert at(DEEPEST) == beneath(500) != at(1)
    with pytest.raises(BodyNotJson, match="nested too deeply"):
        at(DEEPEST + 1)


def depth_of(document: object) -> int:
    if isinstance(document, dict):
        document = list(document.values())
    return 1 + max(map(depth_of, document), default=0) if isinstance(document, list) else 0


@given(
    document=st.recursive(
        st.text(st.sampled_from('[]{}"\\ü'), max_size=4),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(st.sampled_from('[}"\\')), inner),
        max_leaves=6,
    ),
    ascii_only=st.booleans(),
)
def test_marks_inside_of_strings_do_not_count(document: object, ascii_only: bool) -> None:
    body = json.dumps(document, ensure_ascii=ascii_only).encode()
    assert _depth(body) == depth_of(document)


@pytest.mark.parametrize("tail", [b"", b"\\", b'\\"'])
def test_a_string_without_an_end_is_looked_at_once(tail: bytes) -> None:
    with pytest.raises(BodyNotJson):
        parse(b"[" * 101 + b'"' + b'\\"' * 3_000_000 + tail)


@pytest.mark.parametrize("piece", [b'"name":"value",', b'"\\n\\n",', b'"[",', b"{},"])
def test_fault_row_21_counting_levels_takes_little_memory(piece: bytes) -> None:
    body = piece * (1_000_000 // len(piece))
    tracemalloc.start()
    try:
        _depth(body)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 6 * len(body)


def test_fault_row_17_numbers_that_are_not_finite_are_left_to_the_contract() -> None:
    """It can name the field."""
    found = parse(b"[NaN, Infinity, -Infinity, 1e999]")
    assert isinstance(found, list)
    assert math.isnan(found[0])
    assert found[1:] == [math.inf, -math.inf, math.inf]


@pytest.mark.parametrize(
    "body",
    [
        f'{{"{CANARY}": '.encode(),
        f'{{"{CANARY}": 1, "{CANARY}": 2}}'.encode(),
        f'["{CANARY}" \xff]'.encode("latin-1"),
        f'["{CANARY}", {"7" * 5000}]'.encode(),
        f'["{CANARY}"'.encode() + b"[" * 100_000,
    ],
    ids=["cut", "twice", "latin", "integer", "deep"],
)
def test_threat_personal_data_an_error_never_repeats_the_body(body: bytes) -> None:
    with pytest.raises(BodyNotJson) as refused:
        parse(body)
    assert CANARY not in str(refused.value)
    assert "777" not in str(refused.value)
    assert refused.value.__suppress_context__ or refused.value.__context__ is None


def test_where_the_json_ends_is_told() -> None:
    with pytest.raises(BodyNotJson, match="line 2, column 6"):
        parse(b'{\n "a":}')
