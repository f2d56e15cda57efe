"""From verdicts on rows to predictions: where the model is declined, a fallback answers."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from model_store.errors import (
    DeadlineExceeded,
    ModelFailed,
    ModelNotLoadable,
    ModelOutputInvalid,
    PredictionError,
)
from model_store.predictions import (
    AbstainPrediction,
    FallbackPrediction,
    ModelPrediction,
    Prediction,
    Reason,
)


@dataclass(frozen=True, slots=True)
class Declined:
    """The model's answer to this row is not given, and a fallback is to be asked."""

    reason: Reason


Verdict = ModelPrediction | AbstainPrediction | Declined


class NoFallback(PredictionError):
    """The model gave no answer, and no declared fallback has one (fault row 31)."""

    def __init__(self, reason: Reason) -> None:
        self.reason = reason
        super().__init__(
            "fallback",
            f"none answers, and the model gave no answer: {reason}",
            "Try again later; the model's owner can declare Constant(value=…) as the last fallback",
        )


def merge(
    verdicts: Sequence[Verdict], answers: Sequence[FallbackPrediction | None]
) -> list[Prediction]:
    """Put the fallbacks' answers, in order, where the verdicts declined; raises NoFallback."""
    left = iter(answers)
    return [_merged(verdict, left) for verdict in verdicts]


def _merged(verdict: Verdict, answers: Iterator[FallbackPrediction | None]) -> Prediction:
    if not isinstance(verdict, Declined):
        return verdict
    answer = next(answers)
    if answer is None:
        raise NoFallback(verdict.reason)
    return answer


def reason_of(error: PredictionError) -> Reason:
    """Why a failed prediction is answered by the fallback."""
    return next(
        (reason for kind, reason in _REASONS.items() if isinstance(error, kind)),
        Reason.MODEL_ERROR,
    )


_REASONS: dict[type[PredictionError], Reason] = {
    ModelNotLoadable: Reason.MODEL_CORRUPT,
    ModelOutputInvalid: Reason.INVALID_OUTPUT,
    DeadlineExceeded: Reason.DEADLINE_EXCEEDED,
    ModelFailed: Reason.MODEL_ERROR,
}
