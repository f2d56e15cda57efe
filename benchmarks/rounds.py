"""Rounds, medians and ratios: what every bench shares."""

import statistics
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

TELLING, CHANCE = 3, 0.05

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
    """One figure per round."""

    rounds: tuple[float, ...]

    @property
    def median(self) -> float:
        return statistics.median(self.rounds)

    @property
    def low(self) -> float:
        return min(self.rounds)

    @property
    def high(self) -> float:
        return max(self.rounds)

    def exceeds(self, other: "Spread") -> bool:
        """By more than 2 %, and by more than chance makes of the rounds: the rank test of Mann and
        Whitney (1947), exact, one-sided, at 5 %. Of fewer than three rounds it cannot tell."""
        if self.median <= other.median * 1.02:
            return False
        if min(len(self.rounds), len(other.rounds)) < TELLING:
            return True
        from scipy.stats import mannwhitneyu  # takes a second

        found = mannwhitneyu(self.rounds, other.rounds, alternative="greater", method="exact")
        return bool(found.pvalue <= CHANCE)


def ratio(series: Series, over: str, under: str | None) -> Spread:
    """Of one contender to another, round by round; to nothing: the figures themselves."""
    if under is None:
        return Spread(tuple(series[over]))
    pairs = zip(series[over], series[under], strict=True)
    return Spread(tuple(a / b for a, b in pairs))
