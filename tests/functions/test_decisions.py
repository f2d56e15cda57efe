"""What the policy makes of an answer, as callers see it and as it is counted."""

import pytest
from jsonschema import Draft202012Validator

from model_store.artifact.facts import FeatureSummary, OutputNames
from model_store.fallbacks.records import Constant
from model_store.policy import Policy
from model_store.uncertainty.conformal import Intervals, Level, PredictionSets
from model_store.uncertainty.novelty import Novelty
from tests.functions.conftest import Answer, Deployment, Function, logged, metrics, only
from tests.functions.models import LAST, ON_DREAM, contract, regression

SETS = PredictionSets(score="lac", rows=100, levels=(Level(coverage=0.9, quantiles=(0.85,)),))
KNOWN_BILLS = {
    "bill_length_mm": FeatureSummary(count=300, missing=0, quantiles={"0.01": 40, "0.99": 50})
}
NOVELTY = Novelty(score=None, false_alarms=0.01)
LONG_BILL = {"bill_length_mm": 75}
MESSAGE = "Ask a biologist"


@pytest.mark.parametrize(
    ("policy", "reason"),
    [
        (Policy(least_confidence=0.8, message=MESSAGE), "low_confidence"),
        (Policy(least_confidence={"Gentoo": 0.8}, message=MESSAGE), "low_confidence"),
        (Policy(ambiguous="abstain", message=MESSAGE), "ambiguous"),
        (Policy(novel="abstain", message=MESSAGE), "novel"),
    ],
)
def test_fault_row_30_the_model_abstains_with_the_reason_and_what_to_show_instead(
    deployment: Deployment, penguin: dict, policy: Policy, reason: str
) -> None:
    function = deployment.deploy(
        policy=policy, conformal=SETS, novelty=NOVELTY, baseline=KNOWN_BILLS
    )
    assert only(function.predict(penguin | LONG_BILL)) == {
        "decision": "abstain",
        "reason": reason,
        "message": MESSAGE,
        "prediction_set": {"labels": ["Chinstrap", "Gentoo"], "coverage": 0.9},
        "interval": None,
        "needs_review": True,
        "errors": [],
        "flags": [],
    }


@pytest.mark.parametrize(
    ("chain", "island", "expected"),
    [
        ((LAST,), "Biscoe", ("Adelie", "constant")),
        ((ON_DREAM, LAST), "Dream", ("Chinstrap", "rules")),
        ((ON_DREAM, LAST), "Biscoe", ("Adelie", "constant")),
    ],
)
def test_fault_row_30_or_the_chain_answers_with_the_reason_and_without_a_confidence(
    deployment: Deployment, penguin: dict, chain: tuple, island: str, expected: tuple[str, str]
) -> None:
    policy = Policy(least_confidence=0.8, low_confidence="fallback")
    function = deployment.deploy(policy=policy, fallbacks=chain)
    found = only(function.predict(penguin | {"island": island}))
    assert (found["decision"], found["reason"]) == ("fallback", "low_confidence")
    assert (found["value"], found["source"]) == expected
    assert "confidence" not in found


def test_a_doubt_that_the_policy_lets_pass_is_named_and_may_ask_for_a_person(
    deployment: Deployment, penguin: dict
) -> None:
    function = deployment.deploy(
        policy=Policy(ambiguous="answer", novel="review"),
        conformal=SETS,
        novelty=NOVELTY,
        baseline=KNOWN_BILLS,
    )
    usual, odd = function.predict(penguin, penguin | LONG_BILL).body["predictions"]
    assert (usual["decision"], usual["doubts"], usual["needs_review"]) == (
        "model",
        ["ambiguous"],
        False,
    )
    assert (odd["decision"], sorted(odd["doubts"]), odd["needs_review"]) == (
        "model",
        ["ambiguous", "novel"],
        True,
    )
    assert odd["confidence"] == 0.7


def test_an_interval_that_is_too_wide_is_a_reason_to_abstain(deployment: Deployment) -> None:
    function = deployment.deploy(
        regression(),
        task="regression",
        labels=(),
        outputs=OutputNames(value="value"),
        fallbacks=(Constant(value=200.0),),
        golden=(),
        conformal=Intervals(
            score="residual",
            rows=100,
            levels=(Level(coverage=0.9, quantiles=(4.0,)), Level(coverage=0.95, quantiles=(8.0,))),
        ),
        policy=Policy(widest=10.0, ambiguous="abstain"),
    )
    row = {"island": "Dream", "flipper_length_mm": 190}
    found = only(function.predict(row))
    assert (found["decision"], found["confidence"]) == ("model", None)
    assert found["interval"] == {"low": 186.0, "high": 194.0, "coverage": 0.9}
    found = only(function.predict(row, coverage=0.95))
    assert (found["decision"], found["reason"]) == ("abstain", "wide_interval")
    assert found["interval"] == {"low": 182.0, "high": 198.0, "coverage": 0.95}


