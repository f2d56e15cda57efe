"""The answer to an event that the gateway adapter cannot turn into a request."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from functions.inference.events import Event
from functions.inference.problems import PROBLEM_JSON, UNREADABLE, Problem


def refuse_unreadable(
    event: Event, origins: Sequence[str], identity: Mapping[str, str]
) -> dict[str, Any]:
    """A 400 that a browser of a listed site may read. identity: headers that name the model."""
    headers = {
        "content-type": PROBLEM_JSON,
        "cache-control": "no-store",
        "x-content-type-options": "nosniff",
    }
    request_id = str((event.get("requestContext") or {}).get("requestId", ""))
    headers |= {"x-request-id": request_id, **identity}
    origin = _origin(event)
    if origin in origins:
        headers |= {"access-control-allow-origin": origin, "vary": "Origin"}
    problem = Problem(UNREADABLE, "Its headers, path or body are not what HTTP allows.")
    return {
        "statusCode": UNREADABLE.status,
        "headers": headers,
        "body": json.dumps(problem.body(request_id)),
        "isBase64Encoded": False,
    }


def _origin(event: Event) -> str:
    sent = event.get("headers") or {}
    return next((str(sent[name]) for name in sent if name.lower() == "origin"), "")
