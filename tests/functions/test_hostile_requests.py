"""What callers may send to harm others, or to learn what they should not."""

import json
from typing import Any

import pytest

from functions.inference import writing
from functions.inference.settings import Limits
from tests.functions.conftest import ORIGIN, Deployment, Function, publish, rest_event
from tests.functions.models import classifier

CANARY = "canary_6f1e"


@pytest.mark.parametrize(
    "broken",
    [
        {"headers": {"Host": "a:b:c", "Origin": ORIGIN}},
        {"headers": {"Host": "api.example", "X-Forwarded-Port": "abc", "Origin": ORIGIN}},
        {"body": "\ud800"},
        {"requestContext": None},
    ],
)
def test_an_event_that_cannot_be_read_is_a_400_and_no_crash(
    function: Function, broken: dict[str, Any]
) -> None:
    """Otherwise a caller could light the alarm for crashes."""
    event = rest_event("POST", "/v1/predictions", "{}") | broken
    event["multiValueHeaders"] = {k: [v] for k, v in event["headers"].items()}
    answer = function.send(event)
    assert answer.status == 400
    assert answer.headers["content-type"] == "application/problem+json"
    if "Origin" in event["headers"]:
        assert answer.headers["access-control-allow-origin"] == ORIGIN


def test_a_path_parameter_without_a_value_is_read(function: Function) -> None:
    event = rest_event("GET", "/health/live") | {"pathParameters": {"proxy": None}}
    assert function.send(event).status == 200


@pytest.mark.parametrize("name", ["x" * 65, "ä" * 70_000, "not an identifier"])
def test_fault_row_16_a_name_that_may_be_anything_is_not_repeated(
    function: Function, penguin: dict, name: str
) -> None:
    answer = function.post("/v1/predictions", {"instances": [penguin], name: 1})
    assert answer.status == 422
    assert name not in answer.text
    assert len(answer.text) < 1000


@pytest.mark.parametrize("where", ["", "parameters"])
def test_fault_row_16_an_open_inference_error_names_no_member_of_the_callers_own(
    function: Function, where: str
) -> None:
    tensor = {"name": "island", "datatype": "BYTES", "shape": [1], "data": ["Biscoe"]}
    unknown: Any = {CANARY: [1]}
    body = {"inputs": [tensor], **({where: unknown} if where else unknown)}
    answer = function.post("/v2/models/penguins/infer", body)
    assert answer.status == 400
    assert CANARY not in answer.text


def test_threat_api4_a_tensor_of_too_many_rows_is_refused_before_rows_are_made(
    deployment: Deployment,
) -> None:
    deployment.limits = Limits(rows=2)
    tensor = {"name": "island", "datatype": "BYTES", "shape": [3], "data": ["Biscoe"] * 3}
    answer = deployment.function().post("/v2/models/penguins/infer", {"inputs": [tensor]})
    assert answer.status == 413


def test_threat_api4_an_answer_that_lambda_would_not_carry_is_a_413(
    function: Function, penguin: dict, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writing, "LARGEST_ANSWER", 1000)
    answer = function.predict(*[penguin] * 20)
    assert answer.status == 413
    assert "fewer rows" in answer.body["detail"]


def test_threat_api4_the_description_is_made_once(
    function: Function, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = function.get("/openapi.json")

    def made_again(*_: object) -> None:
        raise AssertionError("made again")

    monkeypatch.setattr("functions.inference.openapi.describe", made_again)
    assert function.get("/openapi.json").text == first.text


def test_fault_row_26_odd_rows_of_one_caller_open_no_breaker_for_others(
    deployment: Deployment, penguin: dict
) -> None:
    """A model that answers NaN to what the caller sent is not a model that fails."""
    deployment.published = publish(classifier((float("nan"), 0.5, 0.5)))
    deployment.published.put(deployment.s3)
    function = deployment.function()
    for _ in range(Limits().breaker_failures + 1):
        (prediction,) = json.loads(function.predict(penguin).text)["predictions"]
        assert prediction["reason"] == "invalid_output"
