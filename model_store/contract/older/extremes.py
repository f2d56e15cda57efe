"""The values that stand for all others of a feature."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from model_store.contract.features import (
    CategoryFeature,
    Date,
    FeatureBase,
    Integer,
    Number,
    Scalar,
    Text,
)
from model_store.contract.features.numeric import LARGEST_INTEGER, LARGEST_NUMBER

_UNSEEN = "\N{REPLACEMENT CHARACTER} never seen"


@dataclass(frozen=True, slots=True)
class Extreme:
    """A value of a normalised row, and how people call it. is_excluded: only what lies next to it
    occurs."""

    value: Scalar | None
    told: str
    is_excluded: bool = False


def extremes(feature: FeatureBase) -> Iterator[Extreme]:
    """What a normalised row can hold at most; all of it where that is a closed list."""
    if feature.may_be_null:
        yield Extreme(None, "a missing value")
    match feature:
        case Number() | Integer() | Date():
            yield from _ends(feature)
        case CategoryFeature():
            yield from _categories(feature)
        case Text():
            yield Extreme("", "an empty text")
            yield Extreme("x" * feature.max_length, f"a text of {feature.max_length} characters")
        case _:
            yield from (Extreme(True, "true"), Extreme(False, "false"))


def _ends(feature: Number | Integer | Date) -> Iterator[Extreme]:
    refuses = feature.out_of_range == "reject"
    first, last = _technical(feature)
    for bound, is_excluded, limit, inwards in (
        (feature.minimum, feature.exclusive_minimum, first, 1),
        (feature.maximum, feature.exclusive_maximum, last, -1),
    ):
        if bound is None or not refuses:
            yield Extreme(limit, "any value")
        elif is_excluded and not isinstance(bound, float):
            value = _next(bound, inwards)
            yield Extreme(value, str(value))
        else:
            yield Extreme(bound, f"{bound}", is_excluded)


def _technical(feature: Number | Integer | Date) -> tuple[Scalar, Scalar]:
    match feature:
        case Number():
            return -LARGEST_NUMBER, LARGEST_NUMBER
        case Integer():
            return -LARGEST_INTEGER, LARGEST_INTEGER
        case Date():
            return date.min.isoformat(), date.max.isoformat()


def _next(bound: int | str, step: int) -> Scalar:
    if isinstance(bound, int):
        return bound + step
    day = date.fromisoformat(bound).toordinal() + step
    return date.fromordinal(max(1, min(day, date.max.toordinal()))).isoformat()


def _categories(feature: CategoryFeature) -> Iterator[Extreme]:
    yield from (Extreme(category, f"the category {category}") for category in feature.categories)
    if feature.unseen != "reject":
        yield Extreme(_UNSEEN, "an unseen category")
        if not feature.trim:
            yield Extreme(" ", "a category of spaces alone")
