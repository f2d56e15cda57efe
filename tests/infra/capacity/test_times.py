"""Distributions of durations."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from infra.capacity.times import Times


def test_a_minimum_and_a_median_are_kept() -> None:
    times = Times.of_minimum_and_median(374, 436)
    assert times.quantile(0) == 374
    assert times.quantile(0.5) == pytest.approx(436)


def test_an_exponential_has_its_mean_and_its_tail() -> None:
    times = Times.exponential(100)
    assert times.mean == pytest.approx(100, rel=0.01)
    assert times.quantile(0.99) == pytest.approx(100 * np.log(100))


def test_what_is_drawn_is_distributed_alike() -> None:
    times = Times.measured([5, 1, 3])
    drawn = times.draw(20_000, np.random.default_rng(1))
    assert (drawn.min() >= 1, drawn.max() <= 5) == (True, True)
    assert np.median(drawn) == pytest.approx(3, abs=0.05)


@given(st.floats(0.01, 1000), st.floats(1, 100), st.floats(0, 1))
def test_a_slower_processor_stretches_every_quantile(
    mean: float, slower: float, level: float
) -> None:
    times = Times.exponential(mean)
    assert times.times(slower).quantile(level) == pytest.approx(slower * times.quantile(level))
