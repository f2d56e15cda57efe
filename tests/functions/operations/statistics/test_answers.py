"""Shares of answers, compared once: against scipy, and by simulation."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from functions.operations.statistics.answers import (
    AnswersTest,
    chance,
    distance,
    needed,
    pooled,
    statistic,
)
from functions.operations.statistics.verdict import Verdict

TEST = AnswersTest(0.3)
SHARES = np.array([0.45, 0.35, 0.2])


@given(st.floats(0, 200), st.integers(1, 20))
def test_chances_are_those_of_scipy(value: float, freedom: int) -> None:
    assert chance(value, freedom) == pytest.approx(stats.chi2.sf(value, freedom), abs=1e-12)


@pytest.mark.parametrize("freedom", [1, 2, 5, 10])
def test_the_noncentrality_that_is_needed_has_the_power_by_scipy(freedom: int) -> None:
    found = needed(freedom, 0.01, 0.05)
    bar = stats.chi2.isf(0.01, freedom)
    assert stats.ncx2.sf(bar, freedom, found) == pytest.approx(0.95, abs=1e-9)


cells = st.lists(st.tuples(st.integers(1, 300), st.integers(1, 300)), min_size=2, max_size=11)


@given(cells)
def test_the_statistic_is_that_of_scipy(columns: list[tuple[int, int]]) -> None:
    expected = stats.chi2_contingency(np.array(columns).T, correction=False).statistic
    assert statistic(columns) == pytest.approx(expected)


@given(cells)
def test_bins_that_are_put_together_lose_no_answer(columns: list[tuple[int, int]]) -> None:
    one, other = zip(*columns, strict=True)
    found = pooled(one, other)
    assert [sum(row) for row in zip(*found, strict=True)] == [sum(one), sum(other)]


def drawn(ours: np.ndarray, theirs: np.ndarray, answers: int, seed: int) -> list[Verdict]:
    random = np.random.default_rng(seed)
    pairs = zip(
        random.multinomial(answers, ours, size=2000),
        random.multinomial(9 * answers, theirs, size=2000),
        strict=True,
    )
    return [TEST.verdict(one.tolist(), other.tolist()) for one, other in pairs]


def test_chance_alone_refuses_as_seldom_as_stated() -> None:
    same = drawn(SHARES, SHARES, 80, seed=1)
    assert Verdict.NOT_YET not in same
    assert same.count(Verdict.WORSE) <= stats.binom.ppf(1 - 1e-6, 2000, TEST.alpha)


def test_answers_that_move_by_more_than_may_be_are_found() -> None:
    """From 45, 35 and 20 in a hundred to 10, 20 and 70: a distance of 0.5."""
    moved = drawn(np.array([0.1, 0.2, 0.7]), SHARES, 80, seed=2)
    missed = len(moved) - moved.count(Verdict.WORSE)
    assert missed <= stats.binom.ppf(1 - 1e-6, 2000, TEST.beta)


def test_a_small_move_is_fine_however_sure_it_is() -> None:
    assert TEST.verdict([550, 450], [4500, 5500]) is Verdict.FINE


def test_one_answer_for_everybody_is_worse() -> None:
    """Such as of a model that got another column."""
    assert TEST.verdict([0, 100, 0], [450, 350, 100]) is Verdict.WORSE


def test_fault_row_45_too_few_answers_say_nothing() -> None:
    assert TEST.verdict([10, 0], [0, 900]) is Verdict.NOT_YET
    assert TEST.verdict([900, 0], [0, 10]) is Verdict.NOT_YET
    assert TEST.verdict([0, 0], [0, 0]) is Verdict.NOT_YET


def test_a_model_with_one_kind_of_answer_never_differs() -> None:
    assert TEST.verdict([100], [900]) is Verdict.FINE


@given(cells)
def test_the_distance_is_between_none_and_all(columns: list[tuple[int, int]]) -> None:
    one, other = zip(*columns, strict=True)
    assert 0 <= distance(one, other) < 1
    assert distance(one, one) == 0
