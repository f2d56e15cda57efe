"""What a caller may ask for beside the rows: stricter than the policy, never looser."""

from typing import Any

import pytest
from jsonschema import Draft202012Validator

from model_store.artifact.facts import OutputNames
from model_store.fallbacks.records import Constant
from model_store.policy import Policy
from model_store.uncertainty.conformal import Level, PredictionSets
from tests.functions.conftest import Answer, Deployment, Function, only
from tests.functions.models import classifier, regression

CANARY = "canary_5e10"
SETS = PredictionSets(
    score="lac",
    rows=100,
    levels=(Level(coverage=0.9, quantiles=(0.4,)), Level(coverage=0.95, quantiles=(0.85,))),
)


@pytest.fixture
def strict(deployment: Deployment) -> Function:
    """Answers Gentoo with 0.7; the policy asks for 0.6."""
    return deployment.deploy(policy=Policy(least_confidence=0.6), conformal=SETS)


def refusal(answer: Answer) -> tuple[str, str]:
    assert answer.status == 422, answer.text
    assert answer.body["type"] == "urn:lambent:problem:invalid-request"
    assert CANARY not in answer.text
    (error,) = answer.body["errors"]
    return error["pointer"], error["code"]


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({CANARY: 1}, ("/options/?", "unknown_field")),
        ({"partial": 1}, ("/options/partial", "wrong_type")),
        ({"partial": None}, ("/options/partial", "wrong_type")),
        ({"probabilities": CANARY}, ("/options/probabilities", "wrong_type")),
        ({"least_confidence": CANARY}, ("/options/least_confidence", "wrong_type")),
        ({"least_confidence": True}, ("/options/least_confidence", "wrong_type")),
        ({"least_confidence": 1.5}, ("/options/least_confidence", "out_of_range")),
        ({"coverage": 0}, ("/options/coverage", "out_of_range")),
        ({"least_confidence": 0.59}, ("/options/least_confidence", "not_stricter")),
        ({"coverage": 0.91}, ("/options/coverage", "not_offered")),
    ],
)
def test_threat_api3_options_are_read_strictly_and_never_repeated(
    strict: Function, penguin: dict, options: dict, expected: tuple[str, str]
) -> None:
    assert refusal(strict.predict(penguin, **options)) == expected


@pytest.mark.parametrize("options", [[], 3, CANARY, [CANARY]])
def test_options_that_are_no_object_are_refused(
    strict: Function, penguin: dict, options: Any
) -> None:
    body = {"instances": [penguin], "options": options}
    assert refusal(strict.post("/v1/predictions", body)) == ("/options", "wrong_type")


def test_no_options_are_none_at_all(strict: Function, penguin: dict) -> None:
    body = {"instances": [penguin], "options": None}
    assert only(strict.post("/v1/predictions", body)) == only(strict.predict(penguin))


