"""Whether the model is believed, row by row: pure, by the policy of the manifest."""

from collections.abc import Sequence
from functools import lru_cache, partial
from itertools import compress
from typing import Any

import numpy as np

from model_store.artifact.manifest import Manifest
from model_store.contract import Row
from model_store.decision.answers import Answer, AnswerReader, Inside, rounded
from model_store.decision.asked import Asked, check
from model_store.decision.doubts import causes
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

MOST_SETS = 256
"""Of one model that are kept: with many labels there are more than memory holds."""

_STRENGTH: dict[Action, int] = {"answer": 0, "review": 1, "abstain": 2, "fallback": 3}
_NONE_ASKED = Asked()


def judge(
    outputs: Outputs, rows: Sequence[Row], manifest: Manifest, asked: Asked = _NONE_ASKED
) -> list[Verdict]:
    """One verdict per row, in order; raises OptionRefused."""
    return Judge(manifest, asked).verdicts(outputs, rows)


def answer_columns(outputs: Outputs, manifest: Manifest) -> list[int]:
    """The column of each row's answer; empty for a regression."""
    return AnswerReader(manifest, _NONE_ASKED).places(outputs)


class Judge:
    """The policy of one manifest and what one request asks beyond it, made to judge many rows.

    A row whose flag asks for the fallback, or whose output is unusable, is declined; the others
    are judged by the policy. Safe to use from several threads at once.
    """

    def __init__(self, manifest: Manifest, asked: Asked = _NONE_ASKED) -> None:
        """Raises OptionRefused."""
        check(asked, manifest)
        self._reader = AnswerReader(manifest, asked)
        self._causes = tuple(causes(manifest, asked))
        self._labels, self._message = manifest.labels, manifest.policy.message
        self._tells_all = asked.probabilities
        made = partial(_prediction_set, manifest.labels, self._reader.coverage)
        self._set = lru_cache(MOST_SETS)(made)

    def verdicts(self, outputs: Outputs, rows: Sequence[Row]) -> list[Verdict]:
        """One per row, in order. Raises ValueError for outputs of fewer rows."""
        verdicts = [self._verdict(given) for given in self._reader.read(outputs, rows)]
        if len(verdicts) < len(rows):
            raise ValueError(f"{len(rows)} rows, and outputs for {len(verdicts)}")
        return verdicts

    def _verdict(self, given: Answer) -> Verdict:
        if reason := _why_not(given):
            return Declined(reason)
        doubts = {reason: action for reason, action, holds in self._causes if holds(given)}
        if not doubts:
            return self._told(given)
        worst = max(doubts, key=lambda reason: _STRENGTH[doubts[reason]])
        if doubts[worst] == "fallback":
            return Declined(worst)
        if doubts[worst] == "abstain":
            return self._abstention(given, worst)
        needs_review = "review" in doubts.values()
        return self._told(given, doubts=tuple(doubts), needs_review=needs_review)

    def _told(self, given: Answer, **more: Any) -> ModelPrediction:
        # What is the default costs as much to check as to tell: half of the time in a batch.
        if given.inside is not None:
            more["prediction_set"] = self._set(given.inside)
        if given.reach is not None:
            more["interval"] = self._interval(given)
        if self._tells_all and given.shares is not None:
            more["probabilities"] = self._shares(given.shares)
        if given.row.flags:
            more["flags"] = given.row.flags
        return ModelPrediction(value=self._value(given), confidence=given.confidence, **more)

    def _abstention(self, given: Answer, reason: Reason) -> AbstainPrediction:
        return AbstainPrediction(
            reason=reason,
            message=self._message,
            prediction_set=None if given.inside is None else self._set(given.inside),
            interval=self._interval(given),
            needs_review=True,
            flags=given.row.flags,
        )

    def _value(self, given: Answer) -> Label | float:
        return self._labels[given.place] if given.number is None else _shortest(given.number)

    def _interval(self, given: Answer) -> Interval | None:
        if given.number is None or given.reach is None:
            return None
        middle, reach = float(given.number), given.reach
        return Interval(low=middle - reach, high=middle + reach, coverage=self._reader.coverage)

    def _shares(self, shares: Sequence[float]) -> dict[str, float]:
        return dict(zip(map(key, self._labels), map(rounded, shares), strict=True))


def _prediction_set(labels: Sequence[Label], coverage: float, inside: Inside) -> PredictionSet:
    return PredictionSet(labels=tuple(compress(labels, inside)), coverage=coverage)


def _why_not(given: Answer) -> Reason | None:
    """Why the model is not to be believed about a row, whatever the policy; None if it is."""
    for flag in given.row.flags:
        if flag.action == "fallback":
            return Reason(flag.reason)
    return None if given.is_usable else Reason.INVALID_OUTPUT


def _shortest(number: "np.floating[Any]") -> float:
    """The shortest decimal that names this float: 0.3, not 0.30000001192092896 for a float32."""
    return float(str(number))
