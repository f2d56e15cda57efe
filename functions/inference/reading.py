"""What the routes need of a request: its JSON, and how much time it has."""

from starlette.requests import Request

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


async def read_object(request: Request, limits: Limits) -> dict[str, object]:
    """The body as one JSON object; raises a ServingError that says what is wrong with it."""
    if _media_type(request) not in ("", "application/json"):
        raise UnsupportedMediaType
    document = strict_json.parse(await _body(request, limits.body))
    if not isinstance(document, dict):
        raise InvalidRequest([Violation((), Code.NOT_AN_OBJECT, "must be a JSON object")])
    return document


def time_left(request: Request, limits: Limits) -> float:
    """Seconds until an answer must be on its way. Outside Lambda nothing counts down."""
    context = request.scope.get("aws.context")
    if context is None:
        return limits.time_without_context
    return float(context.get_remaining_time_in_millis()) / 1000 - limits.reserve


async def _body(request: Request, limit: int) -> bytes:
    if (request.scope.get("aws.event") or {}).get(UNREADABLE_BODY):
        raise BodyNotDecodable
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > limit:
            raise BodyTooLarge(limit)
    return bytes(body)


def _media_type(request: Request) -> str:
    return request.headers.get("content-type", "").partition(";")[0].strip().lower()
