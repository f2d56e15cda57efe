"""A rule: which fields it speaks for, how it tells them apart, and what that does to a caller."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from operator import attrgetter
from typing import Generic, TypeVar

from model_store.compatibility.change import Asks, Change, Kind

T = TypeVar("T")


def never(_old: object, _new: object) -> bool:
    return False


def major(_old: object, _new: object) -> Asks:
    return "major"


@dataclass(frozen=True)
class Rule(Generic[T]):
    """`reads`: the fields that need no other rule. `told`: what differs, empty for nothing.

    `effect`: what happens to who knows the first and meets the second; asked both ways around.
    """

    id: str
    reads: frozenset[str]
    told: Callable[[T, T], str]
    effect: Callable[[T, T], Kind]
    way_out: str
    is_addition: Callable[[T, T], bool] = never
    asks: Callable[[T, T], Asks] = major


def compare(where: str, rules: Sequence[Rule[T]], old: T, new: T) -> Iterator[Change]:
    for rule in rules:
        if what := rule.told(old, new):
            yield Change(
                where=where,
                rule=rule.id,
                what=what,
                way_out=rule.way_out,
                backward=rule.effect(old, new),
                forward=rule.effect(new, old),
                is_addition=rule.is_addition(old, new),
                asks=rule.asks(old, new),
            )


def always(kind: Kind) -> Callable[[object, object], Kind]:
    return lambda _a, _b: kind


def other(field: str) -> Callable[[object, object], str]:
    """Tells a field by its values: "mm → cm"."""
    value = attrgetter(field)

    def told(old: object, new: object) -> str:
        before, after = value(old), value(new)
        return "" if before == after else f"{spell(before)} → {spell(after)}"

    return told


def reworded(field: str) -> Callable[[object, object], str]:
    """Tells that a text for people differs, not the text."""
    value = attrgetter(field)
    return lambda old, new: "" if value(old) == value(new) else "other words"


def spell(value: object) -> str:
    return "none" if value is None else str(value)
