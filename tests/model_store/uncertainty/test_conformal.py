"""Quantiles, sets and intervals by hand; against MAPIE and crepes see test_peers.py."""

import tracemalloc
from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from model_store.uncertainty.conformal import Intervals, Level, PredictionSets, least_rows
from model_store.uncertainty.scores import (
    aps_scores,
    half_widths,
    lac_scores,
    lac_sets,
    quantile,
    residuals,
    sets_of,
)


@pytest.mark.parametrize(
    ("coverage", "rows"), [(0.5, 1), (0.8, 4), (0.9, 9), (0.95, 19), (0.99, 99), (0.999, 999)]
)
def test_the_least_rows_are_those_whose_largest_score_covers(coverage: float, rows: int) -> None:
    """Of n + 1 exchangeable rows, the largest of n is not exceeded in n / (n + 1) of all cases."""
    assert least_rows(coverage) == rows
    scores = np.arange(rows, dtype=np.float64)
    assert quantile(scores, coverage) == rows - 1
    if rows > 1:
        with pytest.raises(ValueError, match=f"{rows - 1} rows, and {rows} are needed"):
            quantile(scores[:-1], coverage)


@given(
    st.lists(st.floats(-1e6, 1e6), min_size=9, max_size=60),
    st.sampled_from([0.1, 0.3, 0.5, 0.7, 0.9]),
)
def test_the_quantile_is_the_smallest_score_that_covers_with_one_row_more(
    scores: list[float], coverage: float
) -> None:
    found = quantile(np.array(scores), coverage)
    needed = round(coverage * 10) * (len(scores) + 1)  # in tenths of a row, exactly
    below = Counter(score <= found for score in scores)[True]
    strictly = Counter(score < found for score in scores)[True]
    assert found in scores
    assert 10 * below >= needed
    assert 10 * strictly < needed


def test_scores_of_labels_by_hand() -> None:
    shares = np.array([[0.5, 0.3, 0.2], [0.25, 0.5, 0.25]])
    np.testing.assert_allclose(lac_scores(shares), [[0.5, 0.7, 0.8], [0.75, 0.5, 0.75]])
    np.testing.assert_allclose(aps_scores(shares), [[0, 0.5, 0.8], [0.5, 0, 0.5]])


@given(st.lists(st.lists(st.integers(0, 5), min_size=4, max_size=4), min_size=1, max_size=5))
def test_aps_sums_what_is_more_probable_whatever_is_equally_probable(counts: list) -> None:
    shares = np.array(counts) / 20
    expected = [[sum(other for other in row if other > own) for own in row] for row in shares]
    np.testing.assert_allclose(aps_scores(shares), expected, atol=1e-12)


def test_threat_api4_aps_does_not_take_memory_in_the_square_of_the_labels() -> None:
    """One batch of a model with 1,000 labels took 9 GB, and Lambda has one."""
    shares = np.full((100, 1000), 0.001)
    tracemalloc.start()
    aps_scores(shares)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 20 * shares.nbytes


def sets(score: str, *quantiles: float) -> tuple[PredictionSets, Level]:
    level = Level(coverage=0.9, quantiles=quantiles)
    conditional = len(quantiles) > 1
    return (
        PredictionSets.model_validate(
            {"score": score, "class_conditional": conditional, "rows": 9, "levels": (level,)}
        ),
        level,
    )


def test_a_set_is_empty_where_no_label_is_probable_enough() -> None:
    """LAC rules every label out of a row that is less sure than nearly all of the calibration."""
    shares = np.array([[0.34, 0.33, 0.33], [0.9, 0.05, 0.05], [0.5, 0.5, 0.0]])
    inside = sets_of(*sets("lac", 0.5), shares)
    assert inside.tolist() == [[False] * 3, [True, False, False], [True, True, False]]


def test_the_most_probable_label_is_in_every_set_of_aps() -> None:
    shares = np.array([[0.34, 0.33, 0.33], [0.9, 0.05, 0.05]])
    inside = sets_of(*sets("aps", 0.0), shares)
    assert inside.tolist() == [[True, False, False], [True, False, False]]


def test_each_label_is_held_against_the_quantile_of_its_own_class() -> None:
    shares = np.array([[0.6, 0.4], [0.2, 0.8]])
    inside = sets_of(*sets("lac", 0.3, 0.7), shares)
    assert inside.tolist() == [[False, True], [False, True]]


@pytest.mark.parametrize("classes", [1, 3])
@given(
    rows=st.lists(st.tuples(*[st.floats(0, 1, width=32)] * 3), min_size=1, max_size=20),
    quantiles=st.tuples(*[st.floats(0, 1)] * 3),
)
def test_sets_by_tuples_are_those_by_arrays(
    rows: list[tuple[float, ...]], quantiles: tuple[float, ...], classes: int
) -> None:
    """Quantiles that are scores of these very rows among them, where a hair would matter."""
    shares = np.array(rows, dtype=np.float32)
    for own in (quantiles, lac_scores(shares)[0].tolist()):
        found, level = sets("lac", *own[:classes])
        by_arrays = [tuple(row) for row in sets_of(found, level, shares).tolist()]
        assert lac_sets(level, shares.tolist()) == by_arrays


def test_a_scaled_interval_grows_with_the_difficulty_and_is_never_a_point() -> None:
    level = Level(coverage=0.9, quantiles=(2.0,))
    scaled = Intervals(score="scaled_residual", rows=9, levels=(level,))
    assert half_widths(scaled, level, np.array([0.5, 3.0]), 2).tolist() == [1.0, 6.0]
    assert half_widths(scaled, level, np.array([0.0, -1.0]), 2).min() > 0
    plain = Intervals(score="residual", rows=9, levels=(level,))
    assert half_widths(plain, level, None, 2).tolist() == [2.0, 2.0]


def test_residuals_are_divided_by_the_difficulty() -> None:
    values, truth = np.array([1.0, 5.0]), np.array([3.0, 4.0])
    assert residuals(values, truth, None).tolist() == [2.0, 1.0]
    assert residuals(values, truth, np.array([4.0, 0.5])).tolist() == [0.5, 2.0]
