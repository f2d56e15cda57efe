"""An older contract, a newer one, and how rows of the first are read by the second: drawn so that
many are provable, and many are not."""

from typing import Any

from hypothesis import assume
from hypothesis import strategies as st
from pydantic import ValidationError

from model_store.contract import Contract, Fixed, Mapped, Renamed, Scaled, Upcast

Definition = dict[str, Any]

POOLS: dict[str, list[Any]] = {
    "number": [-1, 0, 0.1, 1, 5, 5.5, 70, 5e-324, 1e300, 3e38],
    "integer": [-1, 0, 1, 5, 70, 2**53 - 1],
    "date": ["0001-01-01", "1999-12-31", "2000-01-01", "9999-12-31"],
    "boolean": [True, False],
    "text": ["", " ", "a", "abcd"],
    "category": ["a", "A", "b", " b", "ß", "SS", " ", "c", "\u0958" * 200, "z" * 200],
}
SCALES = st.sampled_from([0.001, 0.1, 1.0, 10.0, 1000.0, -1.0, 5 / 9, 1e30])
POLICIES = st.sampled_from(["reject", "reject", "flag", "fallback"])
WORDS = ["a", "b", "c"]


def _missing() -> st.SearchStrategy[Definition]:
    return st.sampled_from([{"policy": "required"}, {"policy": "allow"}])


@st.composite
def _rules(draw: st.DrawFn, kind: str) -> Definition:
    if kind == "category":
        words = st.lists(st.sampled_from(WORDS), min_size=1, max_size=3, unique=True)
        flags = {name: draw(st.booleans()) for name in ("fold_case", "trim")}
        return {"categories": draw(words), "unseen": draw(POLICIES), **flags}
    if kind == "text":
        return {"max_length": draw(st.integers(1, 4))}
    if kind == "boolean":
        return {}
    pool = [-1, 0, 1, 5, 70] if kind != "date" else POOLS["date"]
    low, high = sorted(draw(st.tuples(*[st.sampled_from(pool)] * 2)))
    return {
        "minimum": draw(st.sampled_from([None, low])),
        "maximum": draw(st.sampled_from([None, high])),
        "exclusive_minimum": draw(st.booleans()),
        "exclusive_maximum": draw(st.booleans()),
        "out_of_range": draw(POLICIES),
    }


KINDS = {"scaled": ["number", "number", "integer"], "mapped": ["category"]}


@st.composite
def _older(draw: st.DrawFn, name: str, source: str) -> Definition:
    kind = draw(st.sampled_from(KINDS.get(source, [*POOLS])))
    return {"name": name, "kind": kind, "missing": draw(_missing()), **draw(_rules(kind))}


@st.composite
def _newer(draw: st.DrawFn, older: Definition, source: str) -> tuple[Definition, Any]:
    """A feature made from an older one, and its source."""
    kind, name = older["kind"], older["name"]
    if source == "scaled":
        return _scaled(older, draw(SCALES), draw(st.sampled_from([0.0, 0.0, 1.0, -0.5])), draw)
    if source == "mapped":
        categories = {word: draw(st.sampled_from(WORDS)) for word in older["categories"]}
        found = {"kind": kind, "name": "other", **draw(_rules(kind)), "missing": draw(_missing())}
        return found, Mapped(was=name, categories=categories)
    if source == "fixed":
        found = {"kind": kind, "name": "other", **draw(_rules(kind)), "missing": draw(_missing())}
        return found, Fixed(value=draw(st.sampled_from([None, *POOLS[kind]])))
    rules = draw(_rules(kind)) if source == "changed" else {}
    return {**older, **rules, "name": "other", "missing": draw(_missing())}, Renamed(was=name)


def _scaled(
    older: Definition, scale: float, offset: float, draw: st.DrawFn
) -> tuple[Definition, Any]:
    """With the older range, converted, or any other."""
    ends = [
        None if older[end] is None else older[end] * scale + offset
        for end in ("minimum", "maximum")
    ]
    excluded = [older["exclusive_minimum"], older["exclusive_maximum"]]
    if scale < 0:
        ends, excluded = ends[::-1], excluded[::-1]
    kind = draw(st.sampled_from(["number", older["kind"]]))
    whole = [None if end is None else round(end) for end in ends] if kind == "integer" else ends
    found = {
        **older,
        "kind": kind,
        "name": "other",
        "minimum": whole[0],
        "maximum": whole[1],
        "exclusive_minimum": excluded[0],
        "exclusive_maximum": excluded[1],
        "out_of_range": draw(POLICIES),
        "missing": draw(_missing()),
    }
    return found, Scaled(was=older["name"], scale=scale, offset=offset)


@st.composite
def pairs(draw: st.DrawFn) -> tuple[Upcast, Contract]:
    """One feature that is read otherwise, and one that is called the same in both."""
    how = draw(st.sampled_from(["renamed", "changed", "scaled", "mapped", "fixed"]))
    older, same = draw(_older("x", how)), draw(_older("y", "same"))
    newer, source = draw(_newer(older, how))
    old = _contract("1.0", [older, same])
    return Upcast(contract=old, features={"other": source}), _contract("2.0", [newer, same])


def _contract(version: str, features: list[Definition]) -> Contract:
    try:
        return Contract.model_validate({"name": "row", "version": version, "features": features})
    except ValidationError:
        assume(False)
        raise


@st.composite
def rows(draw: st.DrawFn, contract: Contract) -> dict[str, Any]:
    return {
        f.name: draw(st.sampled_from([None, *POOLS[f.kind], *_near(f)])) for f in contract.features
    }


def _near(feature: Any) -> list[Any]:
    """The ends of a range, which are where it breaks."""
    if feature.kind not in ("number", "integer"):
        return []
    ends = [end for end in (feature.minimum, feature.maximum) if end is not None]
    steps = (0.0, 5e-324, -5e-324, 1e-9, -1e-9) if feature.kind == "number" else (0, 1, -1)
    return [end + step for end in ends for step in steps]
