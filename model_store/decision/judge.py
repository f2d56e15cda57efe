"""Whether the model is believed, row by row: pure, by the policy of the manifest."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
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
from model_store.uncertainty.conformal import Intervals, Level, PredictionSets, half_widths, sets_of
from model_store.uncertainty.novelty import are_novel

PLACES = 4
"""Probabilities are rounded so that repeated queries reveal less of the model (threats ML03-05)."""

_STRENGTH: dict[Action, int] = {"answer": 0, "review": 1, "abstain": 2, "fallback": 3}
_NONE_ASKED = Asked()


def judge(
    outputs: Outputs, rows: Sequence[Row], manifest: Manifest, asked: Asked = _NONE_ASKED
) -> list[Verdict]:
    """One verdict per row, in order; raises Looser.

    A row whose flag asks for the fallback, or whose output is unusable, is declined; the others
    are judged by the manifest's policy.
    """
    check(asked, manifest)
    believed = _weigh(outputs, rows, manifest, asked)
    return [_verdict(believed, index, row) for index, row in enumerate(rows)]


@dataclass(frozen=True, slots=True, eq=False)
class _Weighed:
    """What the answers of N rows are worth; None where the model does not tell.

    places: int[N], the column of each answer. unsure, novel: bool[N]. inside: bool[N, K].
    reach: float[N], half the width of an interval.
    """

    manifest: Manifest
    asked: Asked
    outputs: Outputs
    level: Level | None
    places: np.ndarray
    unsure: np.ndarray | None
    novel: np.ndarray | None
    inside: np.ndarray | None
    reach: np.ndarray | None


def _weigh(outputs: Outputs, rows: Sequence[Row], manifest: Manifest, asked: Asked) -> _Weighed:
    level = _level(manifest, asked)
    places = answer_columns(outputs, manifest)
    return _Weighed(
        manifest=manifest,
        asked=asked,
        outputs=outputs,
        level=level,
        places=places,
        unsure=_unsure(outputs, places, manifest, asked),
        novel=_novel(outputs, rows, manifest),
        inside=_inside(outputs, manifest, level),
        reach=_reach(outputs, manifest, level, len(rows)),
    )


def _level(manifest: Manifest, asked: Asked) -> Level | None:
    if manifest.conformal is None:
        return None
    levels = sorted(manifest.conformal.levels, key=lambda level: level.coverage)
    return next((level for level in levels if asked.coverage in (None, level.coverage)), None)


def answer_columns(outputs: Outputs, manifest: Manifest) -> np.ndarray:
    """int[N]: the column of each row's answer; empty for a regression.

    With costs, it is the answer of least expected cost.
    """
    costs = manifest.policy.cost_matrix(manifest.labels)
    if costs is not None and outputs.probabilities is not None:
        cheapest: np.ndarray = (outputs.probabilities @ costs).argmin(axis=1)
        return cheapest
    place = {label: index for index, label in enumerate(manifest.labels)}
    return np.array([place[label] for label in outputs.labels], dtype=np.intp)


def _unsure(
    outputs: Outputs, places: np.ndarray, manifest: Manifest, asked: Asked
) -> np.ndarray | None:
    shares, policy = outputs.probabilities, manifest.policy
    if shares is None:
        return None
    answered = np.arange(len(shares)), places
    thresholds = policy.thresholds(manifest.labels, asked.least_confidence)
    unsure: np.ndarray = shares[answered] < thresholds[places]
    costs = policy.cost_matrix(manifest.labels)
    if costs is not None and policy.most_cost is not None:
        unsure |= (shares @ costs)[answered] > policy.most_cost
    return unsure


def _novel(outputs: Outputs, rows: Sequence[Row], manifest: Manifest) -> np.ndarray | None:
    if manifest.novelty is None:
        return None
    return are_novel(manifest.novelty, manifest.baseline, outputs.novelty, rows)


def _inside(outputs: Outputs, manifest: Manifest, level: Level | None) -> np.ndarray | None:
    sets, shares = manifest.conformal, outputs.probabilities
    if not isinstance(sets, PredictionSets) or level is None or shares is None:
        return None
    return sets_of(sets, level, shares)


def _reach(
    outputs: Outputs, manifest: Manifest, level: Level | None, rows: int
) -> np.ndarray | None:
    if not isinstance(manifest.conformal, Intervals) or level is None:
        return None
    return half_widths(manifest.conformal, level, outputs.difficulty, rows)


def _verdict(weighed: _Weighed, index: int, row: Row) -> Verdict:
    if reason := _why_not(weighed.outputs, index, row):
        return Declined(reason)
    doubts = dict(_doubts(weighed, index))
    worst = max(doubts, key=lambda reason: _STRENGTH[doubts[reason]], default=None)
    if worst and doubts[worst] == "fallback":
        return Declined(worst)
    if worst and doubts[worst] == "abstain":
        return _abstention(weighed, index, row, worst)
    return _answer(weighed, index, row, doubts)


def _why_not(outputs: Outputs, index: int, row: Row) -> Reason | None:
    """Why the model is not to be believed about one row, whatever the policy; None if it is."""
    cause = next((flag for flag in row.flags if flag.action == "fallback"), None)
    if cause:
        return Reason(cause.reason)
    return Reason.INVALID_OUTPUT if index in outputs.unusable else None


def _doubts(weighed: _Weighed, index: int) -> Iterator[tuple[Reason, Action]]:
    policy = weighed.manifest.policy
    if weighed.novel is not None and weighed.novel[index]:
        yield Reason.NOVEL, policy.novel
    if weighed.unsure is not None and weighed.unsure[index]:
        yield Reason.LOW_CONFIDENCE, policy.low_confidence
    if weighed.inside is not None and (size := int(weighed.inside[index].sum())) != 1:
        yield (Reason.AMBIGUOUS if size else Reason.NO_LABEL_FITS), policy.ambiguous
    if weighed.reach is not None and policy.widest and 2 * weighed.reach[index] > policy.widest:
        yield Reason.WIDE_INTERVAL, policy.ambiguous


def _answer(
    weighed: _Weighed, index: int, row: Row, doubts: dict[Reason, Action]
) -> ModelPrediction:
    value, confidence = _value(weighed, index)
    return ModelPrediction(
        value=value,
        confidence=confidence,
        prediction_set=_set(weighed, index),
        interval=_interval(weighed, index),
        probabilities=_probabilities(weighed, index),
        doubts=tuple(doubts),
        needs_review="review" in doubts.values(),
        flags=row.flags,
    )


def _abstention(weighed: _Weighed, index: int, row: Row, reason: Reason) -> AbstainPrediction:
    return AbstainPrediction(
        reason=reason,
        message=weighed.manifest.policy.message,
        prediction_set=_set(weighed, index),
        interval=_interval(weighed, index),
        needs_review=True,
        flags=row.flags,
    )


def _value(weighed: _Weighed, index: int) -> tuple[Label | float, float | None]:
    outputs = weighed.outputs
    if outputs.values is not None:
        return _shortest(outputs.values[index]), None
    place, shares = weighed.places[index], outputs.probabilities
    label = weighed.manifest.labels[place]
    return label, None if shares is None else _rounded(shares[index, place])


def _set(weighed: _Weighed, index: int) -> PredictionSet | None:
    if weighed.inside is None or weighed.level is None:
        return None
    inside = zip(weighed.manifest.labels, weighed.inside[index], strict=True)
    labels = tuple(label for label, is_in in inside if is_in)
    return PredictionSet(labels=labels, coverage=weighed.level.coverage)


def _interval(weighed: _Weighed, index: int) -> Interval | None:
    values = weighed.outputs.values
    if weighed.reach is None or weighed.level is None or values is None:
        return None
    value, reach = float(values[index]), float(weighed.reach[index])
    return Interval(low=value - reach, high=value + reach, coverage=weighed.level.coverage)


def _probabilities(weighed: _Weighed, index: int) -> dict[str, float] | None:
    shares = weighed.outputs.probabilities
    if shares is None or not weighed.asked.probabilities:
        return None
    names = map(key, weighed.manifest.labels)
    return {name: _rounded(share) for name, share in zip(names, shares[index], strict=True)}


def _rounded(share: np.floating[Any]) -> float:
    return round(float(share), PLACES)


def _shortest(number: np.floating[Any]) -> float:
    """The shortest decimal that names this float: 0.3, not 0.30000001192092896 for a float32."""
    return float(str(number))
