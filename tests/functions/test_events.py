"""Gateway events, those that sam-cli makes among them, are read as what they say."""

import base64
import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.inference.events import UNREADABLE_BODY, prepare
from tests.functions.conftest import Function

SAM = Path(__file__).parents[2] / ".envs/sam/bin/sam"


def sample(kind: str, tmp_path: Path) -> dict[str, Any]:
    done = subprocess.run(
        [SAM, "local", "generate-event", "apigateway", kind],
        env={**os.environ, "HOME": str(tmp_path), "SAM_CLI_TELEMETRY": "0"},
        capture_output=True,
        text=True,
        check=True,
    )
    event: dict[str, Any] = json.loads(done.stdout)
    return event


def with_body(event: dict[str, Any], penguin: dict) -> dict[str, Any]:
    body = json.dumps({"instances": [penguin]}).encode()
    return event | {"body": base64.b64encode(body).decode(), "isBase64Encoded": True}


def test_a_rest_api_event_of_sam_is_answered(
    function: Function, penguin: dict, tmp_path: Path
) -> None:
    event = with_body(sample("aws-proxy", tmp_path), penguin)
    event |= {"path": "/v1/predictions", "pathParameters": {"proxy": "v1/predictions"}}
    answer = function.send(event)
    assert answer.status == 200
    assert answer.headers["x-request-id"] == event["requestContext"]["requestId"]


def test_an_http_api_event_of_sam_is_answered(
    function: Function, penguin: dict, tmp_path: Path
) -> None:
    event = with_body(sample("http-api-proxy", tmp_path), penguin)
    event["requestContext"]["http"] |= {"method": "POST", "path": "/v1/predictions"}
    answer = function.send(event)
    assert answer.status == 200
    assert answer.headers["x-request-id"] == event["requestContext"]["requestId"]


def rest(path: str, resource: str, **parameters: str) -> dict[str, Any]:
    return {"path": path, "resource": resource, "pathParameters": parameters or None}


@pytest.mark.parametrize(
    ("event", "route"),
    [
        (rest("/v2/models/a/infer", "/{proxy+}", proxy="v2/models/a/infer"), "/v2/models/a/infer"),
        (rest("/base/v2", "/{proxy+}", proxy="v2"), "/v2"),
        (rest("/base/health/live", "/health/{check}", check="live"), "/health/live"),
        (rest("/base/docs", "/docs"), "/docs"),
        (rest("/", "/"), "/"),
        (rest("/odd", "/{proxy+}", proxy="even"), "/odd"),
        ({"path": None, "resource": None}, "/"),
    ],
)
def test_the_route_of_a_rest_api_event(event: dict[str, Any], route: str) -> None:
    assert prepare(event)["path"] == route


@pytest.mark.parametrize(
    ("path", "stage", "route"),
    [
        ("/live/v2", "live", "/v2"),
        ("/live", "live", "/"),
        ("/lively/v2", "live", "/lively/v2"),
        ("/v2", "$default", "/v2"),
    ],
)
def test_the_route_of_an_http_api_event(path: str, stage: str, route: str) -> None:
    event = {"version": "2.0", "requestContext": {"stage": stage, "http": {"path": path}}}
    assert prepare(event)["requestContext"]["http"]["path"] == route


@pytest.mark.parametrize(
    ("key", "parameters", "route"),
    [
        ("ANY /{proxy+}", {"proxy": "v2/health/live"}, "/v2/health/live"),
        ("GET /v2/health/{check}", {"check": "live"}, "/v2/health/live"),
        ("GET /v2/health/live", None, "/v2/health/live"),
        ("ANY /{proxy+}", {"proxy": "odd"}, "/base/v2/health/live"),
        ("$default", None, "/base/v2/health/live"),
    ],
)
def test_the_base_path_of_an_http_api_is_taken_off_where_the_route_tells_it(
    key: str, parameters: dict[str, str] | None, route: str
) -> None:
    http = {"path": "/live/base/v2/health/live"}
    event = {
        "version": "2.0",
        "routeKey": key,
        "pathParameters": parameters,
        "requestContext": {"stage": "live", "http": http},
    }
    assert prepare(event)["requestContext"]["http"]["path"] == route


def test_the_event_itself_is_left_as_it_was(penguin: dict) -> None:
    event = rest("/base/docs", "/docs") | {"isBase64Encoded": True, "body": "!"}
    before = json.dumps(event)
    prepare(event)
    assert json.dumps(event) == before


@given(body=st.binary())
def test_a_body_that_is_the_base64_it_claims_is_left_alone(body: bytes) -> None:
    event = rest("/", "/") | {"body": base64.b64encode(body).decode(), "isBase64Encoded": True}
    assert prepare(event) == event


@given(body=st.text(min_size=1), encoded=st.booleans())
def test_fault_row_20_only_a_body_that_claims_base64_and_is_not_is_marked_and_emptied(
    body: str, encoded: bool
) -> None:
    """No base64 holds the replacement character."""
    event = rest("/", "/") | {"body": f"{body}\ufffd", "isBase64Encoded": encoded}
    found = prepare(event)
    assert UNREADABLE_BODY in found if encoded else found == event
    assert not (encoded and (found["body"] or found["isBase64Encoded"]))


@pytest.mark.parametrize("headers", [{}, {"headers": None}])
def test_an_http_api_event_without_headers_has_none_and_no_crash(headers: dict) -> None:
    event = {"version": "2.0", "requestContext": {"http": {"path": "/v2"}}, **headers}
    assert prepare(event)["headers"] == {}
