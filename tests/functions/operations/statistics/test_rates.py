"""The sequential test keeps its promises: in exact arithmetic where the live rate is known, in
simulation where it is measured beside."""

from math import inf

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binom, binomtest

from functions.operations.statistics.rates import ALPHA, SIGNALS, Count, RateTest, bounds
from functions.operations.statistics.verdict import Verdict

TEST = RateTest(0.05)
KNOWN = 1e12
"""Requests of a live version whose rate is as good as known."""


def verdict_of(hits: int, requests: int, live_rate: float) -> Verdict:
    return TEST.verdict(Count(hits, requests), Count(live_rate * KNOWN, KNOWN))


def exactly(rate: float, live_rate: float, most: int = 3000) -> tuple[float, float, float]:
    """P(worse), P(fine) and the mean number of requests until then, looking after each: the
    distribution of the hits among the streams that go on, step by step."""
    going, worse, fine, mean = {0: 1.0}, 0.0, 0.0, 0.0
    for requests in range(1, most):
        after: dict[int, float] = {}
        for hits, chance in going.items():
            after[hits] = after.get(hits, 0.0) + chance * (1 - rate)
            after[hits + 1] = after.get(hits + 1, 0.0) + chance * rate
        going = {}
        for hits, chance in after.items():
            if chance < 1e-12:
                continue
            verdict = verdict_of(hits, requests, live_rate)
            if verdict is Verdict.NOT_YET:
                going[hits] = chance
                continue
            mean += chance * requests
            worse, fine = worse + chance * (verdict == "worse"), fine + chance * (verdict == "fine")
    return worse, fine, mean


@pytest.mark.parametrize("live_rate", [0.0, 0.02, 0.1])
def test_errors_are_as_rare_as_stated_when_the_live_rate_is_known(live_rate: float) -> None:
    """Computed exactly. A rate below the floor counts as the floor."""
    as_good, _, requests = exactly(live_rate, live_rate, most=1500)
    _, called_fine, _ = exactly(max(live_rate, TEST.floor) + 0.05, live_rate, most=1500)
    assert as_good <= TEST.alpha
    assert called_fine <= TEST.beta
    expected = TEST.expected(live_rate, share=1e-6)
    assert expected is not None
    assert requests == pytest.approx(expected, rel=0.2)


def streams(
    live_rate: float, rate: float, weights: list[float], per_minute: int, count: int, seed: int
) -> list[Verdict]:
    """The final verdicts on so many streams of traffic, one look per minute."""
    random, found = np.random.default_rng(seed), []
    shares = np.array(weights)
    for _ in range(count):
        ours = random.poisson(per_minute * shares)
        theirs = random.poisson(per_minute * (1 - shares))
        counts = (ours, random.binomial(ours, rate), theirs, random.binomial(theirs, live_rate))
        verdict = Verdict.NOT_YET
        for n, hits, m, live_hits in zip(*(c.cumsum() for c in counts), strict=True):
            if m:
                verdict = TEST.verdict(Count(hits, n), Count(live_hits, m))
            if verdict is not Verdict.NOT_YET:
                break
        found.append(verdict)
    return found


TRAFFIC = {
    "canary": [0.1] * 40,
    "linear": [step / 10 for step in range(1, 10) for _ in range(4)],
}


@pytest.mark.parametrize("kind", TRAFFIC)
@pytest.mark.parametrize(("live_rate", "per_minute"), [(0, 60), (0.02, 200), (0.1, 400)])
def test_errors_are_as_rare_as_stated_when_the_live_rate_is_measured(
    kind: str, live_rate: float, per_minute: int
) -> None:
    """Six hundred streams each, seeded; bounds that chance passes once in a million."""
    count, weights = 600, TRAFFIC[kind]
    same = streams(live_rate, live_rate, weights, per_minute, count, seed=1)
    assert same.count(Verdict.WORSE) <= binom.ppf(1 - 1e-6, count, TEST.alpha)
    risen = max(live_rate, TEST.floor) + TEST.tolerance
    bad = streams(live_rate, risen, weights, per_minute, count, seed=2)
    assert bad.count(Verdict.FINE) <= binom.ppf(1 - 1e-6, count, TEST.beta)


def test_what_is_much_worse_is_found_at_once() -> None:
    assert TEST.verdict(Count(4, 4), Count(2, 1000)) is Verdict.WORSE


def test_fault_row_23_trouble_that_the_live_version_has_as_well_is_not_the_candidates() -> None:
    """A burst of poisoned input meets both versions, and refuses none."""
    assert TEST.verdict(Count(300, 1000), Count(2700, 9000)) is Verdict.FINE


def test_alpha_is_shared_by_all_signals() -> None:
    assert TEST.alpha * SIGNALS == pytest.approx(ALPHA)


def test_the_fewest_requests_are_those_without_any_trouble() -> None:
    fewest = TEST.fewest
    assert fewest == 58
    assert verdict_of(0, fewest, 0.0) is Verdict.FINE
    assert verdict_of(0, fewest - 1, 0.0) is Verdict.NOT_YET
    assert TEST.expected(0.0, share=0.1) == fewest


def test_more_trouble_and_less_tolerance_need_more_requests() -> None:
    needed = [TEST.expected(rate, share=0.1) or inf for rate in (0, 0.01, 0.05, 0.1, 0.3)]
    assert needed == sorted(needed)
    assert (RateTest(0.02).expected(0.05, 0.1) or inf) > (TEST.expected(0.05, 0.1) or inf)


counts = st.integers(0, 400).flatmap(lambda n: st.integers(0, n).map(lambda hits: Count(hits, n)))
ORDER = [Verdict.FINE, Verdict.NOT_YET, Verdict.WORSE]


@given(counts, counts)
def test_nothing_is_said_of_few_requests(candidate: Count, live: Count) -> None:
    """fault row 45: neither of a live version that nobody asked."""
    verdict = TEST.verdict(candidate, live)
    if live.requests < TEST.fewest:
        assert verdict is Verdict.NOT_YET
    if candidate.requests < TEST.fewest:
        assert verdict is not Verdict.FINE


@given(counts, counts, st.integers(1, 20))
def test_more_trouble_never_makes_a_candidate_look_better(
    candidate: Count, live: Count, more: int
) -> None:
    hits = min(candidate.hits + more, candidate.requests)
    before = TEST.verdict(candidate, live)
    after = TEST.verdict(Count(hits, candidate.requests), live)
    assert ORDER.index(after) >= ORDER.index(before)


@given(st.integers(1, 5000).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_bounds_are_those_of_scipy(count: tuple[int, int]) -> None:
    hits, requests = count
    interval = binomtest(hits, requests).proportion_ci(0.95, method="wilson")
    assert bounds(Count(hits, requests), 0.975) == pytest.approx(tuple(interval), abs=1e-9)
