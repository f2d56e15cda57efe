"""Rounds, medians and ratios: what every bench shares."""

import statistics
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

Series = dict[str, list[float]]
"""By the name of a contender, one figure per round."""


def interleaved(contenders: Mapping[str, Callable[[], float]], rounds: int) -> Series:
    """Each contender once a round, in turn, so that a busy minute hits them all."""
    found: Series = {name: [] for name in contenders}
    for number in range(rounds):
        for name in _turned(list(contenders), number):
            found[name].append(contenders[name]())
    return found


def _turned(names: list[str], by: int) -> Iterator[str]:
    """Nobody always comes after the same neighbour's mess."""
    start = by % len(names)
    yield from names[start:] + names[:start]


@dataclass(frozen=True)
class Spread:
    """Median, least and most of the rounds."""

    median: float
    low: float
    high: float

    @classmethod
    def of(cls, values: list[float]) -> "Spread":
        return cls(statistics.median(values), min(values), max(values))


def ratio(series: Series, over: str, under: str | None) -> Spread:
    """Of one contender to another, round by round; to nothing: the figures themselves."""
    if under is None:
        return Spread.of(series[over])
    pairs = zip(series[over], series[under], strict=True)
    return Spread.of([a / b for a, b in pairs])
