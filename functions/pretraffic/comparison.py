"""The same made-up rows, answered by the candidate and by what is live: is the new one worse? Pure.

Both are asked the same rows, so that the rows themselves make no difference. Each question is an
exact one-sided test: a candidate that is no worse than its limits is refused with probability RISK
at most, all questions together; one that is worse by MARGIN is noticed with probability POWER.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from statistics import median

from functions.operations.statistics.exact import exceeds, highest, rises, rows_needed
from functions.pretraffic.asking import Answer
from functions.pretraffic.report import Check
from model_store.predictions import AbstainPrediction, FallbackPrediction, ModelPrediction, Reason

RISK = 0.01
QUESTIONS = 5
EACH = RISK / QUESTIONS
"""Failures, churn, abstentions, fallbacks, latency (Bonferroni)."""
POWER = 0.9
MARGIN = 0.1
MOST_ROWS = 600
RELATIVE = 0.05
"""By how much a regression's value may differ where there is no interval to hold it against."""

SLOW = 0.05
MANY_SLOW = 0.2
"""The limit of latency is for 19 of 20 requests; one in five above it is noticed."""

FAILED = {
    Reason.MODEL_UNAVAILABLE,
    Reason.MODEL_CORRUPT,
    Reason.DEADLINE_EXCEEDED,
    Reason.INVALID_OUTPUT,
    Reason.MODEL_ERROR,
    Reason.BREAKER_OPEN,
}


@dataclass(frozen=True)
class Limits:
    """churn, tolerance: shares of rows. latency: milliseconds of one request."""

    churn: float
    tolerance: float
    latency: float

    @cached_property
    def rows(self) -> int:
        """How many rows answer every question but that of latency."""
        churned = rows_needed(lambda _: self.churn, self.churn + MARGIN, EACH, POWER, MOST_ROWS)
        worse = self.tolerance + MARGIN
        return max(churned, rows_needed(self._rise, worse, EACH / 2, POWER, MOST_ROWS))

    @cached_property
    def requests(self) -> int:
        """How many requests answer the question of latency."""
        return rows_needed(lambda _: SLOW, MANY_SLOW, EACH, POWER, MOST_ROWS)

    def is_too_slow(self, milliseconds: Sequence[float]) -> bool:
        """Whether these are so slow that no further request changes the verdict."""
        slow = sum(each > self.latency for each in milliseconds)
        return exceeds(slow, self.requests, SLOW, EACH)

    def _rise(self, rows: int) -> float:
        """What `rises` asks of a share that no row lost."""
        return min(1.0, self.tolerance + highest(0, rows, EACH / 2))


def check_failures(candidate: Sequence[Answer], limits: Limits) -> Check:
    """The candidate's own model fails: an error, no time, numbers that are none."""
    failed, rows = sum(_failed(answer) for answer in candidate), len(candidate)
    worse = exceeds(failed, rows, limits.tolerance, EACH)
    told = f"the model failed on {failed} of {rows} rows"
    return _judged("failures", worse, told, limits.tolerance)


def check_churn(live: Sequence[Answer], candidate: Sequence[Answer], limits: Limits) -> Check:
    """Of the rows that both models answered, how many are answered differently."""
    both = [
        (before, now)
        for before, now in zip(live, candidate, strict=True)
        if isinstance(before, ModelPrediction) and isinstance(now, ModelPrediction)
    ]
    differ = sum(differs(before, now) for before, now in both)
    if not both:
        return Check("churn", "skipped", "no row was answered by both models")
    worse = exceeds(differ, len(both), limits.churn, EACH)
    told = f"{differ} of {len(both)} answers differ from those of the live version"
    return _judged("churn", worse, told, limits.churn)


def check_abstentions(live: Sequence[Answer], candidate: Sequence[Answer], limits: Limits) -> Check:
    return _risen("abstentions", AbstainPrediction, live, candidate, limits)


def check_fallbacks(live: Sequence[Answer], candidate: Sequence[Answer], limits: Limits) -> Check:
    return _risen("fallbacks", FallbackPrediction, live, candidate, limits)


def check_latency(milliseconds: Sequence[float], limits: Limits) -> Check:
    """Single requests to an environment that was warm; how long a start takes is not judged."""
    if not milliseconds:
        return Check("latency", "skipped", "Lambda told of no request to a warm environment")
    slow = sum(each > limits.latency for each in milliseconds)
    told = (
        f"{slow} of {len(milliseconds)} warm requests took longer than {limits.latency:g} ms "
        f"(median {median(milliseconds):.0f} ms)"
    )
    failed = exceeds(slow, len(milliseconds), SLOW, EACH)
    return Check("latency", "failed" if failed else "passed", told)


def tell_speed(live: Sequence[float], candidate: Sequence[float]) -> Check:
    """Beside each other, and not judged: the limit is what somebody decided on."""
    if not live or not candidate:
        return Check("speed", "skipped", "no environment was warm")
    told = f"median {median(candidate):.1f} ms, live version {median(live):.1f} ms"
    return Check("speed", "passed", told)


def differs(before: ModelPrediction, now: ModelPrediction) -> bool:
    """Another label; or a number outside of the candidate's interval, or without one more than 5 %
    away."""
    if isinstance(before.value, float) and isinstance(now.value, float):
        if now.interval is not None:
            return not now.interval.low <= before.value <= now.interval.high
        return abs(now.value - before.value) > RELATIVE * max(abs(before.value), abs(now.value))
    return type(before.value) is not type(now.value) or before.value != now.value


def _risen(
    name: str,
    kind: type[AbstainPrediction | FallbackPrediction],
    live: Sequence[Answer],
    candidate: Sequence[Answer],
    limits: Limits,
) -> Check:
    """Rows without an answer by the live version tell nothing about the candidate."""
    pairs = [
        (isinstance(before, kind), isinstance(now, kind))
        for before, now in zip(live, candidate, strict=True)
        if before is not None
    ]
    if not pairs:
        return Check(name, "skipped", "no row was answered by the live version")
    before, now = (sum(side) for side in zip(*pairs, strict=True))
    up, down = pairs.count((False, True)), pairs.count((True, False))
    told = f"{now} {name} in {len(pairs)} rows, {before} by the live version"
    worse = rises(up, down, len(pairs), limits.tolerance, EACH)
    return _judged(name, worse, told, limits.tolerance)


def _failed(answer: Answer) -> bool:
    return answer is None or (isinstance(answer, FallbackPrediction) and answer.reason in FAILED)


def _judged(name: str, worse: bool, told: str, limit: float) -> Check:
    if worse:
        return Check(name, "failed", f"{told}: more than {limit:.0%}, beyond chance")
    return Check(name, "passed", told)
