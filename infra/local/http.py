"""The little of HTTP that the ASGI applications here share."""

import json
import re
from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from typing import Any

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
AsgiApp = Callable[[Scope, Receive, Send], Awaitable[None]]
Headers = Iterable[tuple[str, str]]

_CREDENTIAL = re.compile(r"Credential=[^/]+/\d+/(?P<region>[a-z0-9-]+)/")


class BodyTooLarge(Exception):
    """The client sent more than the limit."""


async def read_body(receive: Receive, limit: int) -> bytes:
    """The whole request body. Raises BodyTooLarge as soon as `limit` bytes are passed."""
    body = bytearray()
    more = True
    while more:
        message = await receive()
        body += message.get("body", b"")
        if len(body) > limit:
            raise BodyTooLarge
        more = message.get("more_body", False)
    return bytes(body)


async def respond(send: Send, status: int, headers: Headers, body: bytes) -> None:
    raw = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers]
    raw.append((b"content-length", str(len(body)).encode()))
    await send({"type": "http.response.start", "status": status, "headers": raw})
    await send({"type": "http.response.body", "body": body})


async def respond_json(send: Send, status: int, headers: Headers, document: Any) -> None:
    body = json.dumps(document).encode()
    await respond(send, status, [("content-type", "application/json"), *headers], body)


def header(scope: Scope, name: str) -> str | None:
    """The last value of a header, or None."""
    wanted = name.lower().encode()
    found = [value for key, value in scope["headers"] if key == wanted]
    return found[-1].decode("latin-1") if found else None


def signed_region(scope: Scope, default: str) -> str:
    """The region that a SigV4 signature names."""
    match = _CREDENTIAL.search(header(scope, "authorization") or "")
    return match["region"] if match else default
