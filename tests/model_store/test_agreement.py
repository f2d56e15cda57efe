"""When two answers to the same row count as the same."""

import pytest

from model_store.agreement import agrees, told
from model_store.predictions import (
    AbstainPrediction,
    FallbackPrediction,
    Interval,
    ModelPrediction,
    Prediction,
    PredictionSet,
    Reason,
)


def model(value: object = "a", confidence: float | None = 0.9, **more: object) -> ModelPrediction:
    return ModelPrediction.model_validate({"value": value, "confidence": confidence, **more})


def labels(*names: str, coverage: float = 0.9) -> PredictionSet:
    return PredictionSet(labels=names, coverage=coverage)


UNSURE = AbstainPrediction(reason=Reason.LOW_CONFIDENCE)
FALLBACK = FallbackPrediction(value="a", source="constant", reason=Reason.MODEL_ERROR)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (model(), model(confidence=0.9001)),
        (model(2.0, None), model(2.0001, None)),
        (
            model(prediction_set=labels("a", "b")),
            model(prediction_set=labels("b", "a")),
        ),
        (
            model(2.0, None, interval=Interval(low=1, high=3, coverage=0.9)),
            model(2.0, None, interval=Interval(low=1.00005, high=3, coverage=0.9)),
        ),
        (UNSURE, UNSURE.model_copy(update={"message": "Ask somebody."})),
    ],
)
def test_what_differs_in_the_last_digits_or_in_words_alone_agrees(
    one: Prediction, other: Prediction
) -> None:
    assert agrees(one, other)
    assert agrees(other, one)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (model(), model("b")),
        (model(), model(confidence=0.95)),
        (model(), model(confidence=None)),
        (model(1), model(True)),
        (model(2.0, None), model(2.1, None)),
        (model(prediction_set=labels("a")), model(prediction_set=labels("a", "b"))),
        (model(prediction_set=labels("a")), model()),
        (model(prediction_set=labels("a")), model(prediction_set=labels("a", coverage=0.8))),
        (
            model(2.0, None, interval=Interval(low=1, high=3, coverage=0.9)),
            model(2.0, None, interval=Interval(low=1, high=4, coverage=0.9)),
        ),
        (model(), UNSURE),
        (model(), FALLBACK),
        (UNSURE, AbstainPrediction(reason=Reason.NOVEL)),
        (FALLBACK, FALLBACK),
    ],
)
def test_anything_else_does_not(one: Prediction, other: Prediction) -> None:
    """Nor does a fallback with itself: it is no answer of the model."""
    assert not agrees(one, other)
    assert not agrees(other, one)


def test_an_answer_is_told_in_one_phrase() -> None:
    assert told(model(confidence=0.93)) == "'a' (confidence 0.93)"
    assert told(model(3.5, None)) == "3.5"
    assert told(UNSURE) == "abstain: low_confidence"
