"""A contract, the same one after a few edits, and rows for both; from small pools, so that
bounds, spellings and values meet."""

from typing import Any

from hypothesis import assume
from hypothesis import strategies as st
from pydantic import ValidationError

from model_store.contract import Contract

Definition = dict[str, Any]

NUMBERS = st.sampled_from([-1, 0, 1, 2, 5.0, 5.5])
WHOLE = st.sampled_from([-1, 0, 1, 2, 5])
DAYS = st.sampled_from(["1999-12-31", "2000-01-01", "2000-01-02"])
CATEGORIES = st.sampled_from(["a", "A", "b", "ß", "SS", " b", " "])
TEXTS = CATEGORIES | st.sampled_from(["", "B", " a ", "c", "abcd"])
POLICIES = st.sampled_from(["reject", "flag", "fallback"])

VALUES: dict[str, st.SearchStrategy[Any]] = {
    "number": NUMBERS,
    "integer": WHOLE,
    "date": DAYS,
    "boolean": st.booleans(),
    "text": TEXTS,
    "category": TEXTS,
}
ANY_VALUE = st.none() | st.one_of(*VALUES.values())


def _ranged(values: st.SearchStrategy[Any]) -> dict[str, st.SearchStrategy[Any]]:
    return {
        "minimum": st.none() | values,
        "maximum": st.none() | values,
        "exclusive_minimum": st.booleans(),
        "exclusive_maximum": st.booleans(),
        "out_of_range": POLICIES,
    }


FIELDS: dict[str, dict[str, st.SearchStrategy[Any]]] = {
    "number": _ranged(NUMBERS),
    "integer": _ranged(WHOLE),
    "date": _ranged(DAYS),
    "boolean": {},
    "text": {"max_length": st.integers(1, 4)},
    "category": {
        "categories": st.lists(CATEGORIES, min_size=1, max_size=3, unique=True),
        "unseen": POLICIES,
        "fold_case": st.booleans(),
        "trim": st.booleans(),
    },
}
COMMON: dict[str, st.SearchStrategy[Any]] = {
    "description": st.sampled_from(["", "What it is."]),
    "unit": st.sampled_from([None, "mm", "cm"]),
    "sensitive": st.booleans(),
}


@st.composite
def _missing(draw: st.DrawFn, kind: str) -> dict[str, Any]:
    policy = draw(st.sampled_from(["required", "allow", "default"]))
    return {"policy": policy} | ({"value": draw(VALUES[kind])} if policy == "default" else {})


@st.composite
def _feature(draw: st.DrawFn, name: str, kind: str) -> Definition:
    fields = {field: draw(values) for field, values in (COMMON | FIELDS[kind]).items()}
    return {"name": name, "kind": kind, "missing": draw(_missing(kind)), **fields}


KINDS = st.sampled_from(sorted(FIELDS))


@st.composite
def _edited(draw: st.DrawFn, features: list[Definition]) -> list[Definition]:
    place = draw(st.integers(0, len(features) - 1))
    feature = features[place]
    kind = feature["kind"]
    fields = COMMON | FIELDS[kind] | {"missing": _missing(kind)}
    edit = draw(st.sampled_from([*fields, *fields, "anew", "rename", "remove", "add", "turn"]))
    if edit == "turn":
        return features[::-1]
    if edit == "add":
        return [*features, draw(_feature(f"n{len(features)}", draw(KINDS)))]
    if edit == "remove" and len(features) > 1:
        return features[:place] + features[place + 1 :]
    if edit in fields:
        feature = feature | {edit: draw(fields[edit])}
    elif edit == "rename":
        feature = feature | {"name": f"{feature['name']}_new"}
    else:
        feature = draw(_feature(feature["name"], draw(KINDS)))
    return [*features[:place], feature, *features[place + 1 :]]


def _contract(features: list[Definition]) -> Contract:
    try:
        return Contract.model_validate({"name": "row", "version": "1.0", "features": features})
    except ValidationError:
        assume(False)
        raise


@st.composite
def pairs(draw: st.DrawFn) -> tuple[Contract, Contract]:
    features = [draw(_feature(f"f{n}", draw(KINDS))) for n in range(draw(st.integers(1, 2)))]
    old = _contract(features)
    for _ in range(draw(st.integers(0, 2))):
        features = draw(_edited(features))
    return old, _contract(features)


@st.composite
def rows(draw: st.DrawFn, contract: Contract) -> dict[str, Any]:
    """Mostly values of the right kind; sometimes none at all, sometimes any."""
    row = {}
    for feature in contract.features:
        value = draw(VALUES[feature.kind] | VALUES[feature.kind] | ANY_VALUE)
        if draw(st.integers(0, 5)):
            row[feature.name] = value
    return row
