"""Rows added to the held-out ones: everything odd that the contract lets through."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from model_store.contract import Contract, Feature, InvalidRow, Row, Scalar, normalise
from model_store.contract.features import (
    Boolean,
    CategoryFeature,
    Date,
    Default,
    Integer,
    Number,
    Required,
    Text,
)

UNSEEN = "never seen in training"
MOST_CATEGORIES = 50


@dataclass(frozen=True)
class Probe:
    """A row that the contract accepts, and what is special about it."""

    row: Row
    note: str


def probes(contract: Contract, base: Row) -> list[Probe]:
    """`base` with one feature changed at a time, as far as the contract accepts the change.

    Missing values, all of them together, every category and an unseen one, an empty text and an
    unseen one, both ends of each range and, where the contract asks only for a flag, beyond them.
    """
    changes = [(f.name, note, value) for f in contract.features for note, value in _odd(f)]
    found = [
        _probe(contract, {**base.values, name: value}, f"{name} {note}")
        for name, note, value in changes
    ]
    nullable = {f.name: None for f in contract.features if f.may_be_null}
    if nullable:
        found.append(_probe(contract, {**base.values, **nullable}, "all that may be is missing"))
    return [probe for probe in found if probe is not None and answered_by_model(probe.row)]


def answered_by_model(row: Row) -> bool:
    """Whether the contract lets the model answer this row, rather than the fallback."""
    return all(flag.action != "fallback" for flag in row.flags)


def typical_row(contract: Contract) -> Row:
    """An ordinary row known from the contract alone: no real person's values."""
    return normalise(contract, {f.name: typical(f) for f in contract.features})


def typical(feature: Feature) -> Scalar | None:
    """Missing or the default where allowed, else the first category or the middle of the range."""
    if isinstance(feature.missing, Default):
        return feature.missing.value
    return _ordinary(feature) if isinstance(feature.missing, Required) else None


def _ordinary(feature: Feature) -> Scalar:
    match feature:
        case CategoryFeature():
            return feature.categories[0]
        case Boolean():
            return False
        case Text():
            return "text"
        case Date():
            return feature.minimum or feature.maximum or "2000-01-01"
        case Integer():
            return round(_middle(feature.minimum, feature.maximum))
        case Number():
            return _middle(feature.minimum, feature.maximum)


def _middle(low: float | None, high: float | None) -> float:
    if low is not None and high is not None:
        return low + (high - low) / 2
    if low is not None:
        return low + 1
    return high - 1 if high is not None else 0


def _odd(feature: Feature) -> Iterator[tuple[str, Scalar | None]]:
    if feature.may_be_null:
        yield "missing", None
    match feature:
        case CategoryFeature():
            for category in feature.categories[:MOST_CATEGORIES]:
                yield "at a declared category", category
            yield "unseen", UNSEEN
        case Text():
            yield "empty", ""
            yield "unseen", UNSEEN
        case Boolean():
            yield "false", False
            yield "true", True
        case Number() | Integer() | Date():
            yield from _ends(feature)


def _ends(feature: Number | Integer | Date) -> Iterator[tuple[str, Scalar]]:
    if feature.minimum is not None:
        yield "at its minimum", feature.minimum
        if (below := _moved(feature.minimum, -1)) is not None:
            yield "below its minimum", below
    if feature.maximum is not None:
        yield "at its maximum", feature.maximum
        if (above := _moved(feature.maximum, 1)) is not None:
            yield "above its maximum", above


def _moved(bound: float | int | str, step: int) -> Scalar | None:
    """None past either end of the calendar."""
    if not isinstance(bound, str):
        return bound + step
    try:
        return (date.fromisoformat(bound) + timedelta(days=step)).isoformat()
    except OverflowError:
        return None


def _probe(contract: Contract, raw: dict[str, Scalar | None], note: str) -> Probe | None:
    try:
        return Probe(normalise(contract, raw), note)
    except InvalidRow:
        return None  # the contract refuses it, so no model ever sees it
