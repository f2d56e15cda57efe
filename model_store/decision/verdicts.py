"""From verdicts on rows to predictions: where the model is declined, a fallback answers."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from model_store.contract import Row
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


ABOUT_THE_ROW = frozenset(
    {
        Reason.UNSEEN_CATEGORY,
        Reason.OUT_OF_RANGE,
        Reason.LOW_CONFIDENCE,
        Reason.AMBIGUOUS,
        Reason.NO_LABEL_FITS,
        Reason.WIDE_INTERVAL,
        Reason.NOVEL,
    }
)
"""Asked again, the same row would have the same fate: no other row has to wait for it."""


def merge(
    verdicts: Sequence[Verdict],
    rows: Sequence[Row],
    answers: Sequence[FallbackPrediction | None],
    message: str = "",
) -> list[Prediction]:
    """Put the fallbacks' answers, in order, where the verdicts declined.

    Where there is none, a row that was declined for what it is gets an abstention that says
    `message`; otherwise raises NoFallback, for a retry may help.
    """
    left = iter(answers)
    pairs = zip(verdicts, rows, strict=True)
    return [
        _merged(verdict, row, left, message) if isinstance(verdict, Declined) else verdict
        for verdict, row in pairs
    ]


def _merged(
    verdict: Declined, row: Row, answers: Iterator[FallbackPrediction | None], message: str
) -> Prediction:
    answer = next(answers)
    if answer is not None:
        return answer
    if verdict.reason not in ABOUT_THE_ROW:
        raise NoFallback(verdict.reason)
    return AbstainPrediction(
        reason=verdict.reason, message=message, needs_review=True, flags=row.flags
    )


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
