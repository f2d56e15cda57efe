"""Whether two answers to the same row are the same, but for the last digits of a float."""

from math import isclose

from model_store.contract import Scalar
from model_store.predictions import (
    AbstainPrediction,
    Interval,
    ModelPrediction,
    Prediction,
    PredictionSet,
)

# Another processor may round the last digits of a float32 otherwise.
CONFIDENCE_TOLERANCE = 1.5e-4
VALUE_TOLERANCE = 1e-4


def agrees(promised: Prediction, given: Prediction) -> bool:
    """Same decision, value, confidence, and set or interval; of an abstention, same reason."""
    if isinstance(promised, ModelPrediction) and isinstance(given, ModelPrediction):
        return (
            same_value(promised.value, given.value)
            and _same_confidence(promised.confidence, given.confidence)
            and _same_set(promised.prediction_set, given.prediction_set)
            and _same_interval(promised.interval, given.interval)
        )
    if isinstance(promised, AbstainPrediction) and isinstance(given, AbstainPrediction):
        return promised.reason == given.reason
    return False


def same_value(promised: Scalar, given: Scalar) -> bool:
    if isinstance(given, float) and isinstance(promised, int | float):
        return _close(promised, given)
    return type(promised) is type(given) and promised == given


def told(answer: Prediction) -> str:
    """E.g. "'Gentoo' (confidence 0.9312)", "3.5", "abstain: low_confidence"."""
    if not isinstance(answer, ModelPrediction):
        return f"{answer.decision}: {answer.reason}"
    sure = "" if answer.confidence is None else f" (confidence {answer.confidence})"
    return f"{answer.value!r}{sure}"


def _close(promised: float, given: float) -> bool:
    return isclose(promised, given, rel_tol=VALUE_TOLERANCE, abs_tol=1e-6)


def _same_confidence(promised: float | None, given: float | None) -> bool:
    if promised is None or given is None:
        return promised is given
    return abs(promised - given) <= CONFIDENCE_TOLERANCE


def _same_set(promised: PredictionSet | None, given: PredictionSet | None) -> bool:
    if promised is None or given is None:
        return promised is given
    return set(promised.labels) == set(given.labels) and promised.coverage == given.coverage


def _same_interval(promised: Interval | None, given: Interval | None) -> bool:
    if promised is None or given is None:
        return promised is given
    ends = _close(promised.low, given.low) and _close(promised.high, given.high)
    return ends and promised.coverage == given.coverage
