"""Logs as people read them; with --json as they were written."""

import json
import time
from collections.abc import Callable

import pytest

from infra.aws import Aws

from .conftest import Lambent

GROUP = "/aws/lambda/lambent-scaled"
REQUEST = {
    "level": "INFO",
    "location": "ended:92",
    "message": "request",
    "timestamp": "2030-01-01 00:00:00,000+0000",
    "service": "scaled",
    "cold_start": False,
    "function_name": "lambent-scaled",
    "function_memory_size": "1024",
    "model": "scaled",
    "model_version": "2",
    "request": "abc",
    "status": 200,
    "latency_ms": 3.25,
    "fallbacks": {},
    "problem": None,
}
Logged = Callable[..., None]


@pytest.fixture
def logged(aws: Aws) -> Logged:
    """Write these lines into the log of scaled, three minutes ago."""

    def log(*messages: str) -> None:
        aws.logs.create_log_group(logGroupName=GROUP)
        aws.logs.create_log_stream(logGroupName=GROUP, logStreamName="s")
        at = int(time.time() * 1000) - 180_000
        aws.logs.put_log_events(
            logGroupName=GROUP,
            logStreamName="s",
            logEvents=[{"timestamp": at + n, "message": text} for n, text in enumerate(messages)],
        )

    return log


def test_a_request_is_one_line_of_level_event_and_facts(lambent: Lambent, logged: Logged) -> None:
    logged(json.dumps(REQUEST))
    (line,) = lambent("logs", "scaled").out.splitlines()
    at, shown = line.split("  ", 1)
    assert at.endswith("+00:00")
    assert shown == "INFO     request  model_version=2  request=abc  status=200  latency_ms=3.25"


def test_since_before_there_were_computers_is_since_the_first_line(
    lambent: Lambent, logged: Logged
) -> None:
    logged(json.dumps(REQUEST))
    assert lambent("logs", "scaled", "--since", "99999999d").out.splitlines()


def test_metrics_in_the_line_of_a_request_are_not_shown(lambent: Lambent, logged: Logged) -> None:
    directive = {"Dimensions": [["service"]], "Metrics": [{"Name": "Errors", "Unit": "Count"}]}
    told = {"Errors": [0.0], "_aws": {"Timestamp": 1, "CloudWatchMetrics": [directive]}}
    logged(json.dumps(REQUEST), json.dumps(REQUEST | told | {"version": "2", "request_id": "abc"}))
    plain, measured = lambent("logs", "scaled").out.splitlines()
    assert measured.split("  ", 1)[1] == plain.split("  ", 1)[1]


@pytest.mark.parametrize(
    "routine",
    [
        json.dumps({"_aws": {"CloudWatchMetrics": []}, "Latency": [3.25]}),
        "INIT_START Runtime Version: python:3.13.v1",
        "START RequestId: abc Version: 2",
        "END RequestId: abc",
        "REPORT RequestId: abc\tDuration: 3.25 ms\tMax Memory Used: 90 MB",
    ],
)
def test_metrics_and_routine_are_shown_by_json_alone(
    lambent: Lambent, logged: Logged, routine: str
) -> None:
    logged(routine)
    assert lambent("logs", "scaled").out == ""
    assert json.loads(lambent("logs", "scaled", "--json").out)["message"] == routine


@pytest.mark.parametrize(
    "message",
    [
        "REPORT RequestId: abc\tDuration: 15000.00 ms\tStatus: timeout",
        "2030-01-01T00:00:00Z abc Task timed out after 15.00 seconds",
        '{"neither": "level nor message"}',
        "[1, 2]",
    ],
)
def test_what_else_is_said_is_shown_as_it_is(
    lambent: Lambent, logged: Logged, message: str
) -> None:
    logged(message)
    assert lambent("logs", "scaled").out.endswith(f"  {message}\n")


def test_json_is_one_document_per_line_in_their_order(lambent: Lambent, logged: Logged) -> None:
    logged("first", json.dumps(REQUEST), "last")
    lines = lambent("logs", "scaled", "--json").out.splitlines()
    assert [json.loads(line)["message"] for line in lines] == ["first", json.dumps(REQUEST), "last"]


def test_only_what_is_recent_enough_is_shown(lambent: Lambent, logged: Logged) -> None:
    logged("three minutes ago")
    assert lambent("logs", "scaled", "--since", "1m").out == ""
    assert "three minutes ago" in lambent("logs", "scaled", "--since", "5m").out
