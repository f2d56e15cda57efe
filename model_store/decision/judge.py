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
from model_store.uncertainty.scores import half_widths, sets_of

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


def _weigh(outputs: Outputs, rows: Sequence[Row], manifest: Manifest, asked: Asked) -> _Weighed:
    level, count = _level(manifest, asked), len(rows)
    places = answer_columns(outputs, manifest)
    inside = _inside(outputs, manifest, level)
    reach = _reach(outputs, manifest, level, count)
    doubts: list[dict[Reason, Action]] = [{} for _ in rows]
    for reason, action, where in _causes(outputs, rows, places, inside, reach, manifest, asked):
        for index in compress(range(count), where.tolist()):
            doubts[index][reason] = action
    return _Weighed(
        message=manifest.policy.message,
        unusable=outputs.unusable,
        values=_values(outputs, places, manifest),
        confidences=_confidences(outputs, places, count),
        doubts=doubts,
        sets=_sets(inside, level, manifest, count),
        intervals=_intervals(outputs, reach, level, count),
        probabilities=_probabilities(outputs, manifest, asked, count),
    )


def _level(manifest: Manifest, asked: Asked) -> Level | None:
    if manifest.conformal is None:
        return None
    levels = manifest.conformal.levels
    if asked.coverage is None:
        return min(levels, key=lambda level: level.coverage)
    return next((level for level in levels if level.coverage == asked.coverage), None)


def answer_columns(outputs: Outputs, manifest: Manifest) -> np.ndarray:
    """int[N]: the column of each row's answer; empty for a regression.

    With costs, it is the answer of least expected cost.
    """
    costs = manifest.policy.cost_matrix(manifest.labels)
    if costs is not None and outputs.probabilities is not None:
        cheapest: np.ndarray = (outputs.probabilities @ costs).argmin(axis=1)
        return cheapest
    place = _places(manifest.labels)
    return np.array([place[label] for label in outputs.labels], dtype=np.intp)


@lru_cache(maxsize=16)
def _places(labels: tuple[Label, ...]) -> dict[Label, int]:
    return {label: index for index, label in enumerate(labels)}


def _causes(
    outputs: Outputs,
    rows: Sequence[Row],
    places: np.ndarray,
    inside: np.ndarray | None,
    reach: np.ndarray | None,
    manifest: Manifest,
    asked: Asked,
) -> Iterator[tuple[Reason, Action, np.ndarray]]:
    """Every cause of doubt, what the policy does about it, and bool[N]: the rows it holds for."""
    policy = manifest.policy
    if manifest.novelty is not None:
        novel = are_novel(manifest.novelty, manifest.usual, outputs.novelty, rows)
        yield Reason.NOVEL, policy.novel, novel
    if outputs.probabilities is not None and (policy.may_be_unsure or asked.least_confidence):
        unsure = _unsure(outputs.probabilities, places, manifest, asked)
        yield Reason.LOW_CONFIDENCE, policy.low_confidence, unsure
    if inside is not None:
        sizes = inside.sum(axis=1)
        yield Reason.AMBIGUOUS, policy.ambiguous, sizes > 1
        # At the policy's own coverage: asking for more would fill an empty set, and be looser.
        own = _inside(outputs, manifest, _level(manifest, _NONE_ASKED)) if asked.coverage else None
        own_sizes = sizes if own is None else own.sum(axis=1)
        yield Reason.NO_LABEL_FITS, policy.ambiguous, own_sizes == 0
    if reach is not None and policy.widest:
        wide: np.ndarray = 2 * reach > policy.widest
        yield Reason.WIDE_INTERVAL, policy.ambiguous, wide


def _unsure(shares: np.ndarray, places: np.ndarray, manifest: Manifest, asked: Asked) -> np.ndarray:
    policy, answered = manifest.policy, (np.arange(len(shares)), places)
    thresholds = policy.thresholds(manifest.labels, asked.least_confidence)
    # As callers see it: a float32 0.7 is a hair below 0.7.
    unsure: np.ndarray = shares[answered].astype(np.float64).round(PLACES) < thresholds[places]
    costs = policy.cost_matrix(manifest.labels)
    if costs is not None and policy.most_cost is not None:
        unsure |= (shares @ costs)[answered] > policy.most_cost
    return unsure


def _inside(outputs: Outputs, manifest: Manifest, level: Level | None) -> np.ndarray | None:
    """bool[N, K]: the labels in the set of each row."""
    sets, shares = manifest.conformal, outputs.probabilities
    if not isinstance(sets, PredictionSets) or level is None or shares is None:
        return None
    return sets_of(sets, level, shares)


def _reach(
    outputs: Outputs, manifest: Manifest, level: Level | None, rows: int
) -> np.ndarray | None:
    """float[N]: half the width of each interval."""
    if not isinstance(manifest.conformal, Intervals) or level is None:
        return None
    return half_widths(manifest.conformal, level, outputs.difficulty, rows)


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


def _values(outputs: Outputs, places: np.ndarray, manifest: Manifest) -> list[Label | float]:
    if outputs.values is not None:
        return [_shortest(value) for value in outputs.values]
    return [manifest.labels[place] for place in places.tolist()]


def _confidences(outputs: Outputs, places: np.ndarray, rows: int) -> list[float | None]:
    shares = outputs.probabilities
    if shares is None:
        return [None] * rows
    return [_rounded(share) for share in shares[np.arange(rows), places].tolist()]


def _sets(
    inside: np.ndarray | None, level: Level | None, manifest: Manifest, rows: int
) -> list[PredictionSet | None]:
    """Rows with the same set share it."""
    if inside is None or level is None:
        return [None] * rows
    patterns = list(map(tuple, inside.tolist()))
    made = {
        pattern: PredictionSet(
            labels=tuple(compress(manifest.labels, pattern)), coverage=level.coverage
        )
        for pattern in set(patterns)
    }
    return [made[pattern] for pattern in patterns]


def _intervals(
    outputs: Outputs, reach: np.ndarray | None, level: Level | None, rows: int
) -> list[Interval | None]:
    if reach is None or level is None or outputs.values is None:
        return [None] * rows
    ends = zip(outputs.values.tolist(), reach.tolist(), strict=True)
    return [
        None
        if index in outputs.unusable
        else Interval(low=value - far, high=value + far, coverage=level.coverage)
        for index, (value, far) in enumerate(ends)
    ]


def _probabilities(
    outputs: Outputs, manifest: Manifest, asked: Asked, rows: int
) -> list[dict[str, float] | None]:
    shares = outputs.probabilities
    if shares is None or not asked.probabilities:
        return [None] * rows
    names = [key(label) for label in manifest.labels]
    return [dict(zip(names, map(_rounded, row), strict=True)) for row in shares.tolist()]


def _rounded(share: float) -> float:
    return round(share, PLACES)


def _shortest(number: np.floating[Any]) -> float:
    """The shortest decimal that names this float: 0.3, not 0.30000001192092896 for a float32."""
    return float(str(number))
