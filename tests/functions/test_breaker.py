"""When a model that fails is asked, and when it is left alone."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.inference.breaker import Breaker
from tests.functions.conftest import Clock


def test_fault_row_26_the_breaker_closes_when_the_model_answers_again(clock: Clock) -> None:
    breaker = Breaker(failures=2, cooldown=30, clock=clock)
    breaker.failed()
    breaker.succeeded()
    breaker.failed()
    assert breaker.allows(), "only failures in a row count"
    breaker.failed()
    assert not breaker.allows()
    clock.now += 30
    assert breaker.allows(), "half-open"
    assert not breaker.allows(), "one call at a time is the probe"
    breaker.succeeded()
    assert breaker.allows()
    assert breaker.allows()
    breaker.failed()
    assert breaker.allows(), "closed means starting to count anew"


def test_fault_row_26_a_probe_that_fails_starts_the_cooldown_anew(clock: Clock) -> None:
    breaker = Breaker(failures=1, cooldown=30, clock=clock)
    breaker.failed()
    clock.now += 30
    assert breaker.allows()
    clock.now += 20
    breaker.failed()
    clock.now += 20
    assert not breaker.allows(), "40 s after the first failure, 20 s after the second"
    clock.now += 10
    assert breaker.allows()


@pytest.mark.parametrize("failures", [1, 3])
@given(history=st.lists(st.sampled_from(["failed", "succeeded", "allows", "wait"])))
def test_fault_row_26_whatever_came_before_failures_in_a_row_open_it_and_a_success_closes_it(
    failures: int, history: list[str]
) -> None:
    clock = Clock()
    breaker = Breaker(failures, cooldown=30, clock=clock)
    for event in history:
        if event == "wait":
            clock.now += 15
        else:
            getattr(breaker, event)()
    for _ in range(failures):
        breaker.failed()
    assert not breaker.allows()
    breaker.succeeded()
    assert breaker.allows()
