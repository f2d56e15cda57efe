"""What is answered: the model's value or the fallback, and why."""

from collections.abc import Callable

import numpy as np
import pytest

from model_store.artifact.facts import OutputNames
from model_store.artifact.manifest import Manifest
from model_store.contract import Flag, Row
from model_store.decision import Declined, NoFallback, judge, merge, reason_of
from model_store.errors import (
    DeadlineExceeded,
    ModelFailed,
    ModelNotLoadable,
    ModelOutputInvalid,
    PredictionError,
)
from model_store.outputs import Outputs
from model_store.policy import Policy
from model_store.predictions import (
    AbstainPrediction,
    FallbackPrediction,
    ModelPrediction,
    Reason,
)

Make = Callable[..., Manifest]

PLAIN = Row({"island": "Biscoe"})
ODD = Flag("bill_length_mm", "out_of_range", "flag")
STRANGE = Flag("island", "unseen_category", "fallback")
LABELS = ("Adelie", "Gentoo")
OUTPUTS = Outputs(LABELS, np.array([[0.81239, 0.1, 0.08761], [0.25, 0.15, 0.6]]), None)


def test_the_model_s_answer_carries_the_probability_of_its_label(make_manifest: Make):
    """Threats ML03 to ML05: rounded to four places."""
    assert judge(OUTPUTS, [PLAIN, PLAIN], make_manifest()) == [
        ModelPrediction(value="Adelie", confidence=0.8124),
        ModelPrediction(value="Gentoo", confidence=0.6),
    ]


def test_without_probabilities_there_is_no_confidence(make_manifest: Make):
    (prediction,) = judge(Outputs(("Adelie",), None, None), [PLAIN], make_manifest())
    assert prediction == ModelPrediction(value="Adelie", confidence=None)


def test_a_row_whose_output_is_unusable_falls_back_alone(make_manifest: Make):
    """Fault row 24."""
    outputs = Outputs(LABELS, OUTPUTS.probabilities, None, unusable=frozenset({1}))
    manifest = make_manifest()
    first, second = judge(outputs, [PLAIN, PLAIN], manifest)
    assert first.decision == "model"
    assert second == Declined(Reason.INVALID_OUTPUT)


def test_a_regression_answers_with_the_shortest_number_that_names_its_float(make_manifest: Make):
    manifest = make_manifest(task="regression", labels=(), outputs=OutputNames(value="v"))
    for dtype in (np.float32, np.float64):
        outputs = Outputs((), None, np.array([0.3], dtype))
        assert judge(outputs, [PLAIN], manifest) == [ModelPrediction(value=0.3, confidence=None)]


def test_only_the_rows_that_ask_for_it_fall_back(make_manifest: Make):
    """Fault row 22: the others are answered by the model, with their flags."""
    manifest = make_manifest()
    flagged, strange = Row({}, (ODD,)), Row({}, (ODD, STRANGE))
    assert judge(OUTPUTS, [flagged, strange], manifest) == [
        ModelPrediction(value="Adelie", confidence=0.8124, flags=(ODD,)),
        Declined(Reason.UNSEEN_CATEGORY),
    ]


def test_declined_rows_take_the_fallbacks_answers_in_order():
    model = ModelPrediction(value="Adelie", confidence=0.9)
    fallback = FallbackPrediction(value="Gentoo", source="constant", reason=Reason.NOVEL)
    assert merge([model, Declined(Reason.NOVEL)], [PLAIN, PLAIN], [fallback]) == [model, fallback]


def test_a_failed_model_without_a_fallback_is_no_answer():
    """Fault row 31."""
    with pytest.raises(NoFallback) as none:
        merge([Declined(Reason.BREAKER_OPEN)], [PLAIN], [None])
    assert none.value.reason == Reason.BREAKER_OPEN


def test_a_row_declined_for_what_it_is_abstains_alone_when_no_fallback_knows_it():
    """Fault row 30: asking again would not help, and the other rows have their answers."""
    answered = FallbackPrediction(value="Gentoo", source="rules", reason=Reason.NOVEL)
    found = merge(
        [Declined(Reason.NOVEL), Declined(Reason.UNSEEN_CATEGORY)],
        [PLAIN, Row({}, (STRANGE,))],
        [answered, None],
        "Ask a vet.",
    )
    assert found == [
        answered,
        AbstainPrediction(
            reason=Reason.UNSEEN_CATEGORY,
            message="Ask a vet.",
            needs_review=True,
            flags=(STRANGE,),
        ),
    ]


def test_a_confidence_is_compared_as_callers_see_it(make_manifest: Make):
    shares = np.array([[0.7, 0.2, 0.1]], dtype=np.float32)
    manifest = make_manifest(policy=Policy(least_confidence=0.7))
    (found,) = judge(Outputs(("Adelie",), shares, None), [PLAIN], manifest)
    assert found == ModelPrediction(value="Adelie", confidence=0.7)


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (ModelNotLoadable, Reason.MODEL_CORRUPT),
        (ModelOutputInvalid, Reason.INVALID_OUTPUT),
        (ModelFailed, Reason.MODEL_ERROR),
        (DeadlineExceeded, Reason.DEADLINE_EXCEEDED),
        (PredictionError, Reason.MODEL_ERROR),
    ],
)
def test_every_failure_has_a_reason(error: type[PredictionError], reason: Reason):
    """Fault rows 24 to 27."""
    assert reason_of(error("model", "failed", "Roll back")) == reason