def test_a_looser_request_is_refused_before_the_model_is_asked(
    strict: Function, penguin: dict, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And also where no row could be judged at all."""
    monkeypatch.setattr("functions.inference.attempt.encode", None)
    assert refusal(strict.predict(penguin, least_confidence=0.1))[1] == "not_stricter"
    assert refusal(strict.predict({}, least_confidence=0.1, partial=True))[1] == "not_stricter"


def test_a_looser_request_is_refused_while_a_fallback_answers_too(
    deployment: Deployment, penguin: dict
) -> None:
    """The manifest, and so the policy, can be read; the model cannot."""
    deployment.deploy(policy=Policy(least_confidence=0.6))
    deployment.s3.objects[deployment.published.blob_key] = b"corrupt"
    deployment.cache = deployment.cache.with_name("empty")
    function = deployment.function()
    assert only(function.predict(penguin))["decision"] == "fallback"
    assert refusal(function.predict(penguin, least_confidence=0.1))[1] == "not_stricter"


def test_fault_row_30_a_stricter_threshold_is_kept(strict: Function, penguin: dict) -> None:
    assert only(strict.predict(penguin, least_confidence=0.69))["decision"] == "model"
    found = only(strict.predict(penguin, least_confidence=0.75))
    assert (found["decision"], found["reason"]) == ("abstain", "low_confidence")
    assert only(strict.predict(penguin))["decision"] == "model", "for one request alone"


def test_a_coverage_that_was_calibrated_may_be_asked_for(strict: Function, penguin: dict) -> None:
    usual = only(strict.predict(penguin))["prediction_set"]
    assert usual == {"labels": ["Gentoo"], "coverage": 0.9}
    wider = only(strict.predict(penguin, coverage=0.95))["prediction_set"]
    assert wider == {"labels": ["Chinstrap", "Gentoo"], "coverage": 0.95}


def test_a_wider_coverage_cannot_make_an_answer_of_none(
    deployment: Deployment, penguin: dict
) -> None:
    """No label fits at the policy's coverage; at a higher one the best of them would."""
    narrow = Level(coverage=0.8, quantiles=(0.2,))
    sets = SETS.model_copy(update={"levels": (narrow, *SETS.levels)})
    function = deployment.deploy(policy=Policy(ambiguous="abstain"), conformal=sets)
    for asked in ({}, {"coverage": 0.9}):
        found = only(function.predict(penguin, **asked))
        assert (found["decision"], found["reason"]) == ("abstain", "no_label_fits")


def test_threat_ml03_probabilities_of_all_classes_are_told_on_request_only(
    strict: Function, penguin: dict
) -> None:
    assert only(strict.predict(penguin))["probabilities"] is None
    asked = only(strict.predict(penguin, probabilities=True))
    assert asked["probabilities"] == {"Adelie": 0.1, "Chinstrap": 0.2, "Gentoo": 0.7}


def test_a_threshold_is_refused_by_a_model_that_could_not_keep_it(deployment: Deployment) -> None:
    function = deployment.deploy(
        regression(),
        task="regression",
        labels=(),
        outputs=OutputNames(value="value"),
        fallbacks=(Constant(value=200.0),),
        golden=(),
    )
    row = {"island": "Dream", "flipper_length_mm": 190}
    assert only(function.predict(row))["value"] == 190.0
    expected = ("/options/least_confidence", "not_offered")
    assert refusal(function.predict(row, least_confidence=0.9)) == expected


def test_openapi_tells_what_this_model_takes(strict: Function, penguin: dict) -> None:
    schemas = strict.get("/openapi.json").body["components"]["schemas"]
    options = Draft202012Validator(schemas["Options"])
    for good in ({}, {"least_confidence": 0.6}, {"coverage": 0.95}, {"partial": True}):
        assert options.is_valid(good)
        assert strict.predict(penguin, **good).status == 200
    for bad in ({"least_confidence": 0.5}, {"coverage": 0.8}, {"partial": 1}, {"other": 1}):
        assert not options.is_valid(bad)
        assert strict.predict(penguin, **bad).status == 422


def test_fallbacks_answer_whatever_is_asked_of_a_model_that_is_not_known(
    deployment: Deployment, penguin: dict
) -> None:
    deployment.deploy(policy=Policy(least_confidence=0.6))
    deployment.s3.objects.clear()
    deployment.cache = deployment.cache.with_name("empty")
    found = only(deployment.function().predict(penguin, least_confidence=0.1, coverage=0.5))
    assert found["decision"] == "fallback"


def test_costs_still_decide_which_label_is_the_answer(deployment: Deployment) -> None:
    """What a caller asks for changes no answer, only whether it is given."""
    costs = {"Chinstrap": {"Gentoo": 50.0}}
    function = deployment.deploy(classifier(), policy=Policy(costs=costs))
    found = only(function.predict({"island": "Dream", "flipper_length_mm": 190}))
    assert (found["value"], found["confidence"]) == ("Chinstrap", 0.2)
