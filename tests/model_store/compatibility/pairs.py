"""Contracts before and after a few edits; from small pools, so that bounds, spellings and values
meet, and every value can be tried."""

from typing import Any

from hypothesis import assume
from hypothesis import strategies as st
from pydantic import ValidationError

from model_store.contract import Contract

Definition = dict[str, Any]
Pair = tuple[Contract, Contract]

POOLS: dict[str, list[Any]] = {
    "number": [-1, 0, 1, 2, 5.0, 5.5],
    "integer": [-1, 0, 1, 2, 5],
    "date": ["1999-12-31", "2000-01-01", "2000-01-02"],
    "boolean": [True, False],
    "text": ["", " ", "a", "A", " a ", "abcd"],
    "category": ["a", "A", "b", " b", "ß", "SS", " "],
}
VALUES = [None, *(value for pool in POOLS.values() for value in pool)]
POLICIES = st.sampled_from(["reject", "flag", "fallback"])
FLAGS = st.booleans()


def _ranged(kind: str) -> dict[str, st.SearchStrategy[Any]]:
    bound = st.none() | st.sampled_from(POOLS[kind])
    return {
        "minimum": bound,
        "maximum": bound,
        "exclusive_minimum": FLAGS,
        "exclusive_maximum": FLAGS,
        "out_of_range": POLICIES,
    }


def _missing(kind: str) -> st.SearchStrategy[Any]:
    default = st.sampled_from(POOLS[kind])
    return st.sampled_from([{"policy": "required"}, {"policy": "allow"}]) | st.builds(
        lambda value: {"policy": "default", "value": value}, default
    )


_CATEGORIES = st.lists(st.sampled_from(POOLS["category"]), min_size=1, max_size=3, unique=True)
OF_KIND: dict[str, dict[str, st.SearchStrategy[Any]]] = {
    "number": _ranged("number"),
    "integer": _ranged("integer"),
    "date": _ranged("date"),
    "boolean": {},
    "text": {"max_length": st.integers(1, 4)},
    "category": {
        "categories": _CATEGORIES,
        "unseen": POLICIES,
        "fold_case": FLAGS,
        "trim": FLAGS,
    },
}
FIELDS = {kind: {"missing": _missing(kind), **fields} for kind, fields in OF_KIND.items()}
SAID = {
    "description": st.sampled_from(["", "What it is."]),
    "unit": st.sampled_from([None, "mm"]),
    "sensitive": FLAGS,
}
KINDS = st.sampled_from([*FIELDS, "number", *["category"] * 4])


def _feature(name: str) -> st.SearchStrategy[Definition]:
    return KINDS.flatmap(
        lambda kind: st.fixed_dictionaries(
            {"name": st.just(name), "kind": st.just(kind), **FIELDS[kind]}
        )
    )


def _contract(features: list[Definition]) -> Contract:
    try:
        return Contract.model_validate({"name": "row", "version": "1.0", "features": features})
    except ValidationError:
        assume(False)
        raise


@st.composite
def one_feature(draw: st.DrawFn) -> Pair:
    """The same feature, with up to two of its fields drawn again, or turned from whole numbers
    into any."""
    before = draw(_feature("x"))
    fields = FIELDS[before["kind"]]
    edited = draw(st.lists(st.sampled_from([*fields]), min_size=1, max_size=2, unique=True))
    after = before | {field: draw(fields[field]) for field in edited}
    after |= {field: not before[field] for field in edited if type(before[field]) is bool}
    if "categories" in edited and draw(FLAGS):
        after["categories"] = [*before["categories"], draw(st.sampled_from(POOLS["category"]))]
    if before["kind"] in ("integer", "number") and draw(st.integers(0, 3)) == 0:
        after["kind"] = draw(st.sampled_from(["integer", "number"]))
    return _contract([before]), _contract([after])


@st.composite
def whole(draw: st.DrawFn) -> Pair:
    """Features come, go, are renamed, turned around, described otherwise, or drawn again."""
    features = [draw(_feature(name)) for name in ("x", "y")]
    old = _contract(features)
    edit = draw(st.sampled_from(["none", "come", "go", "rename", "turn", "say", "anew"]))
    first, second = features
    said = {field: draw(values) for field, values in SAID.items()} if edit == "say" else {}
    edits: dict[str, list[Definition]] = {
        "none": features,
        "come": [*features, draw(_feature("z"))],
        "go": [second],
        "rename": [first | {"name": "z"}, second],
        "turn": [second, first],
        "say": [first | said, second],
        "anew": [draw(_feature("x")), second],
    }
    return old, _contract(edits[edit])


@st.composite
def row(draw: st.DrawFn, contract: Contract) -> dict[str, Any]:
    """Mostly values of the right kind, sometimes none at all."""
    sent = {f.name: draw(st.sampled_from([None, *POOLS[f.kind]])) for f in contract.features}
    return {name: value for name, value in sent.items() if draw(st.integers(0, 4))}
