"""What callers may send to harm others, or to learn what they should not."""

import json
from typing import Any
from unittest.mock import Mock

import pytest

from functions.inference import replies, validation
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
    monkeypatch.setattr(replies, "LARGEST_ANSWER", 1000)
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


FLOOD = {f"{CANARY}_{n}": 1 for n in range(validation.MOST_TOLD + 1)}


def test_threat_api4_a_flood_of_unknown_options_is_refused_in_one_line(
    function: Function, penguin: dict
) -> None:
    """To list 600,000 of them took 4 s and 450 MB."""
    answer = function.post("/v1/predictions", {"instances": [penguin], "options": FLOOD})
    assert (answer.status, len(answer.body["errors"])) == (422, 1)
    assert answer.body["errors"][0]["pointer"] == "/options"
    assert CANARY not in answer.text


ISLANDS = {"name": "island", "datatype": "BYTES", "shape": [1], "data": ["Biscoe"]}


@pytest.mark.parametrize(
    "body",
    [
        {"inputs": [ISLANDS], **FLOOD},
        {"inputs": [ISLANDS | FLOOD]},
        {"inputs": [ISLANDS], "parameters": dict.fromkeys(FLOOD)},
        {"inputs": [ISLANDS | {"parameters": dict.fromkeys(FLOOD)}]},
        {"inputs": [ISLANDS | {"shape": [CANARY] * 1000}]},
        {"inputs": [CANARY] * 1000},
        {"inputs": [ISLANDS], "outputs": [CANARY] * 1000},
    ],
    ids=["members", "of a tensor", "parameters", "of one", "shape", "inputs", "outputs"],
)
def test_threat_api4_a_flood_of_mistakes_in_tensors_is_not_listed(
    function: Function, body: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """540,000 parameters of a wrong type took 24 s and 2.3 GB, more than the function has."""
    counted = Mock(side_effect=validation.details)
    monkeypatch.setattr("functions.inference.open_inference.columns.details", counted)
    answer = function.post("/v2/models/penguins/infer", body)
    assert answer.status == 400
    assert CANARY not in answer.text
    assert counted.call_args.args[0].error_count() <= len(FLOOD)


def test_threat_api4_an_output_is_not_given_twice(function: Function) -> None:
    """20,000 times `value` for 1,000 rows took 30 s."""
    body = {"inputs": [ISLANDS], "outputs": [{"name": "decision"}] * 2}
    answer = function.post("/v2/models/penguins/infer", body)
    assert answer.status in (400, 422)
    complete = (
        ISLANDS,
        {"name": "flipper_length_mm", "datatype": "FP64", "shape": [1], "data": [200]},
    )
    answer = function.post("/v2/models/penguins/infer", body | {"inputs": complete})
    assert answer.status == 400
    assert "twice" in answer.body["detail"]
