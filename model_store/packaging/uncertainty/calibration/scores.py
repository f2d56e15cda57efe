"""How well probabilities agree with what happened."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import brier_score_loss, log_loss

Indices = NDArray[np.int64]
Floats = NDArray[np.float64]

MOST_BINS = 15
ROWS_PER_BIN = 20
PLACES = 6
"""Of a confidence: what differs less came from rounding in float32."""


@dataclass(frozen=True)
class Bin:
    """Rows of about the same confidence: its mean, and the share of them that is right."""

    confidence: float
    accuracy: float
    count: int


@dataclass(frozen=True)
class Scores:
    """All of them are better when smaller.

    log_loss: in nats. brier: squared errors summed over all K classes, so from 0 to 2; for two
    classes twice the number that looks at one class only (Brier 1950). ece: see
    `calibration_error`. reliability: the bins it was computed from, least confident first.
    """

    log_loss: float
    brier: float
    ece: float
    reliability: tuple[Bin, ...]


def scores_of(truth: Indices, probabilities: Floats) -> Scores:
    """Measure N > 0 rows: truth int[N] of columns, probabilities float64[N, K], K > 1."""
    shares = probabilities / probabilities.sum(axis=1, keepdims=True)
    classes = range(probabilities.shape[1])
    bins = reliability(truth, shares)
    return Scores(
        log_loss=float(log_loss(truth, shares, labels=classes)),
        brier=float(brier_score_loss(truth, shares, labels=classes, scale_by_half=False)),
        ece=calibration_error(bins),
        reliability=bins,
    )


def calibration_error(bins: tuple[Bin, ...]) -> float:
    """The mean over all rows of |confidence - accuracy| of their bin.

    With the bins of `reliability` it is the top-label expected calibration error (Guo et al.
    2017) with bins of equal mass (Nguyen & O'Connor 2015; Nixon et al. 2019). The top label is
    what is served with its confidence, so two classes are measured like more.
    """
    rows = sum(found.count for found in bins)
    return sum(found.count * abs(found.confidence - found.accuracy) for found in bins) / rows


def reliability(
    truth: Indices, probabilities: Floats, most_bins: int = MOST_BINS
) -> tuple[Bin, ...]:
    """The reliability curve of the most probable label, least confident first.

    Bins hold equally many rows, at least ROWS_PER_BIN where there are so many, as fewer say
    nothing about accuracy. Rows of the same confidence share a bin whatever their order, so
    bins of a model with few distinct answers are uneven, or fewer.
    """
    confidence = probabilities.max(axis=1).round(PLACES)
    right = probabilities.argmax(axis=1) == truth
    count = max(1, min(most_bins, len(truth) // ROWS_PER_BIN))
    edges = np.quantile(confidence, np.linspace(0, 1, count + 1))
    place = np.searchsorted(edges[1:-1], confidence)
    return tuple(
        Bin(float(confidence[here].mean()), float(right[here].mean()), int(here.sum()))
        for here in (place == number for number in np.unique(place))
    )
