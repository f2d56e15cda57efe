"""From readings to one finding per signal. Pure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from functions.canary.readings import CRASHES, SLOW, Reading
from functions.operations.statistics.answers import AnswersTest, distance
from functions.operations.statistics.matched import Minutes, matched
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
        _rate(test, signal, what, _trouble(candidate, name), _trouble(live, name))
        for signal, name, what in _RATES
    ]
    failed = _rate(test, "errors", "failed", _failures(candidate), _failures(live))
    return [failed, *found, *(_answers(candidate, live, bar) if last else ())]


def _trouble(reading: Reading, name: str) -> tuple[Minutes, Minutes]:
    """Requests that had it, and that had it not."""
    return _split(reading.minutes(name), reading.minutes(metrics.REQUESTS))


def _failures(reading: Reading) -> tuple[Minutes, Minutes]:
    """A request that crashed the function told nothing, so it is no part of REQUESTS."""
    hits = reading.minutes(metrics.FAILED, CRASHES)
    return _split(hits, reading.minutes(metrics.REQUESTS, CRASHES))


def _split(hits: Minutes, requests: Minutes) -> tuple[Minutes, Minutes]:
    return hits, {minute: count - hits.get(minute, 0) for minute, count in requests.items()}


def _rate(
    test: RateTest, signal: str, what: str, ours: Sequence[Minutes], theirs: Sequence[Minutes]
) -> Finding:
    candidate, live = (Count(each[0], sum(each)) for each in matched(ours, theirs))
    verdict = test.verdict(candidate, live)
    if verdict is Verdict.NOT_YET:
        return Finding(signal, verdict, _too_few(test, candidate, live))
    told = f"{_told(candidate, ' requests')} {what}; of the live version {_told(live)}"
    return Finding(signal, verdict, told)


def _told(count: Count, what: str = "") -> str:
    return f"{count.hits:.0f} of {count.requests:.0f}{what}"


def _too_few(test: RateTest, candidate: Count, live: Count) -> str:
    if candidate.requests < test.fewest:
        fewest = f"{candidate.requests:.0f} of at least {test.fewest}"
        return f"too few requests for a verdict: {fewest}"
    if live.requests < test.fewest:
        fewest = f"{live.requests:.0f} of at least {test.fewest}"
        return f"too few requests of the live version for a verdict: {fewest}"
    share = candidate.requests / (candidate.requests + live.requests)
    needed = test.expected(live.hits / live.requests, share)
    return (
        f"too few requests for a verdict: {candidate.requests:.0f} of about "
        f"{needed or 'a million'}, for it lies close: {candidate.hits:.0f} here, {_told(live)} live"
    )


def _answers(candidate: Reading, live: Reading, bar: Bar) -> Iterator[Finding]:
    signal, test = "answers", AnswersTest(bar.churn)
    ours, theirs = matched(candidate.answers, live.answers)
    scales = {scale for each in (candidate, live) for scale in each.scales or ()}
    if len(scales) > 1:
        # The contract gate has let the change of labels pass: it is meant.
        yield Finding(signal, Verdict.FINE, "not comparable: other labels, or another scale")
        return
    verdict = test.verdict(ours, theirs)
    if verdict is Verdict.NOT_YET:
        told = f"too few answers for a verdict: {sum(ours):.0f}, and {sum(theirs):.0f} live"
    else:
        moved = f"{distance(ours, theirs):.0%} of the answers are others than live"
        told = f"{moved} ({sum(ours):.0f} and {sum(theirs):.0f} answers)"
    yield Finding(signal, verdict, told)
