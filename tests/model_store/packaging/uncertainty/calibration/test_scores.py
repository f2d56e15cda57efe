"""Measures of calibration, by hand and against scikit-learn's."""

from math import log

import numpy as np
import pytest
from sklearn.calibration import calibration_curve

from model_store.packaging.uncertainty.calibration.scores import (
    MOST_BINS,
    ROWS_PER_BIN,
    Bin,
    calibration_error,
    reliability,
    scores_of,
)
from tests.model_store.packaging.uncertainty.calibration.classifiers import CASES, classified


def test_three_rows_by_hand() -> None:
    truth = np.array([0, 1, 0])
    found = scores_of(truth, np.array([[0.9, 0.1], [0.2, 0.8], [0.3, 0.7]]))
    assert found.log_loss == pytest.approx(-(log(0.9) + log(0.8) + log(0.3)) / 3)
    assert found.brier == pytest.approx((2 * 0.1**2 + 2 * 0.2**2 + 2 * 0.7**2) / 3)
    assert found.reliability == (Bin(pytest.approx(0.8), pytest.approx(2 / 3), 3),)
    assert found.ece == pytest.approx(0.8 - 2 / 3)


def test_three_classes_of_which_one_never_happened() -> None:
    found = scores_of(np.array([0, 1]), np.array([[0.5, 0.25, 0.25], [0.2, 0.6, 0.2]]))
    assert found.log_loss == pytest.approx(-(log(0.5) + log(0.6)) / 2)
    assert found.brier == pytest.approx((0.25 + 2 * 0.25**2 + 0.16 + 2 * 0.2**2) / 2)


def test_the_error_weighs_each_bin_by_its_rows() -> None:
    bins = (Bin(0.6, 0.5, 30), Bin(0.9, 1.0, 10))
    assert calibration_error(bins) == pytest.approx((30 * 0.1 + 10 * 0.1) / 40)


def test_bins_hold_equally_many_rows() -> None:
    confidence = np.linspace(0.6, 0.9, 200)
    bins = reliability(np.zeros(200, int), np.column_stack([confidence, 1 - confidence]))
    assert [found.count for found in bins] == [200 // (200 // ROWS_PER_BIN)] * 10
    assert [found.confidence for found in bins] == sorted(found.confidence for found in bins)


def test_rows_of_one_confidence_share_a_bin_whatever_their_order() -> None:
    """Cut by position, bins of sorted outcomes would hold only right or only wrong rows."""
    confidence = 0.75 + np.linspace(0, 1e-9, 400)
    probabilities = np.column_stack([confidence, 1 - confidence])
    truth = np.repeat([0, 1], [300, 100])
    assert reliability(truth, probabilities) == (Bin(0.75, 0.75, 400),)


def test_never_more_bins_than_a_plot_can_show() -> None:
    drawn = np.random.default_rng(0).dirichlet([1, 1, 1], 2000)
    assert len(reliability(np.zeros(2000, int), drawn)) == MOST_BINS


@pytest.mark.parametrize(("data", "estimator"), CASES)
def test_the_curve_is_scikit_learns(data: str, estimator: str) -> None:
    case = classified(data, estimator)
    found = scores_of(case.truth_new, case.new)
    confidence = case.new.max(axis=1).round(6)
    right = case.new.argmax(axis=1) == case.truth_new
    asked = min(MOST_BINS, len(right) // ROWS_PER_BIN)
    accuracy, mean = calibration_curve(right, confidence, n_bins=asked, strategy="quantile")
    assert [b.accuracy for b in found.reliability] == pytest.approx(accuracy.tolist())
    assert [b.confidence for b in found.reliability] == pytest.approx(mean.tolist())
    assert sum(b.count for b in found.reliability) == len(right)


def test_probabilities_drawn_from_their_own_truth_are_calibrated() -> None:
    random = np.random.default_rng(1)
    drawn = random.dirichlet([1, 1, 1, 1], 20_000)
    truth = (drawn.cumsum(axis=1) < random.random((20_000, 1))).sum(axis=1)
    assert scores_of(truth, drawn).ece < 0.02
    assert scores_of(truth, drawn**3 / (drawn**3).sum(axis=1, keepdims=True)).ece > 0.1
