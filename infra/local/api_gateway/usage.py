"""API keys, usage plans and the stage's own throttling: who may call how often."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from infra.local import moto_apigateway
from infra.local.api_gateway.errors import (
    INVALID_API_KEY,
    QUOTA_EXCEEDED,
    THROTTLED,
    GatewayError,
)
from infra.local.api_gateway.request import Request
from infra.local.throttle import Period, Quotas, Rate, TokenBuckets


@dataclass(frozen=True)
class Plan:
    """What one usage plan allows one key on one stage."""

    id: str
    rate: Rate | None
    method_rates: dict[str, Rate]
    quota: tuple[int, Period] | None


class Usage:
    """Counts calls. `clock` in seconds since 1970."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._buckets = TokenBuckets(clock)
        self._quotas = Quotas(clock)

    def admit(self, request: Request, sent_key: str | None) -> None:
        """Raises GatewayError: 403 for a bad key, 429 over a rate or quota.

        Fills in `request.api_key`.
        """
        if request.method.api_key_required:
            self._admit_key(request, sent_key)
        self._throttle_stage(request)

    def _admit_key(self, request: Request, sent_key: str | None) -> None:
        stage = request.stage
        key = moto_apigateway.api_key(stage.account, stage.region, sent_key)
        plans = moto_apigateway.usage_plans(stage.account, stage.region, key.id) if key else []
        plan = _plan_for(plans, stage.api_id, stage.name)
        if key is None or plan is None:
            raise GatewayError(INVALID_API_KEY)
        request.api_key = (key.id, key.value)
        self._spend(request, plan, key.id)

    def _spend(self, request: Request, plan: Plan, key_id: str) -> None:
        method = f"{request.resource.path}/{request.http_method}"
        rates = {(): plan.rate, (method,): plan.method_rates.get(method)}
        for scope, rate in rates.items():
            if rate and not self._buckets.take((plan.id, key_id, *scope), rate):
                raise GatewayError(THROTTLED)
        if plan.quota and not self._quotas.take((plan.id, key_id), *plan.quota):
            raise GatewayError(QUOTA_EXCEEDED)

    def _throttle_stage(self, request: Request) -> None:
        stage = request.stage
        settings = moto_apigateway.method_settings(
            stage.account, stage.region, stage.api_id, stage.name
        )
        found = _setting_for(settings, request)
        if found is None:
            return
        name, setting = found
        rate = Rate(
            float(setting["throttlingRateLimit"]),
            int(setting["throttlingBurstLimit"]),
        )
        if not self._buckets.take((stage.api_id, stage.name, name), rate):
            raise GatewayError(THROTTLED)


def _plan_for(plans: list[Any], api_id: str, stage: str) -> Plan | None:
    for plan in plans:
        for covered in plan.api_stages:
            if (covered.get("apiId"), covered.get("stage")) == (api_id, stage):
                return Plan(
                    id=plan.id,
                    rate=_rate(plan.throttle),
                    method_rates={
                        path: rate
                        for path, throttle in (covered.get("throttle") or {}).items()
                        if (rate := _rate(throttle))
                    },
                    quota=_quota(plan.quota),
                )
    return None


def _rate(throttle: dict[str, Any] | None) -> Rate | None:
    if not throttle or "rateLimit" not in throttle:
        return None
    per_second = float(throttle["rateLimit"])
    return Rate(per_second, int(throttle.get("burstLimit", max(1, per_second))))


def _quota(quota: dict[str, Any] | None) -> tuple[int, Period] | None:
    if not quota or "limit" not in quota:
        return None
    return int(quota["limit"]), quota.get("period", "DAY")


def _setting_for(settings: dict[str, Any], request: Request) -> tuple[str, Any] | None:
    """The method's own setting, or that of `*/*`."""
    wanted = (request.resource.path.strip("/"), request.http_method)
    for name, setting in settings.items():
        resource, _, method = name.rpartition("/")
        path = resource.replace("~1", "/").strip("/")
        if (path, method) == wanted or (path == wanted[0] and method == "*"):
            return name, setting
    return ("*/*", settings["*/*"]) if "*/*" in settings else None
