"""The model of Lambda against what textbooks have formulas for, and against itself."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from infra.capacity.arrivals import after, ramp, steady
from infra.capacity.simulation import (
    COLD,
    THROTTLED,
    WARM,
    Outcome,
    Setup,
    Work,
    simulate,
)
from infra.capacity.times import Array, Times

FREE: dict[str, Any] = {"gateway": None, "rate_per_concurrency": None, "growth": (1e9, 1e9)}
AT_ONCE = Times.always(0)


def rng(seed: int = 1) -> np.random.Generator:
    return np.random.default_rng(seed)


def run(arrivals: Array, work: Work, stretch: int = 5000, **setup: Any) -> Outcome:
    return simulate(arrivals, work, Setup(**FREE | setup), rng(2), stretch)


def erlang_b(servers: int, load: float) -> float:
    """Share of calls that find all servers taken: Erlang, 1917."""
    return float(stats.poisson.pmf(servers, load) / stats.poisson.cdf(servers, load))


@pytest.mark.parametrize("service", [Times.exponential(100), Times.always(100)])
@pytest.mark.parametrize("concurrency", [3, 10, 14])
def test_a_reservation_turns_away_what_erlangs_loss_formula_says(
    service: Times, concurrency: int
) -> None:
    """Whatever the distribution of the service times, only their mean counts."""
    load = 100 * service.mean / 1000
    outcome = run(steady(100, 400, rng()), Work(service, AT_ONCE), concurrency=concurrency)
    assert outcome.share(THROTTLED) == pytest.approx(erlang_b(concurrency, load), abs=0.01)


@pytest.mark.parametrize("service", [Times.exponential(80), Times.always(80)])
def test_without_limits_the_environments_in_use_are_poisson_distributed(service: Times) -> None:
    """M/G/∞: as many as requests come during one service; a caller sees them (PASTA)."""
    work = Work(service, AT_ONCE)
    outcome = run(steady(100, 300, rng()), work, keep_alive_s=0, concurrency=10**6).since(5)
    others = outcome.environments - 1
    load = 100 * service.mean / 1000
    steps = np.arange(30)
    seen = np.searchsorted(np.sort(others), steps, side="right") / len(others)
    assert np.abs(seen - stats.poisson.cdf(steps, load)).max() < 0.02


@pytest.mark.parametrize("keep_alive_s", [10.0, 60.0, 200.0])
def test_rare_requests_start_as_often_as_the_gap_before_them_is_longer_than_idle_ones_are_kept(
    keep_alive_s: float,
) -> None:
    work = Work(Times.always(0.01), AT_ONCE)
    outcome = run(steady(0.02, 500_000, rng()), work, keep_alive_s=keep_alive_s)
    assert outcome.share(COLD) == pytest.approx(np.exp(-0.02 * keep_alive_s), abs=0.015)


def test_above_its_rate_a_token_bucket_lets_through_its_rate() -> None:
    outcome = run(steady(300, 100, rng()), Work(Times.always(1), AT_ONCE), throttle=(200, 50))
    assert outcome.share(THROTTLED) == pytest.approx(1 / 3, abs=0.01)


def test_lambda_takes_ten_requests_per_second_for_each_unit_of_concurrency() -> None:
    """However short they are: a reservation of 20 is 200 requests per second."""
    work = Work(Times.always(0.1), AT_ONCE)
    outcome = run(steady(400, 100, rng()), work, concurrency=20, rate_per_concurrency=10)
    assert outcome.share(THROTTLED) == pytest.approx(0.5, abs=0.01)


def test_a_function_grows_by_a_thousand_environments_and_then_by_a_hundred_a_second() -> None:
    at_once, later = np.linspace(0, 0.001, 3000), np.linspace(2, 2.001, 3000)
    work = Work(Times.always(60_000), AT_ONCE)
    grown = {"growth": (100, 1000), "timeout_s": 100, "concurrency": 10_000}
    outcome = run(np.concatenate([at_once, later]), work, **grown)
    assert int(np.sum(outcome.kind[:3000] == COLD)) == 1000
    assert outcome.most_environments == 1200


def test_what_is_later_than_the_functions_timeout_is_counted_and_billed_until_then() -> None:
    work = Work(Times.always(3000), AT_ONCE)
    outcome = run(np.array([0.0, 10.0]), work, timeout_s=2)
    assert outcome.timed_out == 1
    assert (outcome.latency(1), outcome.mean_billed_ms) == (2000, 2000)


@pytest.mark.parametrize("stretch", [0, 2, 5000])
def test_a_request_that_is_cut_off_leaves_no_environment_behind(stretch: int) -> None:
    """Lambda resets it: what comes next has to start again."""
    slow = Work(Times.always(3000), Times.always(400))
    arrivals = np.array([0.0, 10.0, 20.0])
    outcome = run(arrivals, slow, stretch, timeout_s=2)
    assert outcome.kind.tolist() == [COLD, COLD, COLD]
    assert outcome.latency_ms.tolist() == [2400, 2400, 2400]
    assert outcome.timed_out == 1
    assert outcome.environments.tolist() == [1, 1, 1]


def test_until_it_is_cut_off_it_counts_as_one_in_flight() -> None:
    slow = Work(Times.always(3000), AT_ONCE)
    outcome = run(np.array([0.0, 1.0, 2.5]), slow, timeout_s=2, concurrency=1)
    assert outcome.kind.tolist() == [COLD, THROTTLED, COLD]


def test_the_functions_timeout_is_not_for_the_init_phase() -> None:
    outcome = run(np.array([0.0, 20.0]), Work(Times.always(10), Times.always(9000)), timeout_s=2)
    assert outcome.kind.tolist() == [COLD, WARM]
    assert outcome.latency_ms.tolist() == [9010, 10]
    assert outcome.timed_out == 0


@pytest.mark.parametrize(("timeout_s", "cut_off"), [(15, False), (11, True)])
def test_an_init_phase_that_is_cut_short_is_made_again_under_the_functions_timeout(
    timeout_s: float, cut_off: bool
) -> None:
    work = Work(Times.always(10), Times.always(12_000))
    outcome = run(np.array([0.0, 60.0]), work, timeout_s=timeout_s)
    took = 10_000 + (11_000 if cut_off else 12_010)
    assert outcome.latency_ms[0] == took
    assert outcome.kind.tolist() == [COLD, COLD if cut_off else WARM]
    assert outcome.timed_out == (1 if cut_off else 0)


def test_later_than_api_gateway_waits_is_late_though_the_function_goes_on() -> None:
    work = Work(Times.always(20_000), Times.always(9500))
    outcome = run(np.array([0.0, 60.0]), work, timeout_s=25)
    assert outcome.latency_ms.tolist() == [29_000, 20_000]
    assert outcome.late.tolist() == [True, False]
    assert outcome.kind.tolist() == [COLD, WARM]


@pytest.mark.parametrize("stretch", [0, 5000])
def test_a_provisioned_environment_that_was_cut_off_is_replaced(stretch: int) -> None:
    slow = Work(Times.always(3000), Times.always(400))
    outcome = run(np.array([0.0, 10.0]), slow, stretch, timeout_s=2, provisioned=1)
    assert outcome.kind.tolist() == [WARM, WARM]
    assert outcome.timed_out == 1


def test_a_start_is_added_to_the_request_that_caused_it_and_is_billed() -> None:
    outcome = run(np.array([0.0, 10.0]), Work(Times.always(2.5), Times.always(400)))
    assert outcome.kind.tolist() == [COLD, WARM]
    assert outcome.latency_ms.tolist() == [402.5, 2.5]
    assert outcome.mean_billed_ms == (403 + 3) / 2


def test_provisioned_environments_start_for_nobody_and_are_never_let_go() -> None:
    work = Work(Times.always(10), Times.always(400))
    outcome = run(steady(0.001, 100_000, rng()), work, provisioned=2)
    assert outcome.share(COLD) == 0


def test_nothing_comes_of_no_requests() -> None:
    outcome = run(np.array([]), Work(AT_ONCE, AT_ONCE))
    assert (outcome.share(COLD), outcome.most_environments) == (0, 0)


def test_more_provisioned_than_may_run_is_refused() -> None:
    with pytest.raises(ValueError, match="within the concurrency"):
        Setup(concurrency=1, provisioned=2)


@given(
    rate=st.floats(0.05, 60),
    start_ms=st.sampled_from([0, 400, 5000]),
    keep_alive_s=st.sampled_from([0.0, 1.0, 20.0]),
    concurrency=st.integers(3, 30),
    provisioned=st.integers(0, 3),
    throttle=st.sampled_from([None, (30.0, 5.0)]),
    timeout_s=st.sampled_from([15.0, 0.05]),
    stretch=st.sampled_from([1, 7, 50, 400]),
)
@settings(max_examples=60, deadline=None)
def test_serving_a_stretch_at_once_gives_what_serving_one_by_one_gives(
    rate: float,
    start_ms: float,
    keep_alive_s: float,
    concurrency: int,
    provisioned: int,
    throttle: tuple[float, float] | None,
    timeout_s: float,
    stretch: int,
) -> None:
    """The shortcut that makes millions of requests quick is no approximation."""
    work = Work(Times.exponential(30, 10), Times.exponential(start_ms / 4, start_ms))
    load = after(ramp(rate, 5, rng()), 5, steady(rate, 400 / rate, rng(3)))
    setup = Setup(
        concurrency=concurrency,
        provisioned=provisioned,
        keep_alive_s=keep_alive_s,
        throttle=throttle,
        timeout_s=timeout_s,
        growth=(2.0, 5.0),
    )
    quick = simulate(load, work, setup, rng(2), stretch)
    slow = simulate(load, work, setup, rng(2), 0)
    assert quick.kind.tolist() == slow.kind.tolist()
    assert quick.latency_ms.tolist() == slow.latency_ms.tolist()
    assert quick.most_environments == slow.most_environments


@given(rate=st.floats(5, 80), first=st.integers(1, 20), more=st.integers(1, 20))
@settings(max_examples=25, deadline=None)
def test_a_larger_reservation_turns_nobody_more_away(rate: float, first: int, more: int) -> None:
    load, work = steady(rate, 300 / rate, rng()), Work(Times.always(200), AT_ONCE)
    small, large = (run(load, work, concurrency=size) for size in (first, first + more))
    assert large.share(THROTTLED) <= small.share(THROTTLED)


@given(rate=st.floats(0.02, 20), kept=st.floats(0, 50), longer=st.floats(0, 200))
@settings(max_examples=25, deadline=None)
def test_keeping_idle_environments_longer_starts_no_more(
    rate: float, kept: float, longer: float
) -> None:
    load, work = steady(rate, 300 / rate, rng()), Work(Times.always(50), Times.always(400))
    short, long = (run(load, work, keep_alive_s=seconds) for seconds in (kept, kept + longer))
    assert long.share(COLD) <= short.share(COLD)


@given(rate=st.floats(0.5, 60), held=st.integers(0, 5), more=st.integers(1, 10))
@settings(max_examples=25, deadline=None)
def test_more_provisioned_environments_start_no_more(rate: float, held: int, more: int) -> None:
    load, work = steady(rate, 300 / rate, rng()), Work(Times.always(50), AT_ONCE)
    few, many = (run(load, work, provisioned=count) for count in (held, held + more))
    assert many.share(COLD) <= few.share(COLD)


def test_an_environment_that_one_provisioned_spares_may_be_missed_later() -> None:
    """So more of them may start more, if a start takes time; with as many as are ever busy none
    starts."""
    load, work = steady(7.25, 300 / 7.25, rng()), Work(Times.always(50), Times.always(400))
    starts = [int(np.sum(run(load, work, provisioned=n).kind == COLD)) for n in range(4)]
    assert starts == [3, 4, 1, 0]
