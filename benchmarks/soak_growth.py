"""Whether a number grows: a robust line through its samples, and what is still no growth."""

import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TypeVar

from scipy.stats import theilslopes

T = TypeVar("T")
WARM_UP = 0.25
"""The share of the time in which everything is loaded once."""
PARTS = 12
"""Of the rest: each about as long as a round of the operator, so that what comes and goes with a
round is no slope."""
CONFIDENCE = 0.95


@dataclass(frozen=True)
class Growth:
    """Per hour: the slope, its confidence interval, and the most that is no growth."""

    level: float
    slope: float
    low: float
    high: float
    most: float

    @property
    def within(self) -> bool:
        """Not where too few samples leave the interval open."""
        return self.high <= self.most


def growth(seconds: Sequence[float], values: Sequence[float], most: float) -> Growth:
    """Pure. By Theil and Sen: the median of the slopes between all parts."""
    hours = _parts([second / 3600 for second in warmed_up(seconds)])
    levels = _parts(warmed_up(values))
    slope, _, low, high = map(float, theilslopes(levels, hours, CONFIDENCE))
    return Growth(statistics.median(levels), slope, low, high, most)


def warmed_up(samples: Sequence[T]) -> Sequence[T]:
    """Those after WARM_UP."""
    return samples[math.ceil(len(samples) * WARM_UP) :]


def _parts(values: Sequence[float]) -> list[float]:
    """The median of each."""
    length = len(values) / PARTS
    cuts = [round(number * length) for number in range(PARTS + 1)]
    parts = [values[start:end] for start, end in pairwise(cuts)]
    return [statistics.median(part) for part in parts if part]
