"""All that differs between two versions, for whoever calls them."""

from collections.abc import Iterator
from dataclasses import replace
from difflib import SequenceMatcher
from typing import Any

from model_store.artifact.manifest import Manifest
from model_store.compatibility.answers import ANSWERS
from model_store.compatibility.categories import CATEGORY
from model_store.compatibility.change import Change, Kind
from model_store.compatibility.decisions import DECISIONS
from model_store.compatibility.feature_rules import COMMON, TEXT, are_alike
from model_store.compatibility.ranges import RANGED
from model_store.compatibility.rule import Rule, always, compare, other, reworded
from model_store.compatibility.served import SERVED
from model_store.contract import Contract, Feature
from model_store.contract.features import Required

OF_KIND: dict[str, tuple[Rule[Any], ...]] = {
    "number": RANGED,
    "integer": RANGED,
    "date": RANGED,
    "category": CATEGORY,
    "text": TEXT,
    "boolean": (),
}

FEATURES_ARE_MATCHED_BY = "name"

CONTRACT: tuple[Rule[Contract], ...] = (
    Rule("name", frozenset({"name"}), other("name"), always(Kind.COMPATIBLE), ""),
    Rule(
        "description",
        frozenset({"description"}),
        reworded("description"),
        always(Kind.COMPATIBLE),
        "",
    ),
)

RULES_OF_A_MANIFEST = (*SERVED, *ANSWERS, *DECISIONS)
NOT_PROMISED = {
    **dict.fromkeys(("schema_version", "name", "version", "files"), "which artifact it is"),
    **dict.fromkeys(("title", "description"), "words about the model"),
    **dict.fromkeys(("inputs", "outputs.label", "outputs.value"), "inside the graph"),
    **dict.fromkeys(("outputs.novelty", "outputs.difficulty"), "inside the graph"),
    **dict.fromkeys(("calibration", "tradeoff", "metrics", "parity", "baseline"), "measured"),
    **dict.fromkeys(("outcomes", "conformal.levels.rows"), "measured"),
    **dict.fromkeys(("conformal.score", "conformal.rows"), "the guarantee is the same"),
    **dict.fromkeys(("conformal.levels.quantiles", "conformal.levels.observed"), "measured"),
    **dict.fromkeys(("conformal.levels.size", "novelty.threshold"), "measured"),
    **dict.fromkeys(("novelty.score", "novelty.rows", "novelty.observed"), "measured"),
    **dict.fromkeys(("novelty.note", "golden", "provenance"), "told, and never relied on"),
}
"""Fields of a manifest that may differ between any two versions, and why."""


def changes(old: Manifest, new: Manifest) -> tuple[Change, ...]:
    """Empty if a caller cannot tell the two apart but by how good the answers are."""
    return (
        *_of_contracts(old, new),
        *compare("contract", SERVED, old, new),
        *answer_changes(old, new),
        *compare("decisions", DECISIONS, old, new),
    )


def answer_changes(old: Manifest, new: Manifest) -> tuple[Change, ...]:
    """Of what comes back, whatever was sent."""
    return tuple(compare("answers", ANSWERS, old, new))


def _of_contracts(old: Manifest, new: Manifest) -> Iterator[Change]:
    """Who knows an older contract that is accepted meets that one, not the new one."""
    found = contract_changes(old.contract, new.contract)
    if older := new.accepted(old.contract.major):
        yield from (replace(change, backward=Kind.COMPATIBLE) for change in found)
        kept = contract_changes(old.contract, older.contract)
        yield from (replace(change, forward=Kind.COMPATIBLE) for change in kept)
    elif older := old.accepted(new.contract.major):
        yield from (replace(change, forward=Kind.COMPATIBLE) for change in found)
        kept = contract_changes(older.contract, new.contract)
        yield from (replace(change, backward=Kind.COMPATIBLE) for change in kept)
    else:
        yield from found


def contract_changes(old: Contract, new: Contract) -> tuple[Change, ...]:
    """Of what is sent. Empty if the two differ in their version at most."""
    return (*compare("contract", CONTRACT, old, new), *_features(old, new))


def _features(old: Contract, new: Contract) -> Iterator[Change]:
    gone = [feature for feature in old.features if feature.name not in new.by_name]
    come = [feature for feature in new.features if feature.name not in old.by_name]
    for before in gone:
        if after := _renamed(before, come):
            come.remove(after)
            yield _rename(before, after)
        else:
            yield _removal(before)
    yield from map(_addition, come)
    for feature in old.features:
        if counterpart := new.by_name.get(feature.name):
            yield from _feature(feature, counterpart)
    kept = [name for name in old.names if name in new.by_name]
    if kept != [name for name in new.names if name in old.by_name]:
        yield _order()


def _feature(old: Any, new: Any) -> Iterator[Change]:
    where = f"feature {old.name}"
    yield from compare(where, COMMON, old, new)
    if are_alike(old, new):
        yield from compare(where, OF_KIND[old.kind], old, new)


def _renamed(gone: Feature, come: list[Feature]) -> Feature | None:
    """The new feature that is like it but for its name; of several, that of the closest name."""
    alike = [feature for feature in come if _nameless(feature) == _nameless(gone)]
    return max(alike, key=lambda f: SequenceMatcher(None, gone.name, f.name).ratio(), default=None)


def _nameless(feature: Feature) -> Feature:
    return feature.model_copy(update={"name": "", "description": ""})


def _rename(old: Feature, new: Feature) -> Change:
    return Change(
        where=f"feature {old.name}",
        rule="renamed",
        what=f"is called {new.name}, or is gone while {new.name} is new",
        way_out=f"Call it {old.name} again, and rename the column inside the pipeline",
        backward=Kind.BREAKING,
        forward=Kind.BREAKING,
    )


def _removal(feature: Feature) -> Change:
    needed = isinstance(feature.missing, Required)
    return Change(
        where=f"feature {feature.name}",
        rule="removed",
        what="is gone: who sends it is refused",
        way_out="Keep it in the class, even if the model does not look at it",
        backward=Kind.BREAKING,
        forward=Kind.BREAKING if needed else Kind.COMPATIBLE,
    )


def _addition(feature: Feature) -> Change:
    needed = isinstance(feature.missing, Required)
    return Change(
        where=f"feature {feature.name}",
        rule="added",
        what="is new, and required" if needed else "is new, and may be missing",
        way_out="Let it be missing: write `| None = None`, or a default",
        backward=Kind.BREAKING if needed else Kind.COMPATIBLE,
        forward=Kind.BREAKING,
        is_addition=not needed,
    )


def _order() -> Change:
    return Change(
        where="contract",
        rule="order",
        what="the features stand in another order; they are known by name",
        way_out="",
        backward=Kind.COMPATIBLE,
        forward=Kind.COMPATIBLE,
    )
