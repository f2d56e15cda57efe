"""Whether the model is believed, row by row: pure, by the policy of the manifest."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import compress
from typing import Any

import numpy as np

from model_store.artifact.manifest import Manifest
from model_store.contract import Row
from model_store.decision.asked import Asked, check
from model_store.decision.verdicts import Declined, Verdict
from model_store.outputs import Outputs
from model_store.policy import Action, key
from model_store.predictions import (
    AbstainPrediction,
    Interval,
    Label,
    ModelPrediction,
    PredictionSet,
    Reason,
)
from model_store.uncertainty.conformal import Intervals, Level, PredictionSets
from model_store.uncertainty.novelty import are_novel
from model_store.uncertainty.scores import half_widths, lac_sets, sets_of

PLACES = 4
"""Probabilities are rounded so that repeated queries reveal less of the model (threats ML03-05)."""

_STRENGTH: dict[Action, int] = {"answer": 0, "review": 1, "abstain": 2, "fallback": 3}
_NONE_ASKED = Asked()


def judge(
    outputs: Outputs, rows: Sequence[Row], manifest: Manifest, asked: Asked = _NONE_ASKED
) -> list[Verdict]:
    """One verdict per row, in order; raises OptionRefused.

    A row whose flag asks for the fallback, or whose output is unusable, is declined; the others
    are judged by the manifest's policy.
    """
    check(asked, manifest)
    weighed = _weigh(outputs, rows, manifest, asked)
    return [_verdict(weighed, index, row) for index, row in enumerate(rows)]


@dataclass(frozen=True, slots=True, eq=False)
class _Weighed:
    """What the answers of N rows are worth: every sequence holds one item per row."""

    message: str
    unusable: frozenset[int]
    values: Sequence[Label | float]
    confidences: Sequence[float | None]
    doubts: Sequence[dict[Reason, Action]]
    sets: Sequence[PredictionSet | None]
    intervals: Sequence[Interval | None]
    probabilities: Sequence[dict[str, float] | None]


@dataclass(frozen=True, slots=True, eq=False)
class _Given:
    """What the model gave for N rows, by the terms of one level. By lists: most requests have one
    row, and each operation on an array takes longer than all that is done with that.

    places: the column of each answer. inside: per row, which labels are in its set. reach: half
    the width of each interval.
    """

    outputs: Outputs
    places: list[int]
    shares: list[list[float]] | None
    confidences: Sequence[float | None]
    inside: list[list[bool]] | None
    reach: list[float] | None


def _given(outputs: Outputs, manifest: Manifest, level: Level | None, rows: int) -> _Given:
    places = answer_columns(outputs, manifest)
    shares = None if outputs.probabilities is None else outputs.probabilities.tolist()
    confidences: Sequence[float | None] = [None] * rows
    if shares is not None:
        pairs = zip(shares, places, strict=True)
        confidences = [_rounded(row[place]) for row, place in pairs]
    inside = _inside(outputs, shares, manifest, level)
    reach = _reach(outputs, manifest, level, rows)
    return _Given(outputs, places, shares, confidences, inside, reach)


def _weigh(outputs: Outputs, rows: Sequence[Row], manifest: Manifest, asked: Asked) -> _Weighed:
    level, count = _level(manifest, asked), len(rows)
    given = _given(outputs, manifest, level, count)
    doubts: list[dict[Reason, Action]] = [{} for _ in rows]
    for reason, action, where in _causes(given, rows, manifest, asked):
        for index in compress(range(count), where):
            doubts[index][reason] = action
    return _Weighed(
        message=manifest.policy.message,
        unusable=outputs.unusable,
        values=_values(given, manifest),
        confidences=given.confidences,
        doubts=doubts,
        sets=_sets(given, level, manifest, count),
        intervals=_intervals(given, level, count),
        probabilities=_probabilities(given, manifest, asked, count),
    )


def _level(manifest: Manifest, asked: Asked) -> Level | None:
    if manifest.conformal is None:
        return None
    levels = manifest.conformal.levels
    if asked.coverage is None:
        return min(levels, key=lambda level: level.coverage)
    return next((level for level in levels if level.coverage == asked.coverage), None)


def answer_columns(outputs: Outputs, manifest: Manifest) -> list[int]:
    """The column of each row's answer; empty for a regression.

    With costs, it is the answer of least expected cost.
    """
    costs = manifest.policy.cost_matrix(manifest.labels)
    if costs is not None and outputs.probabilities is not None:
        cheapest: list[int] = (outputs.probabilities @ costs).argmin(axis=1).tolist()
        return cheapest
    place = _places(manifest.labels)
    return [place[label] for label in outputs.labels]


@lru_cache(maxsize=16)
def _places(labels: tuple[Label, ...]) -> dict[Label, int]:
    return {label: index for index, label in enumerate(labels)}


def _causes(
    given: _Given, rows: Sequence[Row], manifest: Manifest, asked: Asked
) -> Iterator[tuple[Reason, Action, list[bool]]]:
    """Every cause of doubt, what the policy does about it, and whether it holds, per row."""
    policy, outputs = manifest.policy, given.outputs
    if manifest.novelty is not None:
        novel = are_novel(manifest.novelty, manifest.usual, outputs.novelty, rows)
        yield Reason.NOVEL, policy.novel, novel
    if given.shares is not None and (policy.may_be_unsure or asked.least_confidence):
        yield Reason.LOW_CONFIDENCE, policy.low_confidence, _unsure(given, manifest, asked)
    if given.inside is not None:
        sizes = [sum(row) for row in given.inside]
        yield Reason.AMBIGUOUS, policy.ambiguous, [size > 1 for size in sizes]
        # At the policy's own coverage: asking for more would fill an empty set, and be looser.
        own = _level(manifest, _NONE_ASKED) if asked.coverage else None
        by_policy = _inside(outputs, given.shares, manifest, own) or given.inside
        yield Reason.NO_LABEL_FITS, policy.ambiguous, [not any(row) for row in by_policy]
    if given.reach is not None and policy.widest:
        wide = [2 * reach > policy.widest for reach in given.reach]
        yield Reason.WIDE_INTERVAL, policy.ambiguous, wide


def _unsure(given: _Given, manifest: Manifest, asked: Asked) -> list[bool]:
    """By the confidence as callers see it: a float32 0.7 is a hair below 0.7."""
    policy = manifest.policy
    thresholds = policy.thresholds(manifest.labels, asked.least_confidence).tolist()
    pairs = zip(given.confidences, given.places, strict=True)
    unsure = [(confidence or 0.0) < thresholds[place] for confidence, place in pairs]
    costs, shares = policy.cost_matrix(manifest.labels), given.outputs.probabilities
    if costs is None or policy.most_cost is None or shares is None:
        return unsure
    expected = (shares @ costs)[np.arange(len(shares)), given.places]
    dear = (expected > policy.most_cost).tolist()
    return [is_unsure or is_dear for is_unsure, is_dear in zip(unsure, dear, strict=True)]


def _inside(
    outputs: Outputs, shares: list[list[float]] | None, manifest: Manifest, level: Level | None
) -> list[list[bool]] | None:
    sets = manifest.conformal
    if not isinstance(sets, PredictionSets) or level is None or shares is None:
        return None
    if sets.score == "lac":
        return lac_sets(level, shares)
    found: list[list[bool]] = sets_of(sets, level, np.asarray(outputs.probabilities)).tolist()
    return found


def _reach(
    outputs: Outputs, manifest: Manifest, level: Level | None, rows: int
) -> list[float] | None:
    if not isinstance(manifest.conformal, Intervals) or level is None:
        return None
    found: list[float] = half_widths(manifest.conformal, level, outputs.difficulty, rows).tolist()
    return found


def _verdict(weighed: _Weighed, index: int, row: Row) -> Verdict:
    if reason := _why_not(weighed, index, row):
        return Declined(reason)
    doubts = weighed.doubts[index]
    worst = max(doubts, key=lambda reason: _STRENGTH[doubts[reason]], default=None)
    if worst and doubts[worst] == "fallback":
        return Declined(worst)
    if worst and doubts[worst] == "abstain":
        return _abstention(weighed, index, row, worst)
    return _answer(weighed, index, row)


def _why_not(weighed: _Weighed, index: int, row: Row) -> Reason | None:
    """Why the model is not to be believed about one row, whatever the policy; None if it is."""
    for flag in row.flags:
        if flag.action == "fallback":
            return Reason(flag.reason)
    return Reason.INVALID_OUTPUT if index in weighed.unusable else None


def _answer(weighed: _Weighed, index: int, row: Row) -> ModelPrediction:
    doubts = weighed.doubts[index]
    told: dict[str, Any] = {
        "prediction_set": weighed.sets[index],
        "interval": weighed.intervals[index],
        "probabilities": weighed.probabilities[index],
        "doubts": tuple(doubts),
        "needs_review": "review" in doubts.values(),
        "flags": row.flags,
    }
    return ModelPrediction(
        value=weighed.values[index],
        confidence=weighed.confidences[index],
        # What is the default costs as much to check as to tell: half of the time in a batch.
        **{name: value for name, value in told.items() if value},
    )


def _abstention(weighed: _Weighed, index: int, row: Row, reason: Reason) -> AbstainPrediction:
    return AbstainPrediction(
        reason=reason,
        message=weighed.message,
        prediction_set=weighed.sets[index],
        interval=weighed.intervals[index],
        needs_review=True,
        flags=row.flags,
    )


def _values(given: _Given, manifest: Manifest) -> list[Label | float]:
    if given.outputs.values is not None:
        return [_shortest(value) for value in given.outputs.values]
    return [manifest.labels[place] for place in given.places]


def _sets(
    given: _Given, level: Level | None, manifest: Manifest, rows: int
) -> list[PredictionSet | None]:
    """Rows with the same set share it."""
    if given.inside is None or level is None:
        return [None] * rows
    patterns = list(map(tuple, given.inside))
    made = {
        pattern: PredictionSet(
            labels=tuple(compress(manifest.labels, pattern)), coverage=level.coverage
        )
        for pattern in set(patterns)
    }
    return [made[pattern] for pattern in patterns]


def _intervals(given: _Given, level: Level | None, rows: int) -> list[Interval | None]:
    outputs = given.outputs
    if given.reach is None or level is None or outputs.values is None:
        return [None] * rows
    ends = zip(outputs.values.tolist(), given.reach, strict=True)
    return [
        None
        if index in outputs.unusable
        else Interval(low=value - far, high=value + far, coverage=level.coverage)
        for index, (value, far) in enumerate(ends)
    ]


def _probabilities(
    given: _Given, manifest: Manifest, asked: Asked, rows: int
) -> list[dict[str, float] | None]:
    if given.shares is None or not asked.probabilities:
        return [None] * rows
    names = [key(label) for label in manifest.labels]
    return [dict(zip(names, map(_rounded, row), strict=True)) for row in given.shares]


def _rounded(share: float) -> float:
    return round(share, PLACES)


def _shortest(number: np.floating[Any]) -> float:
    """The shortest decimal that names this float: 0.3, not 0.30000001192092896 for a float32."""
    return float(str(number))
