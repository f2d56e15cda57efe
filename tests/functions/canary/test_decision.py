"""When the verdict falls, and what it says."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.canary.decision import Stage, stage_of, unusable, why_refused
from functions.operations.statistics.verdict import Finding, Verdict
from model_store.history.shift import Pace

START = datetime(2030, 1, 1, tzinfo=UTC)
EARLY, LATE = Stage(60, 540), Stage(500, 100)
FINE = Finding("errors", Verdict.FINE, "0 of 90")
WORSE = Finding("latency", Verdict.WORSE, "9 of 90 were slow")
NOT_YET = Finding("fallbacks", Verdict.NOT_YET, "too few")


def stage(pace: Pace, seconds: float) -> Stage | None:
    return stage_of(START, pace, START + timedelta(seconds=seconds))


@pytest.mark.parametrize("minutes", [5, 10, 15, 30])
def test_a_canary_is_decided_in_its_last_two_minutes(minutes: int) -> None:
    pace = Pace("TimeBasedCanary", 10, minutes)
    early, late = (stage(pace, 60 * minutes - left) for left in (121, 119))
    assert early
    assert late
    assert (early.is_last, late.is_last) == (False, True)


def test_a_faster_clock_is_decided_by_as_large_a_part() -> None:
    """Five minutes that pass in five seconds."""
    pace = Pace("TimeBasedCanary", 10, 5 / 60)
    early, late = stage(pace, 2.9), stage(pace, 3.1)
    assert early
    assert late
    assert (early.is_last, late.is_last) == (False, True)


def test_all_at_once_leaves_nothing_to_judge() -> None:
    assert stage(Pace("AllAtOnce"), 10) is None


def test_a_shift_that_is_over_was_to_be_decided() -> None:
    late = stage(Pace("TimeBasedCanary", 10, 5), 400)
    assert late
    assert late.is_last


def test_what_is_worse_is_refused_early_and_late() -> None:
    for when in (EARLY, LATE):
        assert why_refused([FINE, WORSE, NOT_YET], [], when) == "latency: 9 of 90 were slow"


def test_what_is_not_known_is_refused_late_alone() -> None:
    assert why_refused([FINE, NOT_YET], [], EARLY) is None
    assert why_refused([FINE, NOT_YET], [], LATE) == "too few (fallbacks)"
    assert why_refused([FINE], [], LATE) is None


@given(
    st.dictionaries(st.sampled_from("abc"), st.sampled_from(["OK", "ALARM", "INSUFFICIENT_DATA"]))
)
def test_fault_row_45_an_alarm_that_says_nothing_is_named(states: dict[str, str]) -> None:
    found = unusable("abc", states)
    silent = [name for name in "abc" if states.get(name, "") not in ("OK", "ALARM")]
    assert [line.split()[0] for line in found] == silent
    assert bool(why_refused([FINE], found, LATE)) == bool(silent)
