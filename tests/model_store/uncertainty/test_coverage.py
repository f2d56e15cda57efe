"""What is promised holds: coverage and false alarms over repeated splits of real flights.

Of m fresh rows, the number covered after n of calibration is beta-binomial with k and n + 1 - k,
k the rank of the quantile (Vovk 2012, Conditional Validity of Inductive Conformal Predictors).
"""

from collections.abc import Callable
from fractions import Fraction
from math import ceil
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.stats import betabinom, binom, kstest

from model_store.outputs import Outputs
from model_store.packaging.uncertainty.conformal import intervals, observed, prediction_sets
from model_store.uncertainty.scores import sets_of
from tests.model_store.uncertainty.departures import departures

SPLITS, CALIBRATION, TEST = 100, 200, 1000

Places = NDArray[np.intp]


def splits(seed: int) -> list[tuple[Places, Places]]:
    random = np.random.default_rng(seed)
    rows = len(departures().arrival)
    drawn = [random.choice(rows, CALIBRATION + TEST, replace=False) for _ in range(SPLITS)]
    return [(places[:CALIBRATION], places[CALIBRATION:]) for places in drawn]


def outputs(places: Places) -> Outputs:
    data = departures()
    return Outputs((), data.shares[places], data.values[places], difficulty=data.difficulty[places])


def covered_by_sets(score: Any) -> Callable[[Places, Places, float], float | None]:
    def covered(calibration: Places, test: Places, coverage: float) -> float | None:
        data = departures()
        shares, truth = data.shares[calibration], data.arrival[calibration]
        found = prediction_sets(shares, truth, [coverage], score)
        return observed(found, outputs(test), data.arrival[test]).levels[0].observed

    return covered


def covered_by_intervals(scaled: bool) -> Callable[[Places, Places, float], float | None]:
    def covered(calibration: Places, test: Places, coverage: float) -> float | None:
        data = departures()
        difficulty = data.difficulty[calibration] if scaled else None
        found = intervals(data.values[calibration], data.delay[calibration], [coverage], difficulty)
        return observed(found, outputs(test), data.delay[test]).levels[0].observed

    return covered


@pytest.mark.parametrize("coverage", [0.8, 0.9, 0.95])
@pytest.mark.parametrize(
    "covered",
    [
        covered_by_sets("lac"),
        covered_by_intervals(scaled=False),
        covered_by_intervals(scaled=True),
    ],
    ids=["lac", "residual", "scaled"],
)
def test_coverage_over_repeated_splits_is_distributed_as_it_must(
    covered: Callable[[Places, Places, float], float | None], coverage: float
) -> None:
    """Continuous scores, so the distribution is exact: too wide is as wrong as too narrow."""
    found = [covered(*split, coverage) for split in splits(seed=2)]
    hits = np.array(found, dtype=np.float64) * TEST
    rank = ceil(Fraction(str(coverage)) * (CALIBRATION + 1))
    expected = betabinom(TEST, rank, CALIBRATION + 1 - rank)
    low, high = expected.ppf([0.001, 0.999])
    assert binom.sf(np.sum((hits < low) | (hits > high)) - 1, SPLITS, 0.002) > 0.01
    error = expected.std() / np.sqrt(SPLITS)
    assert abs(hits.mean() - expected.mean()) < 3 * error
    jittered = hits + np.random.default_rng(0).uniform(0, 1, SPLITS)  # a discrete law, made smooth
    assert kstest(jittered, _smooth(expected)).pvalue > 0.01


def _smooth(law: Any) -> Callable[[NDArray[np.float64]], NDArray[np.float64]]:
    def cdf(hits: NDArray[np.float64]) -> NDArray[np.float64]:
        whole = np.floor(hits)
        return np.asarray(law.cdf(whole - 1) + (hits - whole) * law.pmf(whole))

    return cdf


@pytest.mark.parametrize("coverage", [0.8, 0.9, 0.95])
def test_aps_covers_at_least_what_it_must(coverage: float) -> None:
    """Its score is 0 for every most probable label: ties, which cover more and never less."""
    found = [covered_by_sets("aps")(*split, coverage) for split in splits(seed=3)]
    hits = np.array(found, dtype=np.float64) * TEST
    rank = ceil(Fraction(str(coverage)) * (CALIBRATION + 1))
    expected = betabinom(TEST, rank, CALIBRATION + 1 - rank)
    assert hits.mean() > expected.mean() - 3 * expected.std() / np.sqrt(SPLITS)


def test_with_quantiles_per_class_each_class_is_covered() -> None:
    """With one quantile for all, the rarer classes pay for the most common one."""
    data, coverage = departures(), 0.9
    rates: dict[bool, list[list[float]]] = {True: [], False: []}
    for calibration, test in splits(seed=4):
        for conditional, found in rates.items():
            sets = prediction_sets(
                data.shares[calibration],
                data.arrival[calibration],
                [coverage],
                class_conditional=conditional,
            )
            truth = data.arrival[test]
            hit = sets_of(sets, sets.levels[0], data.shares[test])[np.arange(TEST), truth]
            found.append([float(hit[truth == k].mean()) for k in range(3)])
    per_class = np.mean(rates[True], axis=0)
    spread = np.std(rates[True], axis=0) / np.sqrt(SPLITS)
    smallest = min(np.bincount(data.arrival)) / len(data.arrival) * CALIBRATION
    assert (per_class > coverage - 3 * spread).all()
    assert (per_class < coverage + 2 / smallest + 3 * spread).all()
    assert min(np.mean(rates[False], axis=0)) < coverage - 0.05


def test_empty_sets_occur_and_are_the_rows_that_nothing_fits() -> None:
    data = departures()
    sets = prediction_sets(data.shares[:500], data.arrival[:500], [0.3])
    inside = sets_of(sets, sets.levels[0], data.shares[500:2500])
    empty = ~inside.any(axis=1)
    assert 0.05 < empty.mean() < 0.95
    least = 1 - sets.levels[0].quantiles[0]
    np.testing.assert_array_equal(empty, data.shares[500:2500].max(axis=1) < least)
