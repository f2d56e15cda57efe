"""The arithmetic of split-conformal prediction: scores, their quantiles, sets and widths.

Scores: LAC, Sadinle, Lei & Wasserman (2019); APS, Romano, Sesia & Candès (2020), here without
randomisation and counting the mass before a label, so that the most probable label is in every
set. The guarantee: model_store.uncertainty.conformal.
"""

from collections.abc import Sequence
from fractions import Fraction
from math import ceil

import numpy as np

from model_store.uncertainty.conformal import Intervals, Level, PredictionSets, least_rows

Floats = np.ndarray

SMALLEST_SCALE = 1e-9
"""A predicted difficulty below this is taken for it: no interval is a point by mistake."""


def quantile(scores: Floats, coverage: float) -> float:
    """The smallest threshold that covers, with the finite-sample correction of (n + 1).

    scores: float[n], larger is stranger. Raises ValueError if n < least_rows(coverage).
    """
    rank = ceil(Fraction(str(coverage)) * (len(scores) + 1))
    if rank > len(scores):
        raise ValueError(f"{len(scores)} rows, and {least_rows(coverage)} are needed")
    return float(np.partition(np.asarray(scores, dtype=np.float64), rank - 1)[rank - 1])


def lac_scores(probabilities: Floats) -> Floats:
    """float[N, K]: 1 minus the probability of each label."""
    return 1.0 - np.asarray(probabilities, dtype=np.float64)


def aps_scores(probabilities: Floats) -> Floats:
    """float[N, K]: the probability of all labels that are more probable than this one.

    By sorting, so that neither time nor memory grows with the square of K.
    """
    shares = np.asarray(probabilities, dtype=np.float64)
    order = np.argsort(-shares, axis=1, kind="stable")
    ranked = np.take_along_axis(shares, order, axis=1)
    before = np.zeros_like(ranked)
    np.cumsum(ranked[:, :-1], axis=1, out=before[:, 1:])
    # Of labels that are equally probable none is more probable: all count from the first.
    starts = np.zeros(ranked.shape, dtype=np.intp)
    starts[:, 1:] = np.where(ranked[:, 1:] < ranked[:, :-1], np.arange(1, ranked.shape[1]), 0)
    firsts = np.maximum.accumulate(starts, axis=1)
    mass = np.empty_like(shares)
    np.put_along_axis(mass, order, np.take_along_axis(before, firsts, axis=1), axis=1)
    return mass


def scores_of(score: str, probabilities: Floats) -> Floats:
    return lac_scores(probabilities) if score == "lac" else aps_scores(probabilities)


def sets_of(sets: PredictionSets, level: Level, probabilities: Floats) -> Floats:
    """bool[N, K]: which labels are in the set of each row."""
    inside: Floats = scores_of(sets.score, probabilities) <= np.asarray(level.quantiles)
    return inside


def lac_sets(level: Level, probabilities: Sequence[Sequence[float]]) -> list[tuple[bool, ...]]:
    """As `sets_of` for the score "lac", by tuples: quicker for few rows."""
    most = level.quantiles
    if len(most) == 1:
        return [tuple([1.0 - share <= most[0] for share in row]) for row in probabilities]
    return [
        tuple([1.0 - share <= quantile for share, quantile in zip(row, most, strict=True)])
        for row in probabilities
    ]


def residuals(values: Floats, truth: Floats, difficulty: Floats | None) -> Floats:
    """float[N]: |truth - value|, divided by the difficulty if one is given.

    Papadopoulos, Gammerman & Vovk, Normalized Nonconformity Measures for Regression Conformal
    Prediction (2008).
    """
    distance = np.abs(np.asarray(truth, dtype=np.float64) - np.asarray(values, dtype=np.float64))
    if difficulty is None:
        return distance
    scaled: Floats = distance / np.maximum(difficulty, SMALLEST_SCALE)
    return scaled


def half_widths(intervals: Intervals, level: Level, difficulty: Floats | None, rows: int) -> Floats:
    """float[N]: how far an interval reaches to either side of the value."""
    reach = np.full(rows, level.quantiles[0])
    if intervals.score == "residual" or difficulty is None:
        return reach
    scaled: Floats = reach * np.maximum(difficulty, SMALLEST_SCALE)
    return scaled
