"""What is read of a request: its JSON, and how much time it has."""

from typing import TYPE_CHECKING, Any, NamedTuple

from functions.inference import strict_json
from functions.inference.errors import (
    BodyNotDecodable,
    BodyTooLarge,
    InvalidRequest,
    UnsupportedMediaType,
)
from functions.inference.events import UNREADABLE_BODY
from functions.inference.settings import Limits
from model_store.contract import Code, Violation

if TYPE_CHECKING:
    from starlette.requests import Request  # a prediction is answered without it


class Sent(NamedTuple):
    """content_type: the header, empty without one. body: None if it is not the base64 it claims
    to be; what is longer than the limit may end just past it."""

    content_type: str
    body: bytes | None

    def checked(self, limit: int) -> bytes:
        """The body, if it can be read at all; raises a ServingError that says why not."""
        kind = self.content_type
        if kind not in ("application/json", "") and _media_type(kind) not in _READ:
            raise UnsupportedMediaType
        if self.body is None:
            raise BodyNotDecodable
        if len(self.body) > limit:
            raise BodyTooLarge(limit)
        return self.body


def object_of(body: bytes) -> dict[str, object]:
    """The body as one JSON object; raises a ServingError that says what is wrong with it."""
    document = strict_json.parse(body)
    if not isinstance(document, dict):
        raise InvalidRequest([Violation((), Code.NOT_AN_OBJECT, "must be a JSON object")])
    return document


async def sent_by(request: "Request", limits: Limits) -> Sent:
    """No more of the body than is needed to see that it is too large."""
    content_type = request.headers.get("content-type", "")
    if (request.scope.get("aws.event") or {}).get(UNREADABLE_BODY):
        return Sent(content_type, None)
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > limits.body:
            break
    return Sent(content_type, bytes(body))


async def read_object(request: "Request", limits: Limits) -> dict[str, object]:
    sent = await sent_by(request, limits)
    return object_of(sent.checked(limits.body))


def time_left(request: "Request", limits: Limits) -> float:
    """Seconds until an answer must be on its way."""
    return seconds_left(request.scope.get("aws.context"), limits)


def seconds_left(context: Any, limits: Limits) -> float:
    """context: Lambda's. Outside Lambda nothing counts down."""
    if context is None:
        return limits.time_without_context
    return float(context.get_remaining_time_in_millis()) / 1000 - limits.reserve


_READ = ("", "application/json")


def _media_type(header: str) -> str:
    return header.partition(";")[0].strip().lower()
