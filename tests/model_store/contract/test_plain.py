"""What the compiled validator takes is what `normalise` takes, and nothing odd."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from model_store.contract import Contract, InvalidRow, normalise
from model_store.contract.features.numeric import LARGEST_NUMBER
from model_store.contract.plain import PlainReader

CONTRACT = Contract.model_validate(
    {
        "name": "everything",
        "version": "1.0",
        "features": [
            {"kind": "number", "name": "any"},
            {"kind": "number", "name": "within", "minimum": -1.5, "maximum": 1e6,
             "exclusive_minimum": True, "out_of_range": "flag"},
            {"kind": "number", "name": "lenient", "missing": {"policy": "allow"}},
            {"kind": "number", "name": "filled", "missing": {"policy": "default", "value": 2.5}},
            {"kind": "integer", "name": "count", "minimum": 0, "maximum": 9,
             "exclusive_maximum": True},
            {"kind": "integer", "name": "large"},
            {"kind": "boolean", "name": "yes"},
            {"kind": "category", "name": "island", "categories": ["Biscoe", "Île", "DREAM"],
             "unseen": "fallback", "missing": {"policy": "allow"}},
            {"kind": "text", "name": "note", "max_length": 5},
            {"kind": "date", "name": "day", "minimum": "2000-01-01", "out_of_range": "flag"},
        ],
    }
)  # fmt: skip
MOST = 3
PLAIN: dict[str, Any] = {
    "any": 1.25, "within": -1.4, "lenient": None, "filled": 3.0, "count": 8, "large": -(2**53) + 1,
    "yes": True, "island": "Île", "note": "Grüße", "day": "2024-02-29",
}  # fmt: skip
values = st.one_of(
    st.floats(),
    st.integers(),
    st.integers(-(10**45), 10**45),
    st.integers(0, 9).map(float),
    st.text(max_size=7),
    st.booleans(),
    st.none(),
    st.sampled_from(
        [-1.5, 0.1 + 0.2, 1e6, 3.4e38, 3.5e38, 5e-324, 2**53, "Biscoe", "biscoe", " DREAM", "",
         "2024-02-30", "1999-12-31", "2000-01-01", {}, []]
    ),
)  # fmt: skip
rows = st.builds(
    lambda names, found: PLAIN | dict(zip(names, found, strict=False)),
    st.lists(st.sampled_from(list(PLAIN)), max_size=3),
    st.lists(values, max_size=3),
)


def body(*rows: object, **more: object) -> bytes:
    return json.dumps({"instances": list(rows), **more}).encode()


@given(sent=st.lists(rows, min_size=1, max_size=3), ascii_only=st.booleans())
@settings(max_examples=1000)
def test_whatever_is_plain_is_read_as_normalise_reads_it(sent: list[Any], ascii_only: bool) -> None:
    """The same values of the same types in the same order, and nothing that is flagged."""
    text = json.dumps({"instances": sent}, ensure_ascii=ascii_only)
    read = CONTRACT.plain.read(text.encode("utf-8", "surrogatepass"), MOST)
    if read is None:
        return
    expected = [normalise(CONTRACT, row) for row in json.loads(text)["instances"]]
    assert not any(row.flags for row in expected)
    assert repr(read) == repr([row.values for row in expected]), "-0.0 and 0.0 differ, as do types"


@given(number=st.floats(-3.4e38, 3.4e38), digits=st.integers(1, 40))
def test_a_number_is_the_float_that_python_reads(number: float, digits: int) -> None:
    """However many digits tell it."""
    sent = body(PLAIN | {"any": 0}).replace(b'"any": 0', f'"any": {number:.{digits}e}'.encode())
    (row,) = CONTRACT.plain.read(sent, MOST) or [
        normalise(CONTRACT, json.loads(sent)["instances"][0]).values
    ]
    assert row["any"] == float(f"{number:.{digits}e}")


@pytest.mark.parametrize(
    "change",
    [{}, {"any": 7}, {"lenient": 1.5}, {"island": None}, {"note": ""}, {"day": "2000-01-01"}],
    ids=str,
)
def test_ordinary_rows_are_plain(change: dict[str, Any]) -> None:
    expected = [normalise(CONTRACT, PLAIN | change).values] * 2
    assert CONTRACT.plain.read(body(PLAIN | change, PLAIN | change), MOST) == expected


@pytest.mark.parametrize("sign", [1, -1])
def test_an_integer_is_not_rounded_into_the_range_of_numbers(sign: int) -> None:
    """JSON's integers may be longer than a float is exact."""
    beyond = PLAIN | {"any": sign * (int(LARGEST_NUMBER) + 1)}
    with pytest.raises(InvalidRow):
        normalise(CONTRACT, beyond)
    assert CONTRACT.plain.read(body(beyond), MOST) is None


