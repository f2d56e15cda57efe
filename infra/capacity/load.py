"""The load that is asked about, and the quotas of the account that has to bear it."""

from dataclasses import dataclass
from math import ceil

import numpy as np

from infra.capacity import limits, reference
from infra.capacity.arrivals import after, ramp, steady
from infra.capacity.times import Array

RAMP_S, BURST_S = 20.0, 30.0
LONGEST_S, SHORTEST_S, ENOUGH = 6 * 3600.0, 10.0, 20_000


@dataclass(frozen=True)
class Load:
    """Requests per second. burst: what comes all at once for half a minute, None if nothing."""

    rate: float
    burst: float | None = None

    @property
    def seconds(self) -> float:
        """Of steady load to look at: enough requests for a p99, without taking long."""
        return min(LONGEST_S, max(SHORTEST_S, ENOUGH / self.rate))

    @property
    def most(self) -> float:
        return max(self.rate, self.burst or 0.0)

    def usual(self, rng: np.random.Generator) -> Array:
        steadily = steady(self.rate, self.seconds, rng)
        return after(ramp(self.rate, RAMP_S, rng), RAMP_S, steadily)

    @property
    def calm_s(self) -> float:
        """Before a burst: until what the start needed too much of is gone, if that is feasible."""
        return min(reference.KEEP_ALIVE_S + RAMP_S, max(SHORTEST_S, 2 * ENOUGH / self.rate))

    def crowd(self, rng: np.random.Generator) -> Array:
        before = after(ramp(self.rate, RAMP_S, rng), RAMP_S, steady(self.rate, self.calm_s, rng))
        return after(before, RAMP_S + self.calm_s, steady(self.most, BURST_S, rng))


@dataclass(frozen=True)
class Quotas:
    """Of the account: requests in flight, and per second through API Gateway."""

    concurrency: int = limits.ACCOUNT_CONCURRENCY
    gateway_rate: float = limits.GATEWAY_RATE

    @property
    def for_one(self) -> int:
        """The most that one function may reserve."""
        return self.concurrency - limits.UNRESERVED_AT_LEAST

    @property
    def gateway(self) -> tuple[float, float]:
        return self.gateway_rate, self.gateway_rate * limits.GATEWAY_BURST / limits.GATEWAY_RATE

    def notes(self, load: Load) -> tuple[str, ...]:
        """Which of them this load is above, and what to ask for."""
        needed = ceil(load.most / limits.RATE_PER_CONCURRENCY) + limits.UNRESERVED_AT_LEAST
        told = {
            f"Lambda takes {limits.RATE_PER_CONCURRENCY} requests per second for each unit of "
            f"concurrency: ask for a quota of {ceil(1.2 * needed)} "
            f"(--concurrency), it is {self.concurrency}": needed > self.concurrency,
            f"API Gateway takes {self.gateway_rate:g} requests per second of an account: ask for "
            f"{ceil(1.2 * load.most)} (--api-rate)": load.most >= self.gateway_rate,
        }
        return tuple(text for text, holds in told.items() if holds)
