"""How the held-out rows fall into parts by one feature at a time."""

from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise
from typing import Any

from model_store.artifact.manifest import Manifest
from model_store.artifact.outcomes import Score, Slice
from model_store.contract import Feature, Row
from model_store.contract.features import (
    Boolean,
    CategoryFeature,
    Date,
    Integer,
    Number,
    days_since_epoch,
)

LEAST_ROWS = 20
MOST_SLICES = 60
QUARTILES = ("0.25", "0.5", "0.75")

_Part = tuple[dict[str, Any], list[int]]


def slices_of(
    manifest: Manifest,
    rows: Sequence[Row],
    answered: frozenset[int],
    score: Callable[[Sequence[int]], Score],
) -> tuple[Slice, ...]:
    """The largest parts with enough rows, in the order of the contract.

    answered: places of the rows that the model answers. Sensitive features are left out, and so
    are values that nobody declared.
    """
    parts = [part for part in _parts(manifest, rows) if len(part[1]) >= LEAST_ROWS]
    largest = sorted(range(len(parts)), key=lambda number: -len(parts[number][1]))[:MOST_SLICES]
    return tuple(
        Slice(
            **named,
            rows=len(places),
            answers=score([place for place in places if place in answered]),
        )
        for named, places in (parts[number] for number in sorted(largest))
    )


def _parts(manifest: Manifest, rows: Sequence[Row]) -> Iterator[_Part]:
    """What names a part, and the places of its rows."""
    for feature in manifest.contract.features:
        if feature.sensitive:
            continue
        values = [row.values[feature.name] for row in rows]
        for told, matches in _tests(feature, manifest):
            places = [p for p, value in enumerate(values) if value is not None and matches(value)]
            yield {"feature": feature.name, **told}, places
        missing = [place for place, value in enumerate(values) if value is None]
        yield {"feature": feature.name}, missing


def _tests(
    feature: Feature, manifest: Manifest
) -> Iterator[tuple[dict[str, Any], Callable[[Any], bool]]]:
    match feature:
        case CategoryFeature():
            for category in feature.categories:
                yield {"value": category}, category.__eq__
        case Boolean():
            for truth in (False, True):
                yield {"value": truth}, truth.__eq__
        case Number() | Integer() | Date():
            yield from _ranges(feature, manifest)


def _ranges(
    feature: Number | Integer | Date, manifest: Manifest
) -> Iterator[tuple[dict[str, Any], Callable[[Any], bool]]]:
    """Up to four, by the quartiles of the training data; none where these are not known."""
    summary = manifest.baseline.get(feature.name)
    if summary is None or summary.quantiles is None:
        return
    bounds = sorted({summary.quantiles[level] for level in QUARTILES})
    for above, up_to in pairwise([None, *bounds, None]):
        yield {"above": above, "up_to": up_to}, _within(above, up_to)


def _within(above: float | None, up_to: float | None) -> Callable[[Any], bool]:
    def test(value: Any) -> bool:
        number = days_since_epoch(value) if isinstance(value, str) else value
        return (above is None or number > above) and (up_to is None or number <= up_to)

    return test
