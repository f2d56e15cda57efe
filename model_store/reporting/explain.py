"""What `lambent policy explain` tells: for people as sections, for scripts as one document."""

from collections.abc import Iterator
from typing import Any

from model_store.artifact.facts import TradeOff
from model_store.artifact.manifest import Manifest
from model_store.reporting.measured import (
    calibration_section,
    conformal_section,
    novelty_section,
)
from model_store.reporting.outcomes import classes_section, outcomes_section, slices_section
from model_store.reporting.rules import fallback_section, policy_section
from model_store.reporting.section import Section
from model_store.reporting.selective import (
    Suggestion,
    accuracy,
    accuracy_interval,
    for_accuracy,
    for_cost,
)
from model_store.reporting.tradeoff import (
    accuracy_section,
    cost_section,
    pasted,
    tradeoff_section,
)

MOST_SLICES = 10
"""So many of the worst fit on a screen; the report has them all."""


def explained(
    manifest: Manifest, least_accuracy: float | None = None, most_cost: float | None = None
) -> Iterator[Section]:
    """Suggestions come last, for the targets that are given."""
    yield policy_section(manifest)
    yield fallback_section(manifest)
    yield outcomes_section(manifest)
    yield calibration_section(manifest)
    yield conformal_section(manifest)
    yield novelty_section(manifest)
    if classes := classes_section(manifest):
        yield classes
    yield slices_section(manifest, MOST_SLICES)
    yield tradeoff_section(manifest)
    if least_accuracy is not None:
        yield accuracy_section(manifest, least_accuracy)
    if most_cost is not None:
        yield cost_section(manifest, most_cost)


def document(
    manifest: Manifest, least_accuracy: float | None = None, most_cost: float | None = None
) -> dict[str, Any]:
    """Plain JSON; what the manifest does not hold is null."""
    curve = manifest.tradeoff
    suggestions = {}
    if least_accuracy is not None:
        suggestions["accuracy"] = _suggested(least_accuracy, for_accuracy(curve, least_accuracy))
    if most_cost is not None:
        suggestions["cost"] = _suggested(most_cost, for_cost(curve, most_cost))
    plain = manifest.model_dump(mode="json", include=_INCLUDED)
    sections = explained(manifest, least_accuracy, most_cost)
    return {
        "model": str(manifest.reference),
        **plain,
        "tradeoff": [_point(point) for point in curve],
        "suggestions": suggestions,
        "explained": {section.title: section.sentences for section in sections},
    }


_INCLUDED = {
    "task",
    "labels",
    "policy",
    "fallbacks",
    "outcomes",
    "calibration",
    "conformal",
    "novelty",
}


def _point(point: TradeOff) -> dict[str, Any]:
    return {
        **point.model_dump(mode="json"),
        "share_answered": point.answered / point.rows,
        "accuracy": accuracy(point),
        "accuracy_interval": accuracy_interval(point),
    }


def _suggested(target: float, found: Suggestion | None) -> dict[str, Any]:
    if found is None:
        return {"target": target, "reached": False, "best": None}
    told = {"worth": found.worth, "looked_at": found.looked_at, "point": _point(found.point)}
    if not found.reached:
        return {"target": target, "reached": False, "best": told, "rows_needed": found.rows_needed}
    return {"target": target, "reached": True, "declare": pasted(found), **told}
