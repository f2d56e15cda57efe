"""How long something takes: a distribution, as its quantiles."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import log
from typing import Self

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

_LEVELS = (*np.arange(0, 0.99, 0.01), 0.99, 0.995, 0.999, 0.9999)


@dataclass(frozen=True)
class Times:
    """Milliseconds. Between two of the quantiles values are spread evenly."""

    levels: tuple[float, ...]
    values: tuple[float, ...]

    @classmethod
    def always(cls, milliseconds: float) -> Self:
        return cls((0.0, 1.0), (milliseconds, milliseconds))

    @classmethod
    def exponential(cls, mean: float, least: float = 0.0) -> Self:
        """At least `least`, and an exponential tail of this mean above it, cut at 99.99 %."""
        tail = tuple(float(least - mean * log(1 - level)) for level in _LEVELS)
        return cls((*map(float, _LEVELS), 1.0), (*tail, tail[-1]))

    @classmethod
    def of_minimum_and_median(cls, minimum: float, median: float) -> Self:
        """Benchmarks tell these two; the exponential tail above them is an assumption."""
        return cls.exponential((median - minimum) / log(2), minimum)

    @classmethod
    def measured(cls, milliseconds: Sequence[float]) -> Self:
        """The empirical distribution of what was measured, at least two values."""
        values = tuple(sorted(map(float, milliseconds)))
        return cls(tuple(np.linspace(0, 1, len(values)).tolist()), values)

    @property
    def mean(self) -> float:
        return float(np.trapezoid(self.values, self.levels))

    def quantile(self, level: float) -> float:
        return float(np.interp(level, self.levels, self.values))

    def draw(self, count: int, rng: np.random.Generator) -> Array:
        return np.interp(rng.random(count), self.levels, self.values)

    def times(self, factor: float) -> "Times":
        """The same on a processor that is slower by this factor."""
        return Times(self.levels, tuple(value * factor for value in self.values))

    def plus(self, milliseconds: float) -> "Times":
        return Times(self.levels, tuple(value + milliseconds for value in self.values))
