"""Answers predictions of a REST API without FastAPI, byte for byte as FastAPI would.

Most requests are predictions, and FastAPI costs several times what the model does; so it is not
even imported before something else is asked for. Only events that leave nothing to interpret are
taken: whatever is odd about one is the app's to answer.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from functions.inference.answering import ROUTE, answered
from functions.inference.cors import cors_headers
from functions.inference.events import Event, decoded, route_of
from functions.inference.identity import NOT_KEPT, headers_of, observed
from functions.inference.observation import Observation
from functions.inference.reading import Sent, seconds_left
from functions.inference.replies import Reply, refused
from functions.inference.service import Service
from functions.inference.telemetry import Telemetry

_PREDICTIONS = re.compile(r"/v(0|[1-9][0-9]{0,8})/predictions")


class Call(NamedTuple):
    """A request for predictions. headers: by their names in lower case."""

    major: str
    headers: Mapping[str, str]
    sent: Sent
    asked: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class DirectPath:
    """origins: of the web pages that may read answers. clock: monotonic seconds."""

    service: Service
    telemetry: Telemetry
    origins: Sequence[str]
    clock: Callable[[], float]

    def answer(self, event: Event, context: Any) -> Event | None:
        """None: for the app to answer."""
        call = call_of(event)
        if call is None:
            return None
        sent_id = call.headers.get("x-request-id", "")
        observation = observed("POST", sent_id, call.asked, context, self.clock())
        observation.route = ROUTE
        reply = self._reply(call, observation, context)
        observation.status, observation.manifest = reply.status, self.service.holder.manifest
        cors = cors_headers(call.headers.get("origin"), self.origins)
        about = headers_of(self.service, observation) | cors
        self.telemetry.ended(observation)
        return _response(reply, about)

    def _reply(self, call: Call, observation: Observation, context: Any) -> Reply:
        service, clock = self.service, self.clock
        try:
            ends_at = clock() + seconds_left(context, service.limits)
            return answered(service, call.major, call.sent, observation, lambda: ends_at - clock())
        except Exception as error:  # noqa: BLE001 - told as the app tells it
            self.telemetry.crashed(error)
            return refused(error, observation)


def call_of(event: Event) -> Call | None:
    """None for what is no prediction, and for whatever is odd."""
    try:
        return _call(event)
    except (AttributeError, KeyError, TypeError, ValueError):
        return None  # Not silent: the app says what is wrong with it.


def _call(event: Event) -> Call | None:
    asked, path = event["requestContext"], event["path"]
    if event["httpMethod"] != "POST" or "version" in event or "elb" in asked:
        return None
    matched = _PREDICTIONS.fullmatch(route_of(event) if "resource" in event else "")
    queried = event.get("queryStringParameters") or event.get("multiValueQueryStringParameters")
    if matched is None or queried or not isinstance(path, str):
        return None
    headers = _headers(event)
    _check_origin(headers, asked)
    str(asked.get("requestId")).encode("ascii")
    sent = Sent(headers.get("content-type", ""), _body(event))
    return Call(matched[1], headers, sent, asked)


def _headers(event: Event) -> dict[str, str]:
    """As Mangum reads them; raises for any that are not plain text."""
    single, multiple = event.get("headers") or {}, event.get("multiValueHeaders") or {}
    headers = {name.lower(): value for name, value in single.items() if name not in multiple}
    for name, values in multiple.items():
        headers[name.lower()] = ", ".join(values) if isinstance(values, list) else ""
    if not "".join((*headers, *headers.values())).isascii():
        raise ValueError
    return headers


def _check_origin(headers: Mapping[str, str], asked: Mapping[str, Any]) -> None:
    """Raises where Mangum cannot tell from where or to whom the request was sent."""
    host, port = headers.get("host", ""), headers.get("x-forwarded-port", "80")
    if ":" in host:
        _, port = host.split(":")
    int(port)
    asked.get("identity", {}).get("sourceIp")


def _body(event: Event) -> bytes | None:
    body: str = event.get("body") or ""
    return decoded(body) if event.get("isBase64Encoded") else body.encode()


def _response(reply: Reply, about: Mapping[str, str]) -> Event:
    size = len(reply.text) if reply.text.isascii() else len(reply.text.encode())
    itself = {"content-length": str(size), "content-type": reply.media_type}
    return {
        "statusCode": reply.status,
        "headers": {**NOT_KEPT, **reply.headers, **about, **itself},
        "multiValueHeaders": {},
        "body": reply.text,
        "isBase64Encoded": False,
    }
