"""One request with its answer, and what of it another version may see."""

import re
from dataclasses import dataclass
from typing import Any

from functions.inference.events import Event, prepare

LARGEST = 256 * 1024
"""Bytes of a body that is copied."""
_PREDICTIONS = re.compile(r"/v\d+/predictions")


@dataclass(frozen=True, slots=True)
class Exchange:
    """What came and what the caller was answered; event None where nothing is to be copied."""

    request_id: str
    event: Event | None = None
    answer: Event | None = None


def is_prediction(event: Event, answer: Event) -> bool:
    """Whether both versions could answer it: a request for predictions that was answered."""
    return (
        event.get("httpMethod") == "POST"
        and answer.get("statusCode") == 200
        and _PREDICTIONS.fullmatch(prepare(event)["path"]) is not None
    )


def is_small(event: Event) -> bool:
    return len(event.get("body") or "") <= LARGEST


def copy_of(event: Event) -> dict[str, Any]:
    """The body, and no header of the caller: no key, token, address, cookie or query."""
    path = prepare(event)["path"]
    headers = {"content-type": "application/json", "host": "shadow"}
    asked = event.get("requestContext") or {}
    return {
        "resource": path,
        "path": path,
        "httpMethod": "POST",
        "headers": headers,
        "multiValueHeaders": {name: [value] for name, value in headers.items()},
        "queryStringParameters": None,
        "multiValueQueryStringParameters": None,
        "pathParameters": None,
        "stageVariables": None,
        "requestContext": {
            "resourcePath": path,
            "httpMethod": "POST",
            "path": path,
            "stage": "live",
            "requestId": asked.get("requestId") or "",
            "identity": {"sourceIp": "127.0.0.1", "userAgent": "lambent-shadow"},
        },
        "body": event.get("body"),
        "isBase64Encoded": bool(event.get("isBase64Encoded")),
    }
