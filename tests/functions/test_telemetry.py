"""What is logged and measured, what never is, and what happens when it cannot be."""

import json
import sys
from typing import Any

import pytest

from functions.inference.trials import AT_ONCE
from model_store import gateway_event
from model_store.gateway_event import REHEARSAL
from tests.functions.conftest import (
    Context,
    Deployment,
    Function,
    lines,
    logged,
    metrics,
    publish,
    rest_event,
)
from tests.functions.models import contract, failing

CANARIES = ("canary-3b1d", 77.31313)


def test_a_request_is_one_line_and_one_set_of_metrics(
    deployment: Deployment, penguin: dict, capsys: pytest.CaptureFixture
) -> None:
    function = deployment.function()
    capsys.readouterr()
    function.predict(penguin, penguin)
    output = capsys.readouterr().out
    (line,) = logged(output, "request")
    assert line["route"] == "/v1/predictions"
    assert (line["status"], line["rows"], line["method"]) == (200, 2, "POST")
    assert line["correlation_id"] == "c6af9ac6-7b61-11e6-9a41-93e8deadbeef"
    assert (line["model"], line["model_version"]) == ("penguins", "1")
    found = metrics(output)
    assert found.keys() >= {"Latency", "ColdStart", "Predictions", "Errors", "Fallbacks"}
    assert (found["Predictions"], found["Fallbacks"], found["Errors"]) == (2, 0, 0)


def test_metrics_are_kept_by_service_and_by_service_model_and_version(
    deployment: Deployment, penguin: dict, capsys: pytest.CaptureFixture
) -> None:
    function = deployment.function()
    function.predict(penguin)
    output = capsys.readouterr().out
    directives = [
        d for line in lines(output) for d in line.get("_aws", {}).get("CloudWatchMetrics", [])
    ]
    assert directives
    for directive in directives:
        assert directive["Namespace"] == "Lambent"
        assert directive["Dimensions"] == [["service"], ["service", "model", "version"]]


def test_every_metric_has_its_unit(
    deployment: Deployment, penguin: dict, capsys: pytest.CaptureFixture
) -> None:
    function = deployment.function(AWS_LAMBDA_FUNCTION_VERSION="7")
    function.context = Context(invoked_function_arn=LIVE)
    for _ in range(AT_ONCE):
        function.predict(penguin)
    units = {
        metric["Name"]: metric["Unit"]
        for line in lines(capsys.readouterr().out)
        for directive in line.get("_aws", {}).get("CloudWatchMetrics", [])
        for metric in directive["Metrics"]
    }
    assert {name: unit for name, unit in units.items() if unit != "Count"} == {
        "Latency": "Milliseconds",
        "ModelLoadTime": "Milliseconds",
        "Confidence": "None",
        "AnswerScale": "None",
    }


LIVE = "arn:aws:lambda:us-east-1:123456789012:function:lambent-penguins:live"
BY_VERSION = ["service", "lambda_version"]


def directives(output: str) -> list[dict[str, Any]]:
    found = [line.get("_aws", {}).get("CloudWatchMetrics", []) for line in lines(output)]
    return [directive for each in found for directive in each]


def behind_live(deployment: Deployment) -> Function:
    """As Lambda version 7, which the alias leads to."""
    function = deployment.function(AWS_LAMBDA_FUNCTION_VERSION="7")
    function.context.invoked_function_arn = LIVE
    return function


def test_what_came_through_the_alias_is_kept_by_lambda_version_too(
    deployment: Deployment, penguin: dict, capsys: pytest.CaptureFixture
) -> None:
    function = behind_live(deployment)
    capsys.readouterr()
    function.predict(penguin)
    function.predict({"sex": "unknown"})
    output = capsys.readouterr().out
    assert all(BY_VERSION in directive["Dimensions"] for directive in directives(output))
    assert {line["lambda_version"] for line in lines(output) if "_aws" in line} == {"7"}
    found = metrics(output)
    assert (found["Requests"], found["RefusedRequests"]) == (2, 1)


def test_a_model_that_cannot_be_loaded_is_told_by_lambda_version(
    deployment: Deployment, capsys: pytest.CaptureFixture
) -> None:
    """Nobody has asked yet, and the alarm on a candidate is to hear of it."""
    deployment.s3.objects.clear()
    deployment.function(AWS_LAMBDA_FUNCTION_VERSION="7")
    (told,) = [line for line in lines(capsys.readouterr().out) if "ModelLoadFailures" in line]
    assert told["lambda_version"] == "7"


def test_what_was_sent_to_one_version_says_nothing_of_callers(
    deployment: Deployment, penguin: dict, capsys: pytest.CaptureFixture
) -> None:
    """A hook, a shadow and `lambent invoke` ask a version by its number."""
    function = deployment.function(AWS_LAMBDA_FUNCTION_VERSION="7")
    function.predict(penguin)
    behind_live(deployment).get("/health/live")
    output = capsys.readouterr().out
    assert not any(BY_VERSION in directive["Dimensions"] for directive in directives(output))
    assert "Requests" not in metrics(output)


