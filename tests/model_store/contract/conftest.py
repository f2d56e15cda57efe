"""Contracts and JSON of every shape, for property tests."""

import string
from typing import Any

import pytest
from hypothesis import strategies as st

from model_store.contract import Contract

POLICIES = st.sampled_from(["reject", "flag", "fallback"])
WORDS = st.text(string.ascii_letters + "äß·İ ", min_size=1, max_size=6).map(str.strip)


@st.composite
def _bounds(draw: st.DrawFn, values: st.SearchStrategy[Any]) -> dict[str, Any]:
    low, high = sorted([draw(values), draw(values)])
    return {
        "minimum": draw(st.sampled_from([None, low])),
        "maximum": draw(st.sampled_from([None, high])),
        "exclusive_minimum": draw(st.booleans()),
        "exclusive_maximum": draw(st.booleans()),
        "out_of_range": draw(POLICIES),
    }


def _categories() -> st.SearchStrategy[list[str]]:
    from unicodedata import normalize

    word = WORDS.map(lambda text: normalize("NFC", text)).filter(bool)
    return st.lists(word, min_size=1, max_size=4, unique_by=str.casefold)


RULES: dict[str, st.SearchStrategy[dict[str, Any]]] = {
    "number": _bounds(st.floats(-1e6, 1e6)),
    "integer": _bounds(st.integers(-1000, 1000)),
    "date": _bounds(st.dates().map(str)),
    "boolean": st.just({}),
    "text": st.fixed_dictionaries({"max_length": st.integers(1, 20)}),
    "category": st.fixed_dictionaries(
        {
            "categories": _categories(),
            "unseen": POLICIES,
            "fold_case": st.booleans(),
            "trim": st.booleans(),
        }
    ),
}

JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(st.characters(), max_size=8)
    | st.dates().map(str),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(), inner, max_size=2),
    max_leaves=4,
)


@st.composite
def _features(draw: st.DrawFn, name: str) -> dict[str, Any]:
    kind = draw(st.sampled_from(sorted(RULES)))
    missing = draw(st.sampled_from(["required", "allow"]))
    return {"kind": kind, "name": name, "missing": {"policy": missing}, **draw(RULES[kind])}


@st.composite
def _contracts(draw: st.DrawFn) -> Contract:
    names = [f"f{number}" for number in range(draw(st.integers(1, 4)))]
    features = [draw(_features(name)) for name in names]
    return Contract.model_validate({"name": "row", "version": "1.0", "features": features})


@st.composite
def _contracts_with_rows(draw: st.DrawFn) -> tuple[Contract, dict[str, Any]]:
    """Rows whose values are often fit, sometimes garbage, sometimes absent or extra."""
    contract = draw(_contracts())
    row = {}
    for feature in contract.features:
        fit = draw(_fitting(feature))
        row[feature.name] = draw(st.just(fit) | JSON) if draw(st.booleans()) else fit
    if draw(st.integers(0, 5)) == 0:
        row[draw(st.text(st.characters(), max_size=8))] = draw(JSON)
    return contract, row


def _fitting(feature: Any) -> st.SearchStrategy[Any]:
    return {
        "number": st.floats(-1e6, 1e6) | st.integers(-1000, 1000),
        "integer": st.integers(-1000, 1000) | st.integers(-9, 9).map(float),
        "boolean": st.booleans(),
        "text": st.text(max_size=3),
        "date": st.dates().map(str),
        "category": st.sampled_from(getattr(feature, "categories", ("?",))).flatmap(
            lambda c: st.sampled_from([c, c.upper(), f" {c}\t", c.swapcase()])
        )
        | st.text(max_size=5),
    }[feature.kind]


@pytest.fixture(scope="session")
def contracts_with_rows() -> st.SearchStrategy[tuple[Contract, dict[str, Any]]]:
    return _contracts_with_rows()


@pytest.fixture(scope="session")
def contracts() -> st.SearchStrategy[Contract]:
    return _contracts()


@pytest.fixture(scope="session")
def json_values() -> st.SearchStrategy[Any]:
    return JSON
