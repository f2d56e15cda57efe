"""An operator puts one model on its fallbacks: neither S3 nor the model is asked."""

import pytest

from model_store.policy import Policy
from tests.functions.conftest import Deployment, Function, logged, metrics
from tests.functions.models import LAST, ON_DREAM, TOP, classifier, other

OFF = {"LAMBENT_FALLBACK_ONLY": "on"}


@pytest.fixture
def off(deployment: Deployment) -> Function:
    deployment.deploy(
        others={"baseline": classifier((0.2, 0.6, 0.2))},
        fallbacks=(other(), ON_DREAM, TOP, LAST),
    )
    deployment.s3.requests.clear()
    deployment.cache = deployment.cache.with_name("empty")
    return deployment.function(**OFF)


def test_every_row_is_answered_by_a_fallback_that_says_it_was_switched_off(
    off: Function, penguin: dict
) -> None:
    on_dream, elsewhere = off.predict(penguin | {"island": "Dream"}, penguin).body["predictions"]
    assert (on_dream["source"], on_dream["value"]) == ("rules", "Chinstrap")
    assert (elsewhere["source"], elsewhere["value"]) == ("constant", "Adelie")
    assert {on_dream["reason"], elsewhere["reason"]} == {"switched_off"}


def test_nothing_is_read_at_the_start_and_no_model_ever(
    off: Function, deployment: Deployment, penguin: dict, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A baseline is a model too; a popular list is not."""
    monkeypatch.setattr("onnxruntime.InferenceSession", None)
    assert deployment.s3.requests == []
    deployment.write_list("Gentoo")
    assert off.predict(penguin).body["predictions"][0]["source"] == "popular"
    for path in ("/v1/model", "/health/ready", "/openapi.json", "/docs"):
        off.get(path)
    deployment.clock.now += 1000
    off.predict(penguin)
    assert set(deployment.s3.requests) == {"lists/penguins/top.json"}


def test_it_works_while_s3_is_down(deployment: Deployment, penguin: dict) -> None:
    function = deployment.function(**OFF, AWS_ENDPOINT_URL="http://127.0.0.1:9")
    assert function.predict(penguin).body["predictions"][0]["value"] == "Adelie"


@pytest.mark.parametrize("path", ["/health/ready", "/v1/model"])
def test_who_asks_for_the_model_is_told_that_it_is_switched_off(off: Function, path: str) -> None:
    answer = off.get(path)
    assert answer.status == 503
    assert answer.body["type"] == "urn:lambent:problem:model-not-ready"
    assert "an operator has switched it off" in answer.body["detail"]
    assert off.get("/health/live").status == 200


def test_the_contract_still_judges_and_openapi_still_describes_it(
    off: Function, penguin: dict
) -> None:
    assert off.predict(penguin | {"island": "Atlantis"}).status == 422
    found = off.predict({}, penguin, partial=True).body["predictions"]
    assert [p["decision"] for p in found] == ["abstain", "fallback"]
    assert "Penguin" in off.get("/openapi.json").body["components"]["schemas"]


def test_it_is_counted_and_logged_as_a_fallback_and_not_as_a_failed_load(
    deployment: Deployment, penguin: dict, capsys: pytest.CaptureFixture
) -> None:
    deployment.function(**OFF).predict(penguin)
    output = capsys.readouterr().out
    counted = metrics(output)
    assert (counted["Predictions"], counted["Fallbacks"], counted["Errors"]) == (1, 1, 0)
    assert not {"ModelLoadTime", "ModelLoadFailures"} & counted.keys()
    assert logged(output, "request")[0]["fallbacks"] == {"switched_off": 1}


def test_fault_row_31_switched_off_without_a_fallback_is_a_503(
    deployment: Deployment, penguin: dict
) -> None:
    deployment.deploy(fallbacks=(), policy=Policy())
    answer = deployment.function(**OFF).predict(penguin)
    assert answer.status == 503
    assert int(answer.headers["retry-after"]) > 0
    assert "switched_off" in answer.body["detail"]


@pytest.mark.parametrize("value", ["off", "", "no"])
def test_anything_but_on_leaves_the_model_in_charge(
    deployment: Deployment, penguin: dict, value: str
) -> None:
    function = deployment.function(LAMBENT_FALLBACK_ONLY=value)
    assert function.predict(penguin).body["predictions"][0]["decision"] == "model"
