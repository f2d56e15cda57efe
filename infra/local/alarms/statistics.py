"""One number out of the samples of a period."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

_PERCENTILE = re.compile(r"^p(?P<rank>\d{1,2}(?:\.\d+)?|100)$")


@dataclass(frozen=True)
class Sample:
    """One value, or the statistics of several. `at` in seconds since 1970."""

    at: float
    total: float
    minimum: float
    maximum: float
    count: float = 1.0


def supported(statistic: str) -> bool:
    return statistic in _STATISTICS or _PERCENTILE.match(statistic) is not None


def compute(statistic: str, samples: Sequence[Sample]) -> float | None:
    """None when there are no samples. `statistic` as CloudWatch spells it: Sum, p95, …"""
    if not samples:
        return None
    percentile = _PERCENTILE.match(statistic)
    if percentile:
        return _percentile(sorted(sample.maximum for sample in samples), float(percentile["rank"]))
    return _STATISTICS[statistic](samples)


def _percentile(ordered: Sequence[float], rank: float) -> float:
    position = (len(ordered) - 1) * rank / 100
    below = int(position)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (ordered[above] - ordered[below]) * (position - below)


def _sum(samples: Sequence[Sample]) -> float:
    return sum(sample.total for sample in samples)


def _count(samples: Sequence[Sample]) -> float:
    return sum(sample.count for sample in samples)


def _average(samples: Sequence[Sample]) -> float:
    return _sum(samples) / _count(samples)


def _minimum(samples: Sequence[Sample]) -> float:
    return min(sample.minimum for sample in samples)


def _maximum(samples: Sequence[Sample]) -> float:
    return max(sample.maximum for sample in samples)


_STATISTICS = {
    "Sum": _sum,
    "SampleCount": _count,
    "Average": _average,
    "Minimum": _minimum,
    "Maximum": _maximum,
}
