"""Lambda behind API Gateway, request by request.

Exact, and still quick for millions of requests: a stretch of arrivals that no limit touches and
that finds an idle environment for each is served at once by array operations, with the very
result that serving them one by one would have.
"""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from infra.capacity import limits
from infra.capacity.bucket import TokenBucket
from infra.capacity.environments import Environments
from infra.capacity.taken import when_cold, when_warm
from infra.capacity.times import Array, Times

STRETCH = 5_000
WARM, COLD, THROTTLED = 0, 1, 2


@dataclass(frozen=True)
class Work:
    """What a request takes: `warm` in an environment that is there, `start` more in a new one."""

    warm: Times
    start: Times


@dataclass(frozen=True)
class Setup:
    """The function and the limits around it. Times in seconds, rates per second.

    concurrency: most requests in flight, by reservation or for the account. throttle: rate and
    burst of the API's own usage plan, None without one. rate_per_concurrency: None lets any rate
    through, which is not Lambda but what textbooks have formulas for.
    """

    concurrency: int = limits.ACCOUNT_CONCURRENCY
    provisioned: int = 0
    timeout_s: float = 15.0
    keep_alive_s: float = 300.0
    throttle: tuple[float, float] | None = None
    gateway: tuple[float, float] | None = (limits.GATEWAY_RATE, limits.GATEWAY_BURST)
    rate_per_concurrency: float | None = limits.RATE_PER_CONCURRENCY
    growth: tuple[float, float] = (limits.ENVIRONMENTS_PER_SECOND, limits.ENVIRONMENTS_AT_ONCE)

    def __post_init__(self) -> None:
        if not 0 <= self.provisioned <= self.concurrency:
            raise ValueError("provisioned must be within the concurrency")

    def buckets(self) -> list[TokenBucket]:
        """Each request passes them in this order."""
        per_second = self.rate_per_concurrency and self.rate_per_concurrency * self.concurrency
        lambda_rate = (per_second, per_second) if per_second else None
        bounds = (self.gateway, self.throttle, lambda_rate)
        return [TokenBucket(*bound) for bound in bounds if bound]


@dataclass(frozen=True)
class Outcome:
    """One entry per request. latency_ms: infinite for who was turned away with a 429.

    billed_ms: 0 for those. environments: how many were alive when it came, its own included.
    late: cut off at the timeout, its own or API Gateway's.
    """

    arrivals: Array
    kind: NDArray[np.int8]
    latency_ms: Array
    billed_ms: Array
    environments: NDArray[np.int64]
    late: NDArray[np.bool_]

    def since(self, seconds: float) -> "Outcome":
        """Only what came from then on."""
        then = self.arrivals >= seconds
        return Outcome(
            self.arrivals[then],
            self.kind[then],
            self.latency_ms[then],
            self.billed_ms[then],
            self.environments[then],
            self.late[then],
        )

    def share(self, kind: int) -> float:
        return float(np.mean(self.kind == kind)) if len(self.kind) else 0.0

    def latency(self, level: float) -> float:
        """A quantile over those that were answered, in ms; nan if nobody was."""
        answered = self.latency_ms[self.kind != THROTTLED]
        return float(np.quantile(answered, level)) if len(answered) else float("nan")

    @property
    def timed_out(self) -> float:
        late = self.late[self.kind != THROTTLED]
        return float(np.mean(late)) if len(late) else 0.0

    @property
    def most_environments(self) -> int:
        return int(self.environments.max(initial=0))

    @property
    def mean_billed_ms(self) -> float:
        """Of those that ran: Lambda bills whole milliseconds, the start included."""
        ran = self.billed_ms[self.kind != THROTTLED]
        return float(np.ceil(ran).mean()) if len(ran) else 0.0


def simulate(
    arrivals: Array,
    work: Work,
    setup: Setup,
    rng: np.random.Generator,
    stretch: int = STRETCH,
) -> Outcome:
    """What becomes of each request. `arrivals`: sorted seconds, none before 0.

    stretch: how many are tried at once; 0 serves each by itself.
    """
    return _Run(arrivals, work, setup, rng).all(stretch)


class _Run:
    def __init__(self, arrivals: Array, work: Work, setup: Setup, rng: np.random.Generator) -> None:
        self._arrivals, self._setup = arrivals, setup
        service, limit = work.warm.draw(len(arrivals), rng), setup.timeout_s * 1000
        self._warm = when_warm(service, limit)
        self._cold = when_cold(service, work.start.draw(len(arrivals), rng), limit)
        self._there = Environments(setup.keep_alive_s, setup.provisioned)
        self._buckets = setup.buckets()
        self._growth = TokenBucket(*setup.growth)
        self._kind = np.zeros(len(arrivals), np.int8)
        self._alive = np.zeros(len(arrivals), np.int64)

    def all(self, stretch: int) -> Outcome:
        step = stretch or max(1, len(self._arrivals))
        for first, end in pairwise([*range(0, len(self._arrivals), step), len(self._arrivals)]):
            if not (stretch and self._at_once(first, end)):
                for place in range(first, end):
                    self._one(place)
        return self._outcome()

    def _at_once(self, first: int, end: int) -> bool:
        """Serve a stretch by environments that are there; False, and nothing done, if it cannot."""
        arrivals = self._arrivals[first:end]
        levels = [bucket.level_after(arrivals) for bucket in self._buckets]
        ends = arrivals + self._warm.ms[first:end] / 1000
        if None in levels or self._warm.cut_off[first:end].any():
            return False
        if not self._there.serve_warm(arrivals, ends):
            return False
        for bucket, level in zip(self._buckets, levels, strict=True):
            bucket.set(level or 0.0, float(arrivals[-1]))
        self._alive[first:end] = self._there.alive
        return True

    def _one(self, place: int) -> None:
        now = float(self._arrivals[place])
        self._there.advance(now)
        self._kind[place] = kind = self._admit(now)
        if kind == WARM:
            self._there.reuse(*self._warm.until(now, place))
        elif kind == COLD:
            self._there.start(*self._cold.until(now, place))
        self._alive[place] = self._there.alive

    def _admit(self, now: float) -> int:
        if not all(bucket.take(now) for bucket in self._buckets):
            return THROTTLED
        if self._there.working >= self._setup.concurrency:
            return THROTTLED
        if self._there.idle:
            return WARM
        return COLD if self._growth.take(now) else THROTTLED

    def _outcome(self) -> Outcome:
        cold, turned_away = self._kind == COLD, self._kind == THROTTLED
        took = np.where(cold, self._cold.ms, self._warm.ms)
        cut_off = np.where(cold, self._cold.cut_off, self._warm.cut_off)
        gateway_ms = limits.GATEWAY_TIMEOUT_S * 1000
        latency = np.where(turned_away, np.inf, np.minimum(took, gateway_ms))
        billed = np.where(turned_away, 0.0, took)
        late = ~turned_away & (cut_off | (took >= gateway_ms))
        return Outcome(self._arrivals, self._kind, latency, billed, self._alive, late)
