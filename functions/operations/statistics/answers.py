"""Whether the answers are shared out otherwise than the live version's: one look, at the end.

Pearson's chi-squared test of homogeneity says whether a difference is more than chance; the total
variation distance, how large it is. Callers' rows are dealt out by chance, so the same share of
answers that differ row by row would move the distance by as much at most.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from math import erfc, exp, lgamma, log, pi, sqrt

from functions.operations.statistics.bisection import bisected
from functions.operations.statistics.rates import ALPHA, BETA, SIGNALS
from functions.operations.statistics.verdict import Verdict

LEAST_EXPECTED = 5.0
"""Of a cell (Cochran, 1954): rarer answers are counted together."""
LOOKS = 3
"""At the end, at most; one is made when all traffic has moved. Each has its share of alpha."""
LARGEST, TERMS = 150.0, 250
"""Chi-squared and noncentrality that are looked for, and terms of the mixture for them."""


@dataclass(frozen=True)
class AnswersTest:
    """churn: which share of the answers may differ, 0 to 1."""

    churn: float
    alpha: float = ALPHA / SIGNALS / LOOKS
    beta: float = BETA

    def verdict(self, candidate: Sequence[float], live: Sequence[float]) -> Verdict:
        """Of counts by bin, at least one bin."""
        if self.missing(candidate, live):
            return Verdict.NOT_YET
        columns = pooled(candidate, live)
        differs = chance(statistic(columns), len(columns) - 1) < self.alpha
        too_far = distance(candidate, live) > self.churn
        return Verdict.WORSE if differs and too_far else Verdict.FINE

    def missing(self, candidate: Sequence[float], live: Sequence[float]) -> bool:
        """Whether a distance of `churn` could go unnoticed in so few answers."""
        ours, theirs = sum(candidate), sum(live)
        paired = ours * theirs / (ours + theirs) if ours and theirs else 0.0
        # Cauchy-Schwarz: no way to be that far apart shows less.
        shown = 4 * self.churn**2 * paired
        bins = len(pooled(candidate, live)) if paired else len(candidate)
        return shown < needed(max(bins - 1, 1), self.alpha, self.beta)


def pooled(one: Sequence[float], other: Sequence[float]) -> list[tuple[float, float]]:
    """Both counts of each bin, those put together that are too rare to be compared alone."""
    total, fewer = sum(one) + sum(other), min(sum(one), sum(other))
    common, rare = [], (0.0, 0.0)
    for pair in zip(one, other, strict=True):
        if sum(pair) * fewer >= LEAST_EXPECTED * total:
            common.append(pair)
        else:
            rare = (rare[0] + pair[0], rare[1] + pair[1])
    return common + ([rare] if sum(rare) else [])


def statistic(columns: Sequence[tuple[float, float]]) -> float:
    """Chi-squared of a table of two rows, none of whose columns is empty."""
    rows = [sum(column[row] for column in columns) for row in (0, 1)]
    total = sum(rows)
    expected = [[rows[row] * sum(column) / total for row in (0, 1)] for column in columns]
    return sum(
        (column[row] - cell[row]) ** 2 / cell[row]
        for column, cell in zip(columns, expected, strict=True)
        for row in (0, 1)
    )


def distance(one: Sequence[float], other: Sequence[float]) -> float:
    """Total variation, 0 to 1: how much of the one has to be moved to get the other."""
    pairs = zip(one, other, strict=True)
    return sum(abs(a / sum(one) - b / sum(other)) for a, b in pairs) / 2


def chance(value: float, freedom: int) -> float:
    """P(X >= value), X chi-squared with so many degrees of freedom; closed forms for integers.

    Abramowitz & Stegun, Handbook of Mathematical Functions, 26.4.4 and 26.4.5.
    """
    if freedom == 0:
        return 1.0
    half = value / 2
    odd = freedom % 2
    term = 2 * sqrt(half / pi) * exp(-half) if odd else exp(-half)
    found = erfc(sqrt(half)) if odd else 0.0
    for step in range(freedom // 2):
        found += term
        term *= half / (step + (1.5 if odd else 1))
    return min(found, 1.0)


@cache
def needed(freedom: int, alpha: float, beta: float) -> float:
    """The noncentrality that is noticed with probability 1 - beta."""
    bar = bisected(0.0, LARGEST, lambda value: chance(value, freedom) > alpha)
    return bisected(0.0, LARGEST, lambda excess: _power(bar, freedom, excess) < 1 - beta)


def _power(bar: float, freedom: int, noncentrality: float) -> float:
    """P(X >= bar), X noncentral chi-squared: a Poisson mixture of central ones, each of which
    exceeds the one of two degrees less by one term."""
    half, order = bar / 2, freedom / 2
    found, weight, tail = 0.0, exp(-noncentrality / 2), chance(bar, freedom)
    term = exp(order * log(half) - half - lgamma(order + 1))
    for step in range(1, TERMS):
        found += weight * tail
        weight *= noncentrality / 2 / step
        tail, term = tail + term, term * half / (order + step)
    return found
