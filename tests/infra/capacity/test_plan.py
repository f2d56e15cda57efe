"""Which way of being ready is recommended."""

import re
from dataclasses import replace

import pytest

from infra.capacity.footprint import Footprint, footprint
from infra.capacity.load import Load, Quotas
from infra.capacity.misses import Miss, percent
from infra.capacity.plan import (
    Candidate,
    Capacity,
    Question,
    is_deployable,
    judge,
    observe,
    plan,
    reservation,
    usage,
)
from infra.capacity.simulation import COLD

SMALL = footprint(1000, "other")


def asked(
    model: Footprint = SMALL,
    rate: float = 20,
    p99_ms: float = 200,
    burst: float | None = None,
    quotas: Quotas | None = None,
) -> Question:
    return Question(model, Load(rate, burst), p99_ms, quotas=quotas or Quotas())


@pytest.fixture(scope="module")
def usual() -> Capacity:
    return plan(asked())


def test_the_cheapest_that_meets_the_target_is_recommended(usual: Capacity) -> None:
    deployable = [j for j in usual.judged if j.meets and is_deployable(j.candidate)]
    assert usual.best is min(deployable, key=lambda j: j.dollars_per_million)
    assert usual.best.p99_ms <= 200


def test_the_same_question_has_the_same_answer(usual: Capacity) -> None:
    assert plan(asked()) == usual


def test_more_of_a_processor_answers_sooner(usual: Capacity) -> None:
    waits = [j.p50_ms for j in usual.judged if j.candidate.mode == "provisioned"]
    assert waits == sorted(waits, reverse=True)


def test_nothing_is_recommended_when_nothing_is_quick_enough() -> None:
    found = plan(asked(p99_ms=1))
    assert (found.best, found.out_of_reach) == (None, None)


def test_what_the_template_cannot_make_is_said_to_be_out_of_reach() -> None:
    """Requests that never find an environment that is there: only provisioned ones are quick."""
    found = plan(asked(rate=0.001, p99_ms=100))
    assert found.best is None
    assert found.out_of_reach is not None
    assert found.out_of_reach.candidate.mode == "provisioned"


def test_a_burst_is_what_the_target_is_held_against() -> None:
    calm, crowd = (judge(asked(rate=5, burst=b), Candidate("on demand", 512)) for b in (None, 300))
    assert crowd.cold > calm.cold
    assert crowd.environments > calm.environments
    assert crowd.dollars_per_million == calm.dollars_per_million


def test_with_a_burst_the_steady_load_has_to_meet_the_target_too() -> None:
    """Callers who come once in a hundred seconds meet one start after the other."""
    assert plan(asked(rate=0.01, p99_ms=300)).best is None
    assert plan(asked(rate=0.01, p99_ms=300, burst=100)).best is None


def test_what_a_deploy_refuses_is_not_recommended() -> None:
    """Once it is warm it would be quick enough; but on demand it never starts."""
    found = plan(asked(footprint(400_000_000, "trees"), rate=100, p99_ms=1000))
    assert not [j for j in found.judged if j.meets and j.candidate.mode == "on demand"]


def parts(found: tuple[Miss, ...]) -> set[str]:
    return {miss.part for miss in found}


def test_what_misses_the_target_says_whether_by_its_start_the_steady_load_or_the_burst() -> None:
    rare = judge(asked(rate=0.01, p99_ms=300), Candidate("on demand", 512))
    assert parts(rare.misses) == {"steady load"}
    assert re.match(r"p99 is .* ms, .* % of the requests start an env", rare.misses[0].why)
    crowd = judge(asked(rate=20, p99_ms=300, burst=3000), Candidate("on demand", 512))
    assert parts(crowd.misses) == {"burst"}
    assert any("turned away" in miss.why for miss in crowd.misses)
    huge = asked(footprint(400_000_000, "trees"), rate=100, p99_ms=1000)
    heavy = judge(huge, Candidate("on demand", 8192))
    assert "start" in parts(heavy.misses)
    assert "of 10 s" in heavy.misses[0].why
    assert "start" not in parts(judge(huge, Candidate("SnapStart", 8192)).misses)


def test_what_meets_the_target_misses_nothing(usual: Capacity) -> None:
    assert all(j.meets == (not j.misses) for j in usual.judged)
    assert usual.best is not None
    assert usual.best.misses == ()


def test_sizes_that_do_not_hold_the_model_are_named(usual: Capacity) -> None:
    assert usual.too_small_mb == ()
    large = plan(asked(footprint(60_000_000, "trees"), p99_ms=20_000))
    assert large.too_small_mb == (512, 1024)
    assert not {512, 1024} & {j.candidate.memory_mb for j in large.judged}


def test_what_no_size_holds_is_planned_with_nothing() -> None:
    found = plan(asked(footprint(1_000_000_000, "trees")))
    assert (found.judged, found.best, found.out_of_reach) == ((), None, None)


def test_a_share_that_is_there_is_never_told_as_none() -> None:
    assert percent(0.00001) == "0.001 %"


def test_starts_are_billed() -> None:
    """One in some hundred requests, of a hundred times the duration."""
    question, candidate = asked(rate=0.02), Candidate("on demand", 512)
    usual = observe(question, candidate, burst=False)
    paid = usage(question, candidate, usual)
    assert paid.cold_share == usual.share(COLD) > 0
    warm = SMALL.work(512).warm
    assert paid.billed_ms > warm.mean + paid.cold_share * SMALL.work(512).start.mean / 2


def test_a_large_forest_gets_the_memory_that_holds_it() -> None:
    model = footprint(200_000_000, "trees")
    sizes = {j.candidate.memory_mb for j in plan(asked(model, rate=5, p99_ms=20_000)).judged}
    assert sizes == {4096}
    assert model.least_memory_mb > 3072


def test_a_measured_median_replaces_what_was_foretold() -> None:
    measured = SMALL.measured(warm_ms=41, memory_mb=1769)
    assert measured.work(1769).warm.quantile(0.5) == pytest.approx(41)


def test_a_reservation_has_room_for_the_rate_however_short_requests_are(usual: Capacity) -> None:
    """10 requests per second for each unit: 20 environments would turn away all above 200."""
    assert usual.best is not None
    question = asked(rate=1000)
    assert reservation(question, replace(usual.best, environments=3)) == 120
    assert reservation(question, replace(usual.best, environments=200)) == 300
    assert reservation(asked(rate=50_000), usual.best) == 900


def test_a_load_above_a_quota_is_told_which_to_raise() -> None:
    assert Quotas().notes(Load(8000)) == ()
    told = " ".join(Quotas().notes(Load(10_000)))
    assert "ask for a quota of 1320 (--concurrency)" in told
    assert "ask for 12000 (--api-rate)" in told
    assert Quotas(2000, 20_000).notes(Load(10_000)) == ()