def test_abstentions_reviews_doubts_and_confidence_are_measured(
    deployment: Deployment, penguin: dict, capsys: pytest.CaptureFixture
) -> None:
    """By reason alone: no feature value, and no value of a prediction."""
    function = deployment.deploy(
        policy=Policy(ambiguous="review", novel="abstain"),
        conformal=SETS,
        novelty=NOVELTY,
        baseline=KNOWN_BILLS,
        contract=contract(island="fallback"),
    )
    capsys.readouterr()
    penguin |= {"flipper_length_mm": 211.0625}  # no clock, id or count looks like it
    function.predict(penguin, penguin, penguin | LONG_BILL, penguin | {"island": "Atlantis"})
    output = capsys.readouterr().out
    counted = metrics(output)
    assert {name: counted[name] for name in ("Predictions", "Fallbacks", "Abstentions")} == {
        "Predictions": 4,
        "Fallbacks": 1,
        "Abstentions": 1,
    }
    assert counted["Reviews"] == 3, "two answers under review, and one abstention"
    assert counted["Confidence"] == pytest.approx(0.7)
    (line,) = logged(output, "request")
    assert line["fallbacks"] == {"unseen_category": 1}
    assert line["abstentions"] == {"novel": 1}
    assert line["doubts"] == {"ambiguous": 2}
    for value in ("Gentoo", "Adelie", "Atlantis", "46.1", "211.06"):
        assert value not in output


def test_without_an_answer_of_the_model_there_is_no_confidence_to_measure(
    deployment: Deployment, penguin: dict, capsys: pytest.CaptureFixture
) -> None:
    function = deployment.deploy(policy=Policy(least_confidence=0.8))
    function.predict(penguin)
    assert "Confidence" not in metrics(capsys.readouterr().out)


@pytest.fixture
def all_three(deployment: Deployment, penguin: dict) -> tuple[Function, Answer]:
    """An answer that holds the model's, a fallback's and an abstention, in this order."""
    function = deployment.deploy(
        policy=Policy(novel="abstain"),
        conformal=SETS,
        novelty=NOVELTY,
        baseline=KNOWN_BILLS,
        contract=contract(island="fallback"),
    )
    answer = function.predict(
        penguin,
        penguin | {"island": "Atlantis"},
        penguin | LONG_BILL,
        {},
        partial=True,
        probabilities=True,
    )
    return function, answer


def test_real_answers_of_each_kind_are_as_openapi_describes_them(
    all_three: tuple[Function, Answer],
) -> None:
    function, answer = all_three
    document = function.get("/openapi.json").body
    schema = {
        "$ref": "#/components/schemas/PredictionResponse",
        "components": document["components"],
    }
    Draft202012Validator(schema).validate(answer.body)
    decisions = [prediction["decision"] for prediction in answer.body["predictions"]]
    assert decisions == ["model", "fallback", "abstain", "abstain"]


def test_openapi_leaves_a_client_no_way_to_mistake_one_kind_for_another(
    all_three: tuple[Function, Answer],
) -> None:
    """Every real answer fits the schema that its `decision` maps to, and no other."""
    function, answer = all_three
    components = function.get("/openapi.json").body["components"]
    response = components["schemas"]["PredictionResponse"]
    union = response["properties"]["predictions"]["items"]
    mapping = union["discriminator"]["mapping"]
    assert {option["$ref"] for option in union["oneOf"]} == set(mapping.values())
    assert set(mapping) == {"model", "fallback", "abstain"}
    for reference in mapping.values():
        assert "decision" in components["schemas"][reference.rpartition("/")[2]]["required"]
    for prediction in answer.body["predictions"]:
        fitting = [
            decision
            for decision, reference in mapping.items()
            if Draft202012Validator({"$ref": reference, "components": components}).is_valid(
                prediction
            )
        ]
        assert fitting == [prediction["decision"]]
        unnamed = {name: value for name, value in prediction.items() if name != "decision"}
        assert not Draft202012Validator({**union, "components": components}).is_valid(unnamed)
