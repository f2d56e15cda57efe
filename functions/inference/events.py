"""Gateway events made fit for Mangum: the route without its base path, a body that decodes."""

import base64
import binascii
from typing import Any

UNREADABLE_BODY = "lambent.unreadable_body"
Event = dict[str, Any]


def prepare(event: Event) -> Event:
    """A copy of a REST API (v1) or HTTP API (v2) event whose path is the route itself.

    A body that is not the base64 it claims to be is marked and emptied, so that the app answers
    it like any other mistake; Mangum would raise (fault row 20).
    """
    event = _without_base_path(event)
    if event.get("isBase64Encoded") and decoded(event.get("body") or "") is None:
        event |= {"body": "", "isBase64Encoded": False, UNREADABLE_BODY: True}
    if event.get("version") == "2.0" and event.get("headers") is None:
        event["headers"] = {}
    return event


def _without_base_path(event: Event) -> Event:
    context = event.get("requestContext") or {}
    if event.get("version") == "2.0":
        http = context.get("http") or {}
        path = _after(http.get("path") or "/", f"/{context.get('stage')}")
        _, _, template = (event.get("routeKey") or "").partition(" ")
        route = _matched(path, template, event)
        return event | {"requestContext": context | {"http": http | {"path": route}}}
    return event | {"path": route_of(event)}


def route_of(event: Event) -> str:
    """Of a REST API's event: what `resource` matched, without the base path of a custom domain."""
    return _matched(event.get("path") or "/", event.get("resource") or "", event)


def _matched(path: str, template: str, event: Event) -> str:
    """The end of the path that the API's template stands for; all of it where that is not told."""
    route = template
    for name, value in (event.get("pathParameters") or {}).items():
        matched = value or ""
        route = route.replace(f"{{{name}}}", matched).replace(f"{{{name}+}}", matched)
    return route if route and "{" not in route and path.endswith(route) else path


def _after(path: str, prefix: str) -> str:
    return path[len(prefix) :] or "/" if path == prefix or path.startswith(f"{prefix}/") else path


def decoded(body: str) -> bytes | None:
    """None if it is not base64."""
    try:
        return base64.b64decode(body, validate=True)
    except (binascii.Error, ValueError):
        return None
