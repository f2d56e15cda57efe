"""Who may: Lambda authorizers ask a function about a caller, and remember its answer."""

import json
import threading
from collections.abc import Callable
from fnmatch import fnmatchcase
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ValidationError
from pydantic.alias_generators import to_camel

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
_OneOrMany = Annotated[list[str], BeforeValidator(lambda v: v if isinstance(v, list) else [v])]


class Statement(BaseModel, extra="forbid"):
    """Of an IAM policy. Conditions and negations are not evaluated here, so they are refused."""

    Sid: str | None = None
    Effect: Literal["Allow", "Deny"]
    Action: _OneOrMany
    Resource: _OneOrMany

    def covers(self, method_arn: str) -> bool:
        invoking = any(like(action.lower(), _INVOKE) for action in self.Action)
        return invoking and any(like(resource, method_arn) for resource in self.Resource)


class Policy(BaseModel):
    Statement: Annotated[
        list[Statement], BeforeValidator(lambda v: v if isinstance(v, list) else [v])
    ]

    def check(self, method_arn: str) -> None:
        """Raises GatewayError unless the method is allowed."""
        effects = {said.Effect for said in self.Statement if said.covers(method_arn)}
        if "Deny" in effects:
            raise GatewayError(EXPLICIT_DENY)
        if "Allow" not in effects:
            raise GatewayError(ACCESS_DENIED)


class Answer(BaseModel, alias_generator=to_camel, hide_input_in_errors=True):
    """What an authorizer returns."""

    principal_id: str
    policy_document: Policy
    context: dict[str, str | bool | int | float | None] | None = None
    usage_identifier_key: str | None = None

    def seen_by_function(self) -> dict[str, Any]:
        """`requestContext.authorizer`: every value is a string."""
        context = {
            name: value if isinstance(value, str) else json.dumps(value)
            for name, value in (self.context or {}).items()
        }
        return {"principalId": self.principal_id, "integrationLatency": 0, **context}


class Authorizers:
    """`invoke` runs a function by ARN: (arn, event, request, ARN of the authorizer)
    → (payload, function error).

    `clock` in seconds.
    """

    def __init__(self, invoke: Invoke, clock: Callable[[], float]) -> None:
        self._invoke = invoke
        self._clock = clock
        self._cache: dict[tuple[str, ...], tuple[float, Answer]] = {}
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
        answer.policy_document.check(request.method_arn)
        request.authorizer = answer.seen_by_function()
        return answer.usage_identifier_key

    def _remembered(self, authorizer: Authorizer, token: str, request: Request) -> Answer:
        stage = request.stage
        key = (stage.api_id, stage.deployment_id, stage.name, authorizer.name, token)
        with self._lock:
            until, answer = self._cache.get(key, (0.0, None))
        if answer is None or self._clock() >= until:
            answer = self._ask(authorizer, token, request)
            with self._lock:
                self._cache[key] = (self._clock() + authorizer.ttl_s, answer)
        return answer

    def _ask(self, authorizer: Authorizer, token: str, request: Request) -> Answer:
        caller = f"{request.stage.arn}/authorizers/{authorizer.name}"
        event = {"type": "TOKEN", "methodArn": request.method_arn, "authorizationToken": token}
        payload, error = self._invoke(authorizer.function, event, request, caller)
        if error is not None:
            unauthorized = json.loads(payload).get("errorMessage") == "Unauthorized"
            raise GatewayError(UNAUTHORIZED if unauthorized else AUTHORIZER_FAILURE, error)
        try:
            return Answer.model_validate_json(payload)
        except ValidationError as problem:
            raise GatewayError(AUTHORIZER_CONFIGURATION_ERROR, str(problem)) from problem


def like(pattern: str, text: str) -> bool:
    """IAM's wildcards: `*` any run of characters, `?` one."""
    return fnmatchcase(text, pattern.replace("[", "[[]"))
