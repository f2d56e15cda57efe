"""Exact one-sided tests of shares: chance alone refuses a version seldom, and how seldom is stated.

Bounds: Clopper & Pearson, The Use of Confidence or Fiducial Limits Illustrated in the Case of the
Binomial (1934).
"""

from collections.abc import Callable
from math import exp, lgamma, log, log1p

from functions.operations.statistics.bisection import bisected


def at_least(found: int, rows: int, share: float) -> float:
    """P(X >= found) for X ~ Binomial(rows, share)."""
    if found <= 0 or share >= 1:
        return 1.0 if found <= rows else 0.0
    if found > rows or share <= 0:
        return 0.0
    ways = lgamma(rows + 1)
    hit, miss = log(share), log1p(-share)
    return min(
        1.0,
        sum(
            exp(ways - lgamma(k + 1) - lgamma(rows - k + 1) + k * hit + (rows - k) * miss)
            for k in range(found, rows + 1)
        ),
    )


def lowest(found: int, rows: int, risk: float) -> float:
    """The lower confidence bound of a share: above the true one with probability `risk` at most."""
    if found == 0:
        return 0.0
    return bisected(0.0, found / rows, lambda share: at_least(found, rows, share) <= risk)


def highest(found: int, rows: int, risk: float) -> float:
    """The upper confidence bound: below the true share with probability `risk` at most."""
    return 1.0 - lowest(rows - found, rows, risk)


def exceeds(found: int, rows: int, limit: float, risk: float) -> bool:
    """Whether the true share is above `limit`; said in error with probability `risk` at most."""
    return at_least(found, rows, limit) <= risk


def rises(up: int, down: int, rows: int, limit: float, risk: float) -> bool:
    """Whether a share rose by more than `limit` between two versions asked the same rows.

    up, down: rows that count under the second alone, and under the first alone. Each is bounded
    at half of the risk, so that both together err no more often (Bonferroni).
    """
    if rows == 0:
        return False
    return exceeds(up, rows, min(1.0, limit + highest(down, rows, risk / 2)), risk / 2)


def rows_needed(
    limit: Callable[[int], float], worse: float, risk: float, power: float, most: int
) -> int:
    """How many rows tell a share `worse` from limit(rows) with probability `power`; at most `most`.

    The smallest number from which `exceeds` is right that often.
    """
    found = 1
    for rows in range(1, most):
        while found <= rows and not exceeds(found, rows, limit(rows), risk):
            found += 1
        if at_least(found, rows, worse) >= power:
            return rows
    return most
