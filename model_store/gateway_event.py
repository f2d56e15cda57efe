"""The event by which API Gateway hands a request to a function, for those who ask it directly."""

from typing import Any
from uuid import uuid4

REHEARSAL = "rehearsal"
"""The stage in events that stand for no caller. API Gateway alone writes it, so no caller can."""


def rest_event(
    method: str, path: str, body: str | None = None, *, stage: str = "live"
) -> dict[str, Any]:
    """The parts of a REST API (v1) proxy event that an adapter reads."""
    headers = {"content-type": "application/json", "host": "lambent-invoke"}
    return {
        "resource": "/{proxy+}",
        "path": path,
        "httpMethod": method,
        "headers": headers,
        "multiValueHeaders": {name: [value] for name, value in headers.items()},
        "queryStringParameters": None,
        "multiValueQueryStringParameters": None,
        "pathParameters": {"proxy": path.removeprefix("/")},
        "stageVariables": None,
        "requestContext": {
            "resourcePath": "/{proxy+}",
            "httpMethod": method,
            "path": f"/{stage}{path}",
            "stage": stage,
            "protocol": "HTTP/1.1",
            "requestId": str(uuid4()),
            "identity": {"sourceIp": "127.0.0.1", "userAgent": "lambent"},
        },
        "body": body,
        "isBase64Encoded": False,
    }