def without(name: str) -> bytes:
    return body({key: value for key, value in PLAIN.items() if key != name})


@pytest.mark.parametrize(
    "sent",
    [
        body(PLAIN, options={}),
        body(),
        body(PLAIN | {"other": 1}),
        body(PLAIN | {"note": "a:b"}),
        body(PLAIN).replace(b'"any": 1.25', b'"any": 1.25, "any": 1.25'),
        without("lenient").replace(b'"any": 1.25', b'"any": 1.25, "any": 1.25'),
        body(PLAIN).replace(b'{"instances"', b'{"instances": [], "instances"'),
        without("lenient"),
        without("filled"),
        b"\xef\xbb\xbf" + body(PLAIN),
        body(PLAIN) + b"x",
        body(PLAIN).replace(b"1.25", b"NaN"),
        body(PLAIN).replace(b"1.25", b"1e999"),
        body(PLAIN).replace(b"Gr\\u00fc\\u00dfe", b"\\ud800"),
        body(PLAIN).replace(b"Gr\\u00fc\\u00dfe", b"\xff"),
        b"",
    ],
)
def test_fault_row_18_what_may_have_two_meanings_needs_a_closer_look(sent: bytes) -> None:
    """A field twice, above all: also where another is missing, so that the number fits."""
    assert CONTRACT.plain.read(sent, MOST) is None


def test_what_is_refused_is_never_plain() -> None:
    for change in ({"count": 9}, {"count": True}, {"yes": 1}, {"any": "1"}, {"note": "xxxxxx"}):
        with pytest.raises(InvalidRow):
            normalise(CONTRACT, PLAIN | change)
        assert CONTRACT.plain.read(body(PLAIN | change), MOST) is None


def test_fault_row_21_more_rows_than_may_be_are_not_even_read() -> None:
    """They would be refused all the same, having filled the memory."""
    assert CONTRACT.plain.read(body(*[PLAIN] * MOST), MOST)
    assert CONTRACT.plain.read(body(*[PLAIN] * (MOST + 1)), MOST) is None


@pytest.mark.parametrize(
    "sent",
    [
        body(*[[1]] * 9),
        body(PLAIN).replace(b"1.25", b"[[[1]]]"),
        body({**PLAIN, **{f"extra {n}": 1 for n in range(9)}}),
        body({}, {}),
        body(PLAIN, {}),
    ],
)
def test_fault_row_21_what_is_no_list_of_rows_is_not_even_read(
    sent: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Six megabytes of it would take gigabytes; where they end, the whole process does."""
    reader = PlainReader(CONTRACT.features)
    monkeypatch.setattr(reader, "_read", pytest.fail)
    assert reader.read(sent, MOST) is None


def test_no_text_is_kept_for_the_next_request() -> None:
    """It may be personal data."""
    one, other = (CONTRACT.plain.read(body(PLAIN | {"note": "Ada L"}), MOST) or [] for _ in "12")
    assert one == other == [PLAIN | {"note": "Ada L"}]
    assert one[0]["note"] is not other[0]["note"]
