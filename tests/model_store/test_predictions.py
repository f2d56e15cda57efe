"""The shape of answers on the wire."""

import pytest
from pydantic import TypeAdapter

from model_store.contract import Flag
from model_store.predictions import (
    AbstainPrediction,
    FallbackPrediction,
    InputError,
    Interval,
    ModelPrediction,
    Prediction,
    PredictionSet,
    Reason,
)

ODD = Flag("bill_length_mm", "out_of_range", "flag")


@pytest.mark.parametrize(
    "prediction",
    [
        ModelPrediction(value=True, confidence=0.75, flags=(ODD,)),
        ModelPrediction(value=2.5, confidence=None, interval=Interval(low=1, high=4, coverage=0.9)),
        FallbackPrediction(value="Adelie", source="rules", reason=Reason.OUT_OF_RANGE),
        AbstainPrediction(
            reason=Reason.AMBIGUOUS, prediction_set=PredictionSet(labels=(), coverage=0.9)
        ),
        AbstainPrediction(
            reason=Reason.INVALID_INPUT,
            errors=(InputError(pointer="/instances/0/x", code="missing", message="is missing"),),
        ),
    ],
)
def test_predictions_survive_json(prediction: Prediction):
    adapter: TypeAdapter[Prediction] = TypeAdapter(Prediction)
    assert adapter.validate_json(adapter.dump_json(prediction)) == prediction


def test_a_fallback_names_its_source_and_reason_and_claims_no_confidence():
    made_up = FallbackPrediction(value=1, source="constant", reason=Reason.MODEL_ERROR)
    assert made_up.model_dump(mode="json") == {
        "decision": "fallback",
        "value": 1,
        "source": "constant",
        "reason": "model_error",
        "alternatives": [],
        "flags": [],
    }
