"""The one table from what went wrong to HTTP: RFC 9457 problem details."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from functions.inference import errors
from model_store.decision import NoFallback
from model_store.errors import LambentError

PROBLEM_JSON = "application/problem+json"
RETRY_AFTER = {"retry-after": "10"}


@dataclass(frozen=True, slots=True)
class Kind:
    """A row of the table; `slug` ends the problem's type URI. headers: by names in lower case."""

    status: int
    slug: str
    title: str
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Problem:
    """What a caller is told. No part of it ever repeats a value that was sent."""

    kind: Kind
    detail: str
    errors: tuple[dict[str, str], ...] = ()

    def body(self, request_id: str) -> dict[str, Any]:
        return {
            "type": f"urn:lambent:problem:{self.kind.slug}",
            "title": self.kind.title,
            "status": self.kind.status,
            "detail": self.detail,
            "instance": request_id,
            **({"errors": list(self.errors)} if self.errors else {}),
        }


KINDS: dict[type[Exception], Kind] = {
    errors.BodyNotDecodable: Kind(400, "invalid-base64", "The body cannot be decoded"),
    errors.BodyNotJson: Kind(400, "invalid-json", "The body is not unambiguous JSON"),
    errors.TensorRefused: Kind(400, "invalid-tensors", "The tensors cannot be read"),
    errors.NoSuchModel: Kind(404, "no-such-model", "Not the model of this function"),
    errors.NoSuchContract: Kind(404, "no-such-contract", "Not a contract of this function"),
    errors.BodyTooLarge: Kind(413, "body-too-large", "The body is too large"),
    errors.AnswerTooLarge: Kind(413, "answer-too-large", "The answer would be too large"),
    errors.TooManyRows: Kind(413, "too-many-rows", "Too many rows in one request"),
    errors.UnsupportedMediaType: Kind(415, "unsupported-media-type", "Only JSON is read"),
    errors.InvalidRequest: Kind(422, "invalid-request", "The request does not fit the contract"),
    errors.NoTensorForAnswer: Kind(422, "no-tensor-for-answer", "A tensor cannot hold the answer"),
    errors.ModelNotReady: Kind(503, "model-not-ready", "The model is not loaded", RETRY_AFTER),
    NoFallback: Kind(503, "no-answer", "Neither model nor fallback can answer", RETRY_AFTER),
}
UNREADABLE = Kind(400, "unreadable-request", "The request cannot be read")
_INTERNAL = Kind(500, "internal-error", "The function failed")
_BY_STATUS = {
    404: Kind(404, "not-found", "There is no such route"),
    405: Kind(405, "method-not-allowed", "This route has another method"),
}


def problem_of(error: Exception) -> Problem:
    """What to tell the caller; an error that is not in the table is a bug and says nothing."""
    found = KINDS.get(type(error))
    if found is None or not isinstance(error, LambentError):
        return Problem(_INTERNAL, "Try again; tell the owner of the API the instance.")
    if isinstance(error, errors.InvalidRequest):
        return Problem(found, f"{found.title}. {error.next_step}.", _listed(error))
    return Problem(found, str(error))


def unrouted(status: int, headers: Mapping[str, str]) -> Problem | None:
    """What to tell a caller who asks for what is not served; None for any other status."""
    kind = _BY_STATUS.get(status)
    return Problem(replace(kind, headers=headers), f"{kind.title}.") if kind else None


def _listed(error: errors.InvalidRequest) -> tuple[dict[str, str], ...]:
    return tuple(
        {"pointer": found.pointer, "code": str(found.code), "message": found.message}
        for found in error.violations
    )
