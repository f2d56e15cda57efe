"""What a piece of a rule is, and which pieces may be compared, by the contract."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches
from typing import Literal

from model_store.contract import Contract
from model_store.contract.features import Boolean, CategoryFeature, Date, FeatureBase, Text
from model_store.contract.violations import Refusal
from model_store.fallbacks.expression import Comparison, FeatureOf, Node, Value
from model_store.packaging.fallbacks.cel import Ast, RuleText

SHOWN = 10

Kind = Literal["a number", "true or false", "text", "a date", "null"]


@dataclass(frozen=True)
class Part:
    """A piece of the rule: what it is compiled to, its kind, and where it is written."""

    node: Node
    kind: Kind
    ast: Ast


class Fitting:
    """Checks both sides of a comparison against each other."""

    def __init__(self, contract: Contract, rule: RuleText) -> None:
        self._features, self._rule = contract.by_name, rule

    def alike(self, op: str, a: Part, b: Part) -> tuple[Part, Part]:
        """Both sides of a comparison, constants spelled as rows hold them."""
        if "null" in (a.kind, b.kind):
            self._check_null(op, a, b)
            return a, b
        a, b = self._spelled(a, b), self._spelled(b, a)
        if a.kind != b.kind:
            chained = isinstance(a.node, Comparison) and b.kind == "a number"
            way_out = "Write 1 < x && x < 5" if chained else "Compare values of one kind"
            what = f"{self._rule.source(a.ast)} is {a.kind}, {self._rule.source(b.ast)} is {b.kind}"
            raise self._rule.refused(a.ast, what, way_out)
        return a, b

    def _check_null(self, op: str, a: Part, b: Part) -> None:
        feature, null = (a, b) if b.kind == "null" else (b, a)
        if op not in ("==", "!=") or not isinstance(feature.node, FeatureOf):
            what = "null is compared with a feature alone, by == or !="
            raise self._rule.refused(
                null.ast, what, "Write x == null, and join it to the rest by && or ||"
            )
        name = feature.node.f
        if not self._features[name].may_be_null:
            way_out = "Leave this out, or let the feature be missing: `| None = None`"
            raise self._rule.refused(feature.ast, f"{name} is never null by the contract", way_out)

    def _spelled(self, part: Part, other: Part) -> Part:
        if not isinstance(part.node, Value) or not isinstance(part.node.v, str):
            return part
        if other.kind == "a date":
            return replace(part, node=self._date(part, part.node.v), kind="a date")
        feature = self._features[other.node.f] if isinstance(other.node, FeatureOf) else None
        if isinstance(feature, CategoryFeature):
            return replace(part, node=self._category(part, part.node.v, feature))
        return part

    def _date(self, part: Part, text: str) -> Value:
        try:
            Date(name="day").read(text)
        except Refusal as refusal:
            what = f"{self._rule.source(part.ast)} {refusal.message}"
            raise self._rule.refused(part.ast, what, "Write it like '2024-01-31'") from None
        return Value(v=text)

    def _category(self, part: Part, text: str, feature: CategoryFeature) -> Value:
        known = text if text in feature.categories else _read_category(feature, text)
        if known is None:
            what = f"{self._rule.source(part.ast)} is not a declared category of {feature.name}"
            raise self._rule.refused(part.ast, what, closest(text, feature.categories))
        return Value(v=known)


def kind_of(feature: FeatureBase) -> Kind:
    match feature:
        case Boolean():
            return "true or false"
        case CategoryFeature() | Text():
            return "text"
        case Date():
            return "a date"
        case _:
            return "a number"


def _read_category(feature: CategoryFeature, text: str) -> str | None:
    """In the spelling of the contract, as rows are read; None for one that is not declared."""
    if not text.strip():
        return None  # it would be read as a missing value
    try:
        known, flag = feature.read(text)
    except Refusal:
        return None
    return None if flag else str(known)


def closest(word: str, known: Sequence[str]) -> str:
    close = get_close_matches(word, known, n=1)
    return f"Perhaps {close[0]} is meant" if close else f"Write one of {_listing(known)}"


def _listing(known: Sequence[str]) -> str:
    more = len(known) - SHOWN
    return ", ".join(known[:SHOWN]) + (f" and {more} more" if more > 0 else "")
