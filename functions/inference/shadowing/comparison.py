"""How two versions' answers to one request differ: counts, never a value. Pure."""

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeGuard

VALUE_TOLERANCE = 0.01
"""Numbers that differ by less than this share of the larger one agree."""


class NotComparable(Exception):
    """The other version's answer is none, or not to the same rows."""


@dataclass(frozen=True, slots=True)
class Difference:
    """Over the rows of one request. confidence: by how much the other version is surer of its
    answers, on average of the rows that both models answered; None without such rows.
    """

    predictions: int
    disagreements: int
    live_abstentions: int
    shadow_abstentions: int
    live_fallbacks: int
    shadow_fallbacks: int
    confidence: float | None = None


def compare(live: Mapping[str, Any], shadow: Mapping[str, Any]) -> Difference:
    """Two responses of the function to API Gateway; raises NotComparable.

    Rows disagree if another kind of answer was decided, or the labels differ, or the numbers by
    more than VALUE_TOLERANCE.
    """
    ours, theirs = _predictions(live), _predictions(shadow)
    if len(ours) != len(theirs):
        raise NotComparable
    pairs = list(zip(ours, theirs, strict=True))
    return Difference(
        predictions=len(pairs),
        disagreements=sum(not _agree(*pair) for pair in pairs),
        live_abstentions=_count(ours, "abstain"),
        shadow_abstentions=_count(theirs, "abstain"),
        live_fallbacks=_count(ours, "fallback"),
        shadow_fallbacks=_count(theirs, "fallback"),
        confidence=_surer(pairs),
    )


def _predictions(response: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
    if response.get("statusCode") != 200:
        raise NotComparable
    try:
        found = json.loads(response["body"])["predictions"]
    except (KeyError, TypeError, ValueError, RecursionError):
        raise NotComparable from None
    if not isinstance(found, list) or not all(isinstance(row, dict) for row in found):
        raise NotComparable
    return found


def _agree(live: Mapping[str, Any], shadow: Mapping[str, Any]) -> bool:
    same = live.get("decision") == shadow.get("decision")
    return same and _alike(live.get("value"), shadow.get("value"))


def _alike(one: object, other: object) -> bool:
    if _is_number(one) and _is_number(other) and float in (type(one), type(other)):
        return math.isclose(one, other, rel_tol=VALUE_TOLERANCE, abs_tol=1e-9)
    return type(one) is type(other) and one == other


def _is_number(value: object) -> TypeGuard[float]:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _count(rows: Sequence[Mapping[str, Any]], decision: str) -> int:
    return sum(row.get("decision") == decision for row in rows)


def _surer(pairs: Sequence[tuple[Mapping[str, Any], Mapping[str, Any]]]) -> float | None:
    sure = [(live.get("confidence"), shadow.get("confidence")) for live, shadow in pairs]
    shifts = [theirs - ours for ours, theirs in sure if _is_number(ours) and _is_number(theirs)]
    return sum(shifts) / len(shifts) if shifts else None
