"""From readings to one finding per signal. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass

from functions.canary.readings import CRASHES, SLOW, Reading
from functions.operations.statistics.answers import AnswersTest, distance
from functions.operations.statistics.rates import Count, RateTest
from functions.operations.statistics.verdict import Finding, Verdict
from model_store import request_metrics as metrics

_RATES = (
    ("refusals", metrics.REFUSED, "were refused for what was sent"),
    ("fallbacks", metrics.FELL_BACK, "were answered by a fallback because the model failed"),
    ("abstentions", metrics.DECLINED, "got no answer of the model, for it was in doubt"),
    ("confidence", metrics.UNSURE, "were answered with an unusually low confidence"),
    ("latency", SLOW, "took longer than LatencyAlarmMs"),
)


@dataclass(frozen=True)
class Bar:
    """What a candidate is measured by; shares, 0 to 1."""

    tolerance: float
    churn: float


def find(candidate: Reading, live: Reading, bar: Bar, *, last: bool) -> list[Finding]:
    """`last`: no later look is sure to come, so the answers are compared too."""
    test = RateTest(bar.tolerance)
    found = [
        _rate(test, signal, what, _count(candidate, name), _count(live, name))
        for signal, name, what in _RATES
    ]
    failed = _rate(test, "errors", "failed", _failures(candidate), _failures(live))
    return [failed, *found, *(_answers(candidate, live, bar) if last else ())]


def _count(reading: Reading, name: str) -> Count:
    return Count(reading.count(name), reading.count(metrics.REQUESTS))


def _failures(reading: Reading) -> Count:
    """A request that crashed the function told nothing, so it is no part of REQUESTS."""
    crashes = reading.count(CRASHES)
    return Count(reading.count(metrics.FAILED) + crashes, reading.count(metrics.REQUESTS) + crashes)


def _rate(test: RateTest, signal: str, what: str, candidate: Count, live: Count) -> Finding:
    verdict = test.verdict(candidate, live)
    if verdict is Verdict.NOT_YET:
        return Finding(signal, verdict, _too_few(test, candidate, live))
    told = f"{candidate.hits} of {candidate.requests} requests {what}"
    told += f"; of the live version {live.hits} of {live.requests}"
    return Finding(signal, verdict, told)


def _too_few(test: RateTest, candidate: Count, live: Count) -> str:
    if candidate.requests < test.fewest:
        fewest = f"{candidate.requests} of at least {test.fewest}"
        return f"too few requests for a verdict: {fewest}"
    if live.requests < test.fewest:
        fewest = f"{live.requests} of at least {test.fewest}"
        return f"too few requests of the live version for a verdict: {fewest}"
    share = candidate.requests / (candidate.requests + live.requests)
    needed = test.expected(live.hits / live.requests, share)
    return (
        f"too few requests for a verdict: {candidate.requests} of about {needed or 'a million'}, "
        f"for it lies close: {candidate.hits} here, {live.hits} of {live.requests} live"
    )


def _answers(candidate: Reading, live: Reading, bar: Bar) -> Iterator[Finding]:
    signal, test = "answers", AnswersTest(bar.churn)
    ours, theirs = candidate.answers, live.answers
    scales = {scale for each in (candidate, live) for scale in each.scales or ()}
    if len(scales) > 1:
        # The contract gate has let the change of labels pass: it is meant.
        yield Finding(signal, Verdict.FINE, "not comparable: other labels, or another scale")
        return
    verdict = test.verdict(ours, theirs)
    if verdict is Verdict.NOT_YET:
        told = f"too few answers for a verdict: {sum(ours)}, and {sum(theirs)} live"
    else:
        moved = f"{distance(ours, theirs):.0%} of the answers are others than live"
        told = f"{moved} ({sum(ours)} and {sum(theirs)} answers)"
    yield Finding(signal, verdict, told)
