"""Whether samples grow: those that do, those that do not, and those that do not tell."""

import random

import pytest

from benchmarks.soak_growth import growth

MINUTES = range(30)
SECONDS = [60.0 * minute for minute in MINUTES]


def test_a_steady_level_does_not_grow() -> None:
    found = growth(SECONDS, [100.0 for _ in MINUTES], most=1)
    assert (found.level, found.slope, found.low, found.high) == (100, 0, 0, 0)
    assert found.within


def test_a_line_has_its_slope_per_hour() -> None:
    found = growth(SECONDS, [100 + 0.5 * minute for minute in MINUTES], most=29)
    assert found.slope == pytest.approx(30)
    assert not found.within
    assert growth(SECONDS, [100 + 0.5 * minute for minute in MINUTES], most=31).within


def test_noise_is_no_growth_and_hides_none() -> None:
    noise = random.Random(7)
    level = [100 + noise.uniform(-1, 1) for _ in MINUTES]
    rising = [value + 0.5 * minute for value, minute in zip(level, MINUTES, strict=True)]
    assert growth(SECONDS, level, most=5).within
    assert not growth(SECONDS, rising, most=5).within


def test_what_is_loaded_in_the_first_quarter_does_not_count() -> None:
    warms_up = [20.0 + 10 * minute if minute < 8 else 100.0 for minute in MINUTES]
    assert growth(SECONDS, warms_up, most=0).within


def test_a_few_wild_samples_are_no_growth() -> None:
    """A worker between fork and exec looks as large as its parent."""
    wild = [700.0 if minute in {9, 27} else 100.0 for minute in MINUTES]
    assert growth(SECONDS, wild, most=1).within


def test_what_comes_and_goes_is_no_growth() -> None:
    assert growth(SECONDS, [40 + 60 * (minute % 2) for minute in MINUTES], most=1).within


def test_too_few_samples_do_not_rule_growth_out() -> None:
    with pytest.warns(RuntimeWarning):
        assert not growth(SECONDS[:2], [100.0, 100.0], most=1).within
