"""Which requests another version may see, and what of them."""

import json
from typing import Any

import pytest

from functions.inference.shadowing.exchange import LARGEST, copy_of, is_prediction, is_small
from tests.functions.conftest import rest_event

OK = {"statusCode": 200}


@pytest.mark.parametrize(
    ("method", "path", "status", "copied"),
    [
        ("POST", "/v1/predictions", 200, True),
        ("POST", "/v2/predictions", 200, True),
        ("POST", "/v1/predictions", 422, False),
        ("POST", "/v1/predictions", 503, False),
        ("GET", "/v1/predictions", 200, False),
        ("GET", "/health/live", 200, False),
        ("GET", "/v1/model", 200, False),
        ("POST", "/v2/models/penguins/infer", 200, False),
        ("POST", "/x/v1/predictions", 200, False),
    ],
)
def test_only_predictions_that_were_answered_are_copied(
    method: str, path: str, status: int, copied: bool
) -> None:
    assert is_prediction(rest_event(method, path), {"statusCode": status}) is copied


def test_the_base_path_of_a_custom_domain_plays_no_part() -> None:
    event = rest_event("POST", "/birds/v1/predictions")
    event |= {"resource": "/v1/predictions", "pathParameters": None}
    assert is_prediction(event, OK)
    assert copy_of(event)["path"] == "/v1/predictions"


@pytest.mark.parametrize("event", [{}, {"version": "2.0"}, {"httpMethod": "POST"}])
def test_events_of_other_origin_are_not_copied(event: dict[str, Any]) -> None:
    assert not is_prediction(event, OK)


def test_a_copy_holds_the_body_and_nothing_that_says_who_asked() -> None:
    """Threat personal data: keys, tokens, cookies and addresses stay behind."""
    secret = "CANARY-7f3a"
    names = ("x-api-key", "Authorization", "Cookie", "X-Forwarded-For", "X-Request-Id", "X-Shadow")
    event = rest_event("POST", "/v1/predictions", '{"instances": []}', dict.fromkeys(names, secret))
    event["headers"]["Content-Type"] = f"application/json; note={secret}"
    event["queryStringParameters"] = {"key": secret}
    event["requestContext"]["identity"] = {"sourceIp": secret, "apiKey": secret}
    event["requestContext"]["authorizer"] = {"principalId": secret}
    event["stageVariables"] = {"key": secret}
    copied = copy_of(event)
    assert secret not in json.dumps(copied)
    assert copied["body"] == '{"instances": []}'
    assert copied["headers"]["content-type"] == "application/json"
    assert copied["requestContext"]["requestId"] == event["requestContext"]["requestId"]


def test_large_bodies_are_not_copied() -> None:
    assert is_small({"body": "x" * LARGEST})
    assert is_small({"body": None})
    assert not is_small({"body": "x" * (LARGEST + 1)})
