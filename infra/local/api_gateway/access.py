"""Who may call a method and how often: Lambda authorizers, API keys, usage plans, throttling."""

import json
import threading
from collections import Counter
from collections.abc import Callable, Hashable
from datetime import UTC, datetime
from fnmatch import fnmatchcase
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ValidationError
from pydantic.alias_generators import to_camel

from infra.local import moto_state
from infra.local.api_gateway.errors import (
    ACCESS_DENIED,
    AUTHORIZER_CONFIGURATION_ERROR,
    AUTHORIZER_FAILURE,
    EXPLICIT_DENY,
    INVALID_API_KEY,
    QUOTA_EXCEEDED,
    THROTTLED,
    UNAUTHORIZED,
    GatewayError,
)
from infra.local.api_gateway.openapi import Authorizer
from infra.local.api_gateway.proxy import Request

Invoke = Callable[[str, dict[str, Any], Request, str], tuple[bytes, str | None]]
_INVOKE = "execute-api:invoke"
_OneOrMany = BeforeValidator(lambda v: v if isinstance(v, list) else [v])
# What two moments of one calendar period (UTC) have in common.
_PERIODS = {"DAY": "%Y-%j", "WEEK": "%G-%V", "MONTH": "%Y-%m"}


class Statement(BaseModel, extra="forbid"):
    """Of an IAM policy. Conditions and negations are not evaluated here, so they are refused."""

    Sid: str | None = None
    Effect: Literal["Allow", "Deny"]
    Action: Annotated[list[str], _OneOrMany]
    Resource: Annotated[list[str], _OneOrMany]

    def covers(self, method_arn: str) -> bool:
        invoking = any(like(action.lower(), _INVOKE) for action in self.Action)
        return invoking and any(like(resource, method_arn) for resource in self.Resource)


class Policy(BaseModel):
    Statement: Annotated[list[Statement], _OneOrMany]

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


class TokenBuckets:
    """One bucket per key, full at first. `clock` in seconds. Thread-safe."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._levels: dict[Hashable, tuple[float, float]] = {}
        self._lock = threading.Lock()

    def take(self, key: Hashable, per_second: float, burst: int) -> bool:
        """Take one token; False when there is none."""
        with self._lock:
            now = self._clock()
            level, at = self._levels.get(key, (float(burst), now))
            level = min(float(burst), level + (now - at) * per_second)
            taken = level >= 1
            self._levels[key] = (level - 1 if taken else level, now)
            return taken


class Quotas:
    """Requests per calendar period (UTC) and key. `clock` in seconds since 1970. Thread-safe."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._used: Counter[Hashable] = Counter()
        self._lock = threading.Lock()

    def take(self, key: Hashable, limit: int, period: str) -> bool:
        """Count one request; False when those of the DAY, WEEK or MONTH are used up."""
        now = datetime.fromtimestamp(self._clock(), UTC)
        counted = (key, now.strftime(_PERIODS[period]))
        with self._lock:
            if self._used[counted] >= limit:
                return False
            self._used[counted] += 1
            return True


class Usage:
    """Counts calls. `clock` in seconds since 1970."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._buckets = TokenBuckets(clock)
        self._quotas = Quotas(clock)

    def spend_key(self, request: Request, sent_key: str | None) -> None:
        """Fills in `request.api_key`. Raises GatewayError: 403 for a key that is not valid on
        the stage, 429 over its plan's rate or quota."""
        stage = request.stage
        key = moto_state.api_key(stage.account, stage.region, sent_key)
        plans = moto_state.usage_plans(stage.account, stage.region, key.id) if key else []
        covered = {"apiId": stage.api_id, "stage": stage.name}.items()
        plan = next((p for p in plans if any(covered <= s.items() for s in p.api_stages)), None)
        if key is None or plan is None:
            raise GatewayError(INVALID_API_KEY)
        request.api_key = (key.id, key.value)
        throttle, quota = plan.throttle or {}, plan.quota or {}
        self._take((plan.id, key.id), throttle.get("rateLimit"), throttle.get("burstLimit"))
        if "limit" in quota:
            period = quota.get("period", "DAY")
            if not self._quotas.take((plan.id, key.id), int(quota["limit"]), period):
                raise GatewayError(QUOTA_EXCEEDED)

    def throttle_stage(self, request: Request) -> None:
        """Raises GatewayError: 429 over the method's rate, or that of all methods."""
        stage = request.stage
        found = _setting(stage.throttles, request)
        if found is not None:
            name, setting = found
            rate, burst = setting["throttlingRateLimit"], setting["throttlingBurstLimit"]
            self._take((stage.api_id, stage.name, name), rate, burst)

    def _take(self, key: Hashable, rate: Any, burst: Any) -> None:
        if rate is None:
            return
        per_second = float(rate)
        if not self._buckets.take(key, per_second, int(burst or max(1, per_second))):
            raise GatewayError(THROTTLED)


def _setting(settings: dict[str, Any], request: Request) -> tuple[str, Any] | None:
    """The method's own setting, or that of its path, or that of all."""
    # As they are written, a `~1` is a slash.
    named = {name.replace("~1", "/").strip("/"): name for name in settings}
    path = request.resource.path if request.resource else ""
    for wanted in (f"{path}/{request.http.method}", f"{path}/*", "*/*"):
        name = named.get(wanted.strip("/"))
        if name is not None:
            return name, settings[name]
    return None
