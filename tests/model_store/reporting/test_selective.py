"""Thresholds that reach a target, and how sure that is."""

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binomtest

from model_store.artifact.facts import TradeOff
from model_store.reporting.selective import accuracy_interval, for_accuracy, for_cost, interval

from .conftest import curve

TRUTHFUL = curve((0.0, 1000, 900), (0.7, 800, 776), (0.9, 300, 299))


@st.composite
def curves(draw: st.DrawFn) -> tuple[TradeOff, ...]:
    """Fewer rows are answered as the threshold rises, down to none."""
    cells = st.tuples(st.integers(0, 60), st.integers(0, 60))
    counts = draw(st.lists(cells, min_size=1, max_size=8))
    found, answered, right = [], 0, 0
    for number, (good, bad) in enumerate(reversed(counts)):
        answered, right = answered + good + bad, right + good
        found.append(((len(counts) - number - 1) / 10, answered, right))
    return curve(*reversed(found), rows=max(answered, 1))


@given(st.integers(1, 500).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_the_interval_is_the_one_of_clopper_and_pearson(counts: tuple[int, int]) -> None:
    expected = binomtest(*counts).proportion_ci(0.95, method="exact")
    assert interval(*counts) == pytest.approx((expected.low, expected.high), abs=1e-6)


def test_the_suggestion_is_the_smallest_threshold_whose_bound_reaches_the_target() -> None:
    """At 0.0 the bound is below 0.9, though 90% were right."""
    found = for_accuracy(TRUTHFUL, 0.9)
    assert found is not None
    assert found.reached
    assert found.point.least_confidence == 0.7
    one_of_three = binomtest(776, 800, alternative="greater").proportion_ci(1 - 0.05 / 3)
    assert found.worth == pytest.approx(one_of_three.low, abs=1e-6)


def test_what_is_missed_comes_with_the_best_bound_and_the_rows_it_would_take() -> None:
    found = for_accuracy(TRUTHFUL, 0.99)
    assert found is not None
    assert not found.reached
    assert found.worth == max(
        found.worth,
        *(one.worth for target in (0.5, 0.9) if (one := for_accuracy(TRUTHFUL, target))),
    )
    assert found.rows_needed is not None
    times = found.rows_needed // 1000
    grown = curve(*((p.least_confidence, times * p.answered, times * p.right) for p in TRUTHFUL))
    reached = for_accuracy(tuple(p.model_copy(update={"rows": 10**6}) for p in grown), 0.99)
    assert reached is not None
    assert reached.reached


def test_more_rows_are_not_promised_to_help_a_model_that_is_not_good_enough() -> None:
    found = for_accuracy(curve((0.0, 1000, 700), (0.8, 500, 400)), 0.9)
    assert found is not None
    assert (found.reached, found.rows_needed) == (False, None)


def test_the_cost_is_compared_as_it_was_found() -> None:
    found = for_cost(TRUTHFUL, 0.05)
    assert found is not None
    assert (found.reached, found.point.least_confidence, found.worth) == (True, 0.7, 0.03)
    missed = for_cost(TRUTHFUL, 0.001)
    assert missed is not None
    assert (missed.reached, missed.point.least_confidence) == (False, 0.9)


def test_nothing_is_suggested_where_nothing_was_measured() -> None:
    uncosted = tuple(point.model_copy(update={"cost": None}) for point in TRUTHFUL)
    assert for_accuracy((), 0.5) is None
    assert for_accuracy(curve((0.0, 0, 0)), 0.5) is None
    assert for_cost(uncosted, 0.5) is None
    assert accuracy_interval(curve((0.5, 0, 0))[0]) is None


@given(curves(), st.floats(0, 1), st.floats(0, 1))
def test_a_higher_target_never_gets_a_lower_threshold(
    points: tuple[TradeOff, ...], one: float, other: float
) -> None:
    low, high = for_accuracy(points, min(one, other)), for_accuracy(points, max(one, other))
    if low is None or high is None:
        assert not any(point.answered for point in points)
        return
    assert low.reached or not high.reached
    if high.reached:
        assert low.point.least_confidence <= high.point.least_confidence


@given(curves(), st.floats(0, 1))
def test_the_order_of_the_points_does_not_matter(
    points: tuple[TradeOff, ...], target: float
) -> None:
    assert for_accuracy(points, target) == for_accuracy(points[::-1], target)
    assert for_cost(points, target) == for_cost(points[::-1], target)


@pytest.mark.parametrize("thresholds", ["fixed", "of the rows"])
def test_no_threshold_is_suggested_for_a_truth_just_below_the_target(thresholds: str) -> None:
    """The hardest truth: every suggestion is wrong, and at most one draw of twenty gives one.

    By the bound of each threshold alone far more draws would.
    """
    draws = [
        curve_of(*drawn(seed, lambda shares: 0 * shares + 0.895), thresholds) for seed in SEEDS
    ]
    wrong = sum(reached(points, 0.9) is not None for points in draws)
    uncorrected = sum(any(reached((p,), 0.9) is not None for p in points) for points in draws)
    assert wrong <= len(draws) / 20 < uncorrected


@pytest.mark.parametrize("thresholds", ["fixed", "of the rows"])
def test_the_true_accuracy_at_the_suggested_threshold_is_the_target_or_more(
    thresholds: str,
) -> None:
    """In at least 19 of 20 draws, where accuracy rises with confidence but is below it."""
    many = np.random.default_rng(0).beta(3, 1, 200_000)
    draws = [curve_of(*drawn(seed, rising), thresholds) for seed in SEEDS]
    found = [least for points in draws if (least := reached(points, 0.82)) is not None]
    wrong = sum(rising(many[many >= least]).mean() < 0.82 for least in found)
    assert len(found) > len(draws) / 2
    assert wrong <= len(draws) / 20


SEEDS = range(300)


def rising(confidence: np.ndarray) -> np.ndarray:
    return np.asarray(0.3 + 0.65 * confidence)


def drawn(seed: int, truth: Callable[[np.ndarray], np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    """Confidences of 500 rows, and which of them are right by a known truth."""
    random = np.random.default_rng(seed)
    shares = random.beta(3, 1, 500)
    return shares, random.random(500) < truth(shares)


def curve_of(shares: np.ndarray, right: np.ndarray, thresholds: str) -> tuple[TradeOff, ...]:
    """At 20 thresholds: known beforehand, or quantiles of the rows as packaging takes them."""
    steps = np.linspace(0, 0.99, 20)
    least = steps if thresholds == "fixed" else np.quantile(shares, steps)
    return curve(
        *((float(t), int((shares >= t).sum()), int(right[shares >= t].sum())) for t in least),
        rows=len(shares),
    )


def reached(points: tuple[TradeOff, ...], target: float) -> float | None:
    found = for_accuracy(points, target)
    return found.point.least_confidence if found and found.reached else None
