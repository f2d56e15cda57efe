"""Quantiles, sets and intervals equal those of MAPIE and crepes on real flights."""

from typing import Any

import numpy as np
import pytest
from crepes import ConformalClassifier, ConformalRegressor
from mapie.classification import SplitConformalClassifier
from mapie.conformity_scores import APSConformityScore, ResidualNormalisedScore
from mapie.regression import SplitConformalRegressor
from numpy.typing import NDArray

from model_store.packaging.uncertainty.conformal import intervals, prediction_sets
from model_store.uncertainty.conformal import Intervals, PredictionSets
from model_store.uncertainty.scores import half_widths, scores_of, sets_of
from tests.model_store.uncertainty.departures import departures

COVERAGES = (0.8, 0.9, 0.95)
CALIBRATION, TEST = slice(0, 777), slice(777, 3000)

Sets = NDArray[np.bool_]


def ours(found: PredictionSets) -> list[Sets]:
    shares = departures().shares[TEST]
    return [sets_of(found, level, shares) for level in found.levels]


def crepess(found: PredictionSets) -> list[Sets]:
    """It takes scores of any kind; `bins` are the classes where each has its own quantile."""
    data = departures()
    scores = scores_of(found.score, data.shares)
    truth = data.arrival[CALIBRATION]
    own = scores[CALIBRATION][np.arange(len(truth)), truth]
    classes = range(scores.shape[1])
    sets = []
    for level in found.levels:
        settings = {"confidence": level.coverage, "smoothing": False}
        if not found.class_conditional:
            fitted = ConformalClassifier().fit(own)
            sets.append(fitted.predict_set(scores[TEST], **settings) == 1)
            continue
        columns = [
            ConformalClassifier().fit(own[truth == k]).predict_set(scores[TEST][:, [k]], **settings)
            for k in classes
        ]
        sets.append(np.hstack(columns) == 1)
    return sets


@pytest.mark.parametrize("class_conditional", [False, True])
@pytest.mark.parametrize("score", ["lac", "aps"])
def test_sets_equal_those_of_crepes(score: Any, class_conditional: bool) -> None:
    data = departures()
    found = prediction_sets(
        data.shares[CALIBRATION], data.arrival[CALIBRATION], COVERAGES, score, class_conditional
    )
    for expected, sets in zip(crepess(found), ours(found), strict=True):
        np.testing.assert_array_equal(sets, expected)


def test_lac_equals_that_of_mapie() -> None:
    data = departures()
    found = prediction_sets(data.shares[CALIBRATION], data.arrival[CALIBRATION], COVERAGES)
    mapie = SplitConformalClassifier(data.classifier, COVERAGES, "lac")
    mapie.conformalize(data.X[CALIBRATION], data.arrival[CALIBRATION])
    _, expected = mapie.predict_set(data.X[TEST])
    quantiles = mapie._mapie_classifier.conformity_score_function_.quantiles_
    assert [level.quantiles[0] for level in found.levels] == quantiles.tolist()
    for place, sets in enumerate(ours(found)):
        np.testing.assert_array_equal(sets, expected[:, :, place])


class AlwaysOne(np.random.RandomState):
    """MAPIE takes a random part of the true label's probability from its score; we take all."""

    def uniform(self, *arguments: Any, size: Any = None, **named: Any) -> Any:
        return np.ones(size)


def test_aps_equals_that_of_mapie_but_for_its_random_part() -> None:
    """MAPIE's set ends with the label that passes the quantile, as ours does.

    They differ where the mass before a label is the quantile exactly: ours has that label too.
    """
    data = departures()
    found = prediction_sets(data.shares[CALIBRATION], data.arrival[CALIBRATION], COVERAGES, "aps")
    mapie = SplitConformalClassifier(
        data.classifier, COVERAGES, APSConformityScore(), random_state=AlwaysOne(0)
    )
    mapie.conformalize(data.X[CALIBRATION], data.arrival[CALIBRATION])
    params = {"include_last_label": True}
    _, expected = mapie.predict_set(data.X[TEST], conformity_score_params=params)
    for place, sets in enumerate(ours(found)):
        np.testing.assert_array_equal(sets, expected[:, :, place])


def reaches(found: Intervals) -> list[NDArray[np.float64]]:
    difficulty = departures().difficulty[TEST]
    return [half_widths(found, level, difficulty, len(difficulty)) for level in found.levels]


@pytest.mark.parametrize("scaled", [False, True])
def test_intervals_equal_those_of_crepes(scaled: bool) -> None:
    data = departures()
    sigmas = data.difficulty if scaled else None
    found = intervals(
        data.values[CALIBRATION],
        data.delay[CALIBRATION],
        COVERAGES,
        None if sigmas is None else sigmas[CALIBRATION],
    )
    crepes = ConformalRegressor().fit(
        data.delay[CALIBRATION] - data.values[CALIBRATION],
        sigmas=None if sigmas is None else sigmas[CALIBRATION],
    )
    values = data.values[TEST]
    for level, reach in zip(found.levels, reaches(found), strict=True):
        expected = crepes.predict_int(
            values, sigmas=None if sigmas is None else sigmas[TEST], confidence=level.coverage
        )
        np.testing.assert_array_equal(np.column_stack([values - reach, values + reach]), expected)


@pytest.mark.parametrize("scaled", [False, True])
def test_intervals_equal_those_of_mapie(scaled: bool) -> None:
    data = departures()
    found = intervals(
        data.values[CALIBRATION],
        data.delay[CALIBRATION],
        COVERAGES,
        data.difficulty[CALIBRATION] if scaled else None,
    )
    score = ResidualNormalisedScore(data.spread, prefit=True) if scaled else "absolute"
    mapie = SplitConformalRegressor(data.regressor, COVERAGES, score)
    mapie.conformalize(data.X[CALIBRATION], data.delay[CALIBRATION])
    values, expected = mapie.predict_interval(data.X[TEST])
    for place, reach in enumerate(reaches(found)):
        np.testing.assert_allclose(values - reach, expected[:, 0, place], rtol=1e-12, atol=1e-9)
        np.testing.assert_allclose(values + reach, expected[:, 1, place], rtol=1e-12, atol=1e-9)
