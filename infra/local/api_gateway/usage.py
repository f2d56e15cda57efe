"""API keys, usage plans and the stage's own throttling: who may call how often."""

import threading
from collections import Counter
from collections.abc import Callable, Hashable
from datetime import UTC, datetime
from typing import Any

from infra.local import moto_state
from infra.local.api_gateway.errors import (
    INVALID_API_KEY,
    QUOTA_EXCEEDED,
    THROTTLED,
    GatewayError,
)
from infra.local.api_gateway.request import Request

# What two moments of one calendar period (UTC) have in common.
_PERIODS = {"DAY": "%Y-%j", "WEEK": "%G-%V", "MONTH": "%Y-%m"}


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
