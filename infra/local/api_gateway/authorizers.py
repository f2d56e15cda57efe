"""Who may: Lambda authorizers ask a function about a caller, and remember its answer."""

import json
import threading
from collections.abc import Callable
from fnmatch import fnmatchcase
from typing import Any

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
_INVOKE = "execute-api:invoke"
_STATEMENT = {"Sid", "Effect", "Action", "Resource"}


class Authorizers:
    """`invoke` runs a function by ARN: (arn, event, request, ARN of the authorizer)
    → (payload, function error).

    `clock` in seconds.
    """

    def __init__(self, invoke: Invoke, clock: Callable[[], float]) -> None:
        self._invoke = invoke
        self._clock = clock
        self._cache: dict[tuple[str, ...], tuple[float, dict[str, Any]]] = {}
        self._lock = threading.Lock()

    def authorize(self, name: str, request: Request) -> str | None:
        """Fills in `request.authorizer`; gives the answer's usageIdentifierKey.

        Raises GatewayError: 401 without a token, 403 when refused, 500 when the authorizer fails.
        """
        authorizer = request.stage.api.authorizers[name]
        token = request.header(authorizer.header)
        if not token:
            raise GatewayError(UNAUTHORIZED, f"the header {authorizer.header} is missing")
        answer = self._remembered(authorizer, token, request)
        check_policy(answer["policyDocument"], request.method_arn)
        request.authorizer = _context(answer)
        key = answer.get("usageIdentifierKey")
        return str(key) if key else None

    def _remembered(self, authorizer: Authorizer, token: str, request: Request) -> dict[str, Any]:
        stage = request.stage
        key = (stage.api_id, stage.deployment_id, stage.name, authorizer.name, token)
        with self._lock:
            until, answer = self._cache.get(key, (0.0, {}))
        if self._clock() < until:
            return answer
        answer = self._ask(authorizer, token, request)
        with self._lock:
            self._cache[key] = (self._clock() + authorizer.ttl_s, answer)
        return answer

    def _ask(self, authorizer: Authorizer, token: str, request: Request) -> dict[str, Any]:
        caller = f"{request.stage.arn}/authorizers/{authorizer.name}"
        event = {"type": "TOKEN", "methodArn": request.method_arn, "authorizationToken": token}
        payload, error = self._invoke(authorizer.function, event, request, caller)
        answer = _parsed(payload)
        if error is not None:
            unauthorized = answer.get("errorMessage") == "Unauthorized"
            raise GatewayError(UNAUTHORIZED if unauthorized else AUTHORIZER_FAILURE, str(answer))
        if "principalId" not in answer or "policyDocument" not in answer:
            raise GatewayError(AUTHORIZER_CONFIGURATION_ERROR, "no principalId or policyDocument")
        return answer


def check_policy(document: Any, method_arn: str) -> None:
    """Raises GatewayError unless the policy allows the method: 500 for what is not understood."""
    statements = document.get("Statement") if isinstance(document, dict) else None
    if statements is None:
        raise _misconfigured("policyDocument has no Statement")
    effects = {_effect(statement, method_arn) for statement in listed(statements)}
    if "Deny" in effects:
        raise GatewayError(EXPLICIT_DENY)
    if "Allow" not in effects:
        raise GatewayError(ACCESS_DENIED)


def _effect(statement: Any, method_arn: str) -> str | None:
    """Allow, Deny, or None: the statement is about something else."""
    if not isinstance(statement, dict):
        raise _misconfigured("a statement is not an object")
    unknown = statement.keys() - _STATEMENT
    if unknown or statement.get("Effect") not in ("Allow", "Deny"):
        raise _misconfigured(f"{', '.join(unknown) or 'the Effect'} of a statement")
    actions = (str(action).lower() for action in listed(statement.get("Action", [])))
    resources = (str(resource) for resource in listed(statement.get("Resource", [])))
    meant = any(like(action, _INVOKE) for action in actions)
    applies = meant and any(like(resource, method_arn) for resource in resources)
    return str(statement["Effect"]) if applies else None


def like(pattern: str, text: str) -> bool:
    """IAM's wildcards: `*` any run of characters, `?` one."""
    return fnmatchcase(text, pattern.replace("[", "[[]"))


def listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _context(answer: dict[str, Any]) -> dict[str, Any]:
    context = answer.get("context") or {}
    if any(isinstance(value, dict | list) for value in context.values()):
        raise _misconfigured("context values must be flat")
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


def _misconfigured(why: str) -> GatewayError:
    return GatewayError(AUTHORIZER_CONFIGURATION_ERROR, why)