def test_threat_personal_data_answers_are_told_twenty_at_once_and_with_no_request(
    deployment: Deployment, penguin: dict, capsys: pytest.CaptureFixture
) -> None:
    """No line holds the answer to one request, however many rows that had."""
    function = behind_live(deployment)
    for _ in range(19):
        function.predict(*[penguin] * 30)
    assert "Answers" not in capsys.readouterr().out
    function.predict(penguin)
    (told,) = [line for line in lines(capsys.readouterr().out) if "AnswerScale" in line]
    assert told["Answers2"] == [20]
    assert told.keys() == {
        *("_aws", "service", "model", "version", "lambda_version"),
        *("AnswerScale", "Answers2"),
    }


def test_the_cold_start_is_counted_once_and_the_load_time_when_it_happens(
    deployment: Deployment, penguin: dict, capsys: pytest.CaptureFixture
) -> None:
    function = deployment.function()
    assert "ModelLoadTime" in metrics(capsys.readouterr().out)
    function.predict(penguin)
    assert metrics(capsys.readouterr().out)["ColdStart"] == 1
    function.predict(penguin)
    assert metrics(capsys.readouterr().out)["ColdStart"] == 0


def test_threat_personal_data_no_value_that_was_sent_is_ever_logged(
    deployment: Deployment,
    penguin: dict,
    capfd: pytest.CaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Good rows, bad rows, a model that raises quoting its input, a bug, a broken body."""
    monkeypatch.setenv("POWERTOOLS_LOGGER_LOG_EVENT", "true")
    monkeypatch.setenv("POWERTOOLS_LOG_LEVEL", "DEBUG")
    text, number = CANARIES
    deployment.published = publish(failing(), contract=contract(island="fallback"))
    deployment.published.put(deployment.s3)
    function = deployment.function()
    function.predict(penguin | {"island": text, "bill_length_mm": number})
    function.predict(penguin | {"sex": text, text: text})
    function.post("/v1/predictions", f'{{"instances": "{text}" {text}')
    function.get(f"/v1/{text}", **{"X-Request-Id": text, "Origin": f"https://{text}.example"})
    function.get(f"/v2/models/{text}")
    monkeypatch.setattr("functions.inference.attempt.encode", _quote)
    function.predict(penguin | {"island": text})
    captured = capfd.readouterr()
    assert logged(captured.out, "request"), "there is a log to look at"
    assert logged(captured.out, "unexpected_error")[0]["error"] == "ValueError"
    for canary in (text, str(number)):
        assert canary not in captured.out
        assert canary not in captured.err


def _quote(rows: Any, specs: Any) -> None:
    raise ValueError(f"cannot read {rows}")


def test_nothing_is_carried_over_from_one_request_to_the_next(
    deployment: Deployment, penguin: dict, capsys: pytest.CaptureFixture
) -> None:
    function = deployment.function()
    function.predict({})
    capsys.readouterr()
    event = rest_event("GET", "/health/live")
    event["requestContext"]["requestId"] = "another"
    function.send(event)
    (line,) = logged(capsys.readouterr().out, "request")
    assert line["correlation_id"] == "another"
    assert not line.get("codes")
    assert "problem" not in line or line["problem"] is None


class BrokenPipe:
    """A stdout that nobody reads any more."""

    def write(self, text: str) -> int:
        raise BrokenPipeError

    def flush(self) -> None:
        raise BrokenPipeError


def test_fault_row_53_a_sink_that_fails_leaves_the_answer_alone_and_is_counted(
    deployment: Deployment,
    penguin: dict,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture,
) -> None:
    function = deployment.function()
    with monkeypatch.context() as broken:
        broken.setattr(sys, "stdout", BrokenPipe())
        answer = function.predict(penguin)
    assert answer.status == 200
    assert answer.body["predictions"][0]["decision"] == "model"
    capsys.readouterr()
    function.predict(penguin)
    found = metrics(capsys.readouterr().out)
    assert found["TelemetryLost"] == 1
    assert found["Predictions"] == 1, "the next request's metrics are its own"
    function.predict(penguin)
    assert "TelemetryLost" not in metrics(capsys.readouterr().out)


def test_fault_row_53_a_logger_that_raises_leaves_the_answer_alone(
    deployment: Deployment, penguin: dict, monkeypatch: pytest.MonkeyPatch
) -> None:
    from aws_lambda_powertools.logging import Logger

    def broken(*_: object, **__: object) -> None:
        raise OSError("no log today")

    function = deployment.function()
    monkeypatch.setattr(Logger, "info", broken)
    assert function.predict(penguin).body["predictions"][0]["decision"] == "model"


def test_a_rehearsal_is_logged_and_not_measured(
    deployment: Deployment, penguin: dict, capsys: pytest.CaptureFixture
) -> None:
    """What a candidate does before it goes live lights no alarm of what is live.

    The stage is API Gateway's own word: a caller cannot hide behind it.
    """
    function = deployment.function()
    body = json.dumps({"instances": [penguin]})
    capsys.readouterr()
    function.send(gateway_event.rest_event("POST", "/v1/predictions", body, stage=REHEARSAL))
    output = capsys.readouterr().out
    assert len(logged(output, "request")) == 1
    assert metrics(output) == {}
