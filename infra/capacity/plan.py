"""Which memory, and which way of being ready, meets a target at the least cost."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from math import ceil
from typing import Literal

import numpy as np

from infra.capacity import limits, reference
from infra.capacity.cost import VERSIONS, Usage, lambda_bill, per_million
from infra.capacity.footprint import Footprint
from infra.capacity.load import RAMP_S, Load, Quotas
from infra.capacity.misses import Miss, of_a_load, of_the_start
from infra.capacity.simulation import COLD, THROTTLED, Outcome, Setup, simulate
from infra.capacity.times import Array, Times

Mode = Literal["on demand", "SnapStart", "provisioned"]
MODES: tuple[Mode, ...] = ("on demand", "SnapStart", "provisioned")
MEMORIES = (512, 1024, 1769, 3072, 4096, 6144, 8192, 10240)
SEED = 20261122


@dataclass(frozen=True)
class Question:
    """What is asked: which model, which load, which target. versions: published ones, for the
    price."""

    model: Footprint
    load: Load
    p99_ms: float
    architecture: str = "arm64"
    quotas: Quotas = field(default_factory=Quotas)
    versions: int = VERSIONS


@dataclass(frozen=True)
class Candidate:
    mode: Mode
    memory_mb: int
    provisioned: int = 0


@dataclass(frozen=True)
class Judged:
    """A candidate under the load: over the burst if there is one. Shares from 0 to 1; dollars are
    those of the steady load. misses: none if it can start, and both loads are within the target."""

    candidate: Candidate
    p50_ms: float
    p99_ms: float
    cold: float
    throttled: float
    timed_out: float
    environments: int
    dollars_per_million: float
    misses: tuple[Miss, ...]

    @property
    def meets(self) -> bool:
        return not self.misses


@dataclass(frozen=True)
class Capacity:
    """What was compared, and which is best: the cheapest that meets the target and that
    `lambent deploy` can make. out_of_reach: one that it cannot make, if that alone would do.
    too_small_mb: sizes that were not tried, since they do not hold the model."""

    judged: tuple[Judged, ...]
    best: Judged | None
    out_of_reach: Judged | None
    too_small_mb: tuple[int, ...] = ()


def plan(asked: Question) -> Capacity:
    """Try every candidate on the same arrivals. Deterministic."""
    judged = tuple(judge(asked, candidate) for candidate in candidates(asked))
    meeting = sorted((j for j in judged if j.meets), key=lambda j: j.dollars_per_million)
    best = next((j for j in meeting if is_deployable(j.candidate)), None)
    out_of_reach = meeting[0] if meeting and best is None else None
    return Capacity(judged, best, out_of_reach, too_small_mb(asked.model))


def is_deployable(candidate: Candidate) -> bool:
    """template.yaml has no provisioned concurrency."""
    return candidate.mode != "provisioned"


def too_small_mb(model: Footprint) -> tuple[int, ...]:
    return tuple(memory for memory in MEMORIES if memory < model.least_memory_mb)


def candidates(asked: Question) -> list[Candidate]:
    """The sizes that hold the model, up to one core: more memory than that is no faster."""
    fitting = MEMORIES[len(too_small_mb(asked.model)) :]
    sizes = [memory for memory in fitting if memory <= limits.MB_OF_ONE_CORE] or fitting[:1]
    return [
        Candidate(mode, memory, held(asked, memory) if mode == "provisioned" else 0)
        for memory in sizes
        for mode in MODES
    ]


def held(asked: Question, memory_mb: int) -> int:
    """How many to provision: the most that are ever busy if none has to start, a tenth more; each
    takes 10 requests per second at most, however short they are."""
    work = replace(asked.model.work(memory_mb), start=Times.always(0))
    free = Setup(concurrency=10**6, gateway=None, growth=(1e6, 1e6), rate_per_concurrency=None)
    arrivals = _arrivals(asked.load, burst=asked.load.burst is not None)
    busy = simulate(arrivals, work, free, _rng(1)).most_environments
    needed = max(ceil(busy * 1.1), ceil(asked.load.most / limits.RATE_PER_CONCURRENCY))
    return min(needed, asked.quotas.for_one)


def judge(asked: Question, candidate: Candidate) -> Judged:
    usual = observe(asked, candidate, burst=False)
    seen = observe(asked, candidate, burst=True) if asked.load.burst else usual
    return Judged(
        candidate=candidate,
        p50_ms=seen.latency(0.5),
        p99_ms=seen.latency(0.99),
        cold=seen.share(COLD),
        throttled=seen.share(THROTTLED),
        timed_out=seen.timed_out,
        environments=seen.most_environments,
        dollars_per_million=per_million(
            lambda_bill(usage(asked, candidate, usual)), asked.load.rate
        ),
        misses=tuple(_misses(asked, candidate, usual, seen)),
    )


def _misses(asked: Question, candidate: Candidate, usual: Outcome, seen: Outcome) -> Iterator[Miss]:
    in_time = candidate.mode != "on demand"
    yield from of_the_start(asked.model, candidate.memory_mb, in_time=in_time)
    yield from of_a_load("steady load", usual, asked.p99_ms)
    if asked.load.burst:
        yield from of_a_load("burst", seen, asked.p99_ms)


def observe(asked: Question, candidate: Candidate, *, burst: bool) -> Outcome:
    """The steady part alone, or the burst alone; how the load got there is simulated, not
    counted."""
    work = asked.model.work(candidate.memory_mb, snapstart=candidate.mode == "SnapStart")
    setup = Setup(
        concurrency=asked.quotas.for_one,
        provisioned=candidate.provisioned,
        keep_alive_s=reference.KEEP_ALIVE_S,
        gateway=asked.quotas.gateway,
    )
    outcome = simulate(_arrivals(asked.load, burst=burst), work, setup, _rng(1))
    return outcome.since(RAMP_S + (asked.load.calm_s if burst else 0))


def reservation(asked: Question, judged: Judged) -> int:
    """Half as many environments again, and what the rate alone needs."""
    by_rate = ceil(1.2 * asked.load.most / limits.RATE_PER_CONCURRENCY)
    return min(asked.quotas.for_one, max(5, ceil(1.5 * judged.environments), by_rate))


def usage(asked: Question, candidate: Candidate, usual: Outcome) -> Usage:
    """What is paid for, starts included, if the steady load is `usual`."""
    return Usage(
        rate=asked.load.rate,
        billed_ms=usual.mean_billed_ms,
        memory_mb=candidate.memory_mb,
        architecture=asked.architecture,
        provisioned=candidate.provisioned,
        snapstart=candidate.mode == "SnapStart",
        cold_share=usual.share(COLD),
        versions=asked.versions,
    )


def _arrivals(load: Load, *, burst: bool) -> Array:
    return load.crowd(_rng(0)) if burst else load.usual(_rng(0))


def _rng(stream: int) -> np.random.Generator:
    return np.random.default_rng((SEED, stream))
