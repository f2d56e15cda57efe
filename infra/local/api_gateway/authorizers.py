"""Lambda authorizers: ask a function whether the caller may, and remember its answer."""

import json
import re
import threading
from collections.abc import Callable
from typing import Any

from infra.local.api_gateway import event, policy
from infra.local.api_gateway.errors import (
    ACCESS_DENIED,
    AUTHORIZER_CONFIGURATION_ERROR,
    AUTHORIZER_FAILURE,
    EXPLICIT_DENY,
    UNAUTHORIZED,
    GatewayError,
)
from infra.local.api_gateway.model import Authorizer
from infra.local.api_gateway.request import Request

Invoke = Callable[[str, dict[str, Any], Request, str], tuple[bytes, str | None]]
CacheKey = tuple[str, ...]


class Authorizers:
    """`invoke` runs a function by ARN: (arn, event, request, ARN of the authorizer)
    → (payload, function error).

    `clock` in seconds.
    """

    def __init__(self, invoke: Invoke, clock: Callable[[], float]) -> None:
        self._invoke = invoke
        self._clock = clock
        self._cache: dict[CacheKey, tuple[float, dict[str, Any]]] = {}
        self._lock = threading.Lock()

    def authorize(self, request: Request) -> str | None:
        """Fills in `request.authorizer`; gives the answer's usageIdentifierKey.

        Raises GatewayError: 401 without identity, 403 when refused, 500 when the authorizer fails.
        """
        if request.method.authorizer is None:
            return None
        authorizer = request.stage.api.authorizers[request.method.authorizer]
        identity = _identity(authorizer, request)
        answer = self._answer(authorizer, identity, request)
        _enforce(answer, request)
        request.authorizer = _context(answer)
        key = answer.get("usageIdentifierKey")
        return str(key) if key else None

    def _answer(
        self, authorizer: Authorizer, identity: tuple[str, ...], request: Request
    ) -> dict[str, Any]:
        if authorizer.ttl_s <= 0 or not identity:
            return self._ask(authorizer, identity, request)
        stage = request.stage
        key = (stage.api_id, stage.deployment_id, stage.name, authorizer.name, *identity)
        with self._lock:
            until, answer = self._cache.get(key, (0.0, {}))
        if self._clock() < until:
            return answer
        answer = self._ask(authorizer, identity, request)
        with self._lock:
            self._cache[key] = (self._clock() + authorizer.ttl_s, answer)
        return answer

    def _ask(
        self, authorizer: Authorizer, identity: tuple[str, ...], request: Request
    ) -> dict[str, Any]:
        caller = f"{request.stage.arn}/authorizers/{authorizer.name}"
        asked = _event(authorizer, identity, request)
        payload, error = self._invoke(authorizer.function, asked, request, caller)
        answer = _parsed(payload)
        if error is not None:
            unauthorized = answer.get("errorMessage") == "Unauthorized"
            raise GatewayError(UNAUTHORIZED if unauthorized else AUTHORIZER_FAILURE, str(answer))
        if "principalId" not in answer or "policyDocument" not in answer:
            raise GatewayError(AUTHORIZER_CONFIGURATION_ERROR, "no principalId or policyDocument")
        return answer


def _event(authorizer: Authorizer, identity: tuple[str, ...], request: Request) -> dict[str, Any]:
    if authorizer.kind == "TOKEN":
        return {
            "type": "TOKEN",
            "methodArn": request.method_arn,
            "authorizationToken": identity[0],
        }
    return event.authorizer_event(request, request.method_arn)


def _identity(authorizer: Authorizer, request: Request) -> tuple[str, ...]:
    values = [request.lookup(source) for source in authorizer.identity_sources]
    if not all(values):
        raise GatewayError(UNAUTHORIZED, "an identity source is missing")
    identity = tuple(value for value in values if value is not None)
    if authorizer.validation and not re.fullmatch(authorizer.validation, identity[0]):
        raise GatewayError(UNAUTHORIZED, "the token does not have the declared form")
    return identity


def _enforce(answer: dict[str, Any], request: Request) -> None:
    try:
        verdict = policy.evaluate(answer["policyDocument"], request.method_arn)
    except policy.PolicyNotUnderstood as problem:
        raise GatewayError(AUTHORIZER_CONFIGURATION_ERROR, str(problem)) from problem
    if verdict is policy.Verdict.EXPLICIT_DENY:
        raise GatewayError(EXPLICIT_DENY)
    if verdict is policy.Verdict.IMPLICIT_DENY:
        raise GatewayError(ACCESS_DENIED)


def _context(answer: dict[str, Any]) -> dict[str, Any]:
    context = answer.get("context") or {}
    if any(isinstance(value, dict | list) for value in context.values()):
        raise GatewayError(AUTHORIZER_CONFIGURATION_ERROR, "context values must be flat")
    flat = {
        name: value if isinstance(value, str) else json.dumps(value)
        for name, value in context.items()
    }
    return {"principalId": answer["principalId"], "integrationLatency": 0, **flat}


def _parsed(payload: bytes) -> dict[str, Any]:
    try:
        answer = json.loads(payload)
    except ValueError as error:
        raise GatewayError(AUTHORIZER_FAILURE, "the answer is not JSON") from error
    if not isinstance(answer, dict):
        raise GatewayError(AUTHORIZER_FAILURE, "the answer is not an object")
    return answer
