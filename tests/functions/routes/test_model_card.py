"""GET /v1/model: what the card tells, and what it must not."""

import json

from jsonschema import Draft202012Validator

from model_store.artifact.facts import FeatureSummary
from model_store.policy import Policy
from model_store.uncertainty.conformal import Level, PredictionSets
from model_store.uncertainty.novelty import Novelty
from tests.functions.conftest import Deployment
from tests.functions.models import LAST, ON_DREAM, TOP, classifier, other

BASELINE = {
    "bill_length_mm": FeatureSummary(
        count=300, missing=0, quantiles={"0.01": 41.4142, "0.99": 57.7215}
    )
}


def card_of(deployment: Deployment) -> tuple[dict, dict]:
    function = deployment.deploy(
        others={"baseline": classifier((0.2, 0.6, 0.2))},
        fallbacks=(other(), ON_DREAM, TOP, LAST),
        policy=Policy(least_confidence=0.6, message="Ask a biologist", contact="Dr. Gorman"),
        conformal=PredictionSets(
            score="lac", rows=100, levels=(Level(coverage=0.9, quantiles=(0.4,), observed=0.91),)
        ),
        novelty=Novelty(score=None, false_alarms=0.01),
        baseline=BASELINE,
    )
    answer = function.get("/v1/model")
    assert answer.status == 200
    return answer.body, function.get("/openapi.json").body


def test_the_card_tells_who_may_answer_how_sure_and_whom_to_ask_for_review(
    deployment: Deployment,
) -> None:
    card, document = card_of(deployment)
    assert card["fallbacks"] == ["model", "rules", "popular", "constant"]
    assert card["contact"] == "Dr. Gorman"
    assert card["coverage"] == [{"coverage": 0.9, "observed": 0.91}]
    schema = {"$ref": "#/components/schemas/ModelCard", "components": document["components"]}
    Draft202012Validator(schema).validate(card)


def test_threat_personal_data_the_card_holds_nothing_of_the_data_but_numbers_over_all_of_it(
    deployment: Deployment,
) -> None:
    """No quantile or frequency of a feature, and no example row."""
    card, _ = card_of(deployment)
    assert not {"baseline", "golden"} & card.keys()
    text = json.dumps(card)
    for number in ("41.4142", "57.7215", "46.1", "211.0"):
        assert number not in text
    without_contract = {name: value for name, value in card.items() if name != "features"}
    assert "sex" not in json.dumps(without_contract), "what is sensitive is only declared"


def test_threats_ml01_ml03_to_ml05_how_it_decides_stays_with_its_owner(
    deployment: Deployment,
) -> None:
    """Thresholds, quantiles and rules together are a map of the decision boundary."""
    card, _ = card_of(deployment)
    text = json.dumps(card)
    assert "0.6" not in text
    assert "0.4" not in text
    assert "Dream" not in json.dumps({**card, "features": []})
