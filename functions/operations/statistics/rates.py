"""Whether a rate of trouble is higher than the live version's: asked again with every look.

Wald, Sequential Tests of Statistical Hypotheses (1945). The rate of the live version is itself
measured: bounds of Wilson, Probable Inference (1927). What comes of both is in docs/decisions.
"""

from bisect import bisect_left
from dataclasses import dataclass
from math import log, sqrt
from statistics import NormalDist

from functions.operations.statistics.verdict import Verdict

ALPHA = 0.05
"""How often, at most, a candidate as good as the live version is called worse by any signal."""
BETA = 0.05
"""How often, at most, one that is worse by the tolerance is called fine."""
SIGNALS = 7
"""That ALPHA is shared by (Bonferroni): six rates, and the shares of the answers."""
CERTAINTY = 0.975
"""Of each bound of the live version's rate."""
MOST_REQUESTS = 1_000_000
_FLOOR = 0.2
"""Of the tolerance: a live version with less trouble than this is compared as if it had as much.
Nothing can be told from a rate of none: the first trouble would condemn the candidate."""


@dataclass(frozen=True)
class Count:
    """`hits` of `requests` independent requests had the trouble."""

    hits: float
    requests: float


@dataclass(frozen=True)
class RateTest:
    """tolerance: by how much a rate may rise, 0 to 1 (0.05 is five points)."""

    tolerance: float
    alpha: float = ALPHA / SIGNALS
    beta: float = BETA

    @property
    def floor(self) -> float:
        return self.tolerance * _FLOOR

    def verdict(self, candidate: Count, live: Count) -> Verdict:
        """Worse against the highest rate that the live version may have, or fine against the
        lowest: where the live version is little known, neither is said."""
        if live.requests < self.fewest:
            return Verdict.NOT_YET
        lowest, highest = bounds(live)
        if self._evidence(candidate, highest) >= log((1 - self.beta) / self.alpha):
            return Verdict.WORSE
        seems_fine = self._evidence(candidate, lowest) <= log(self.beta / (1 - self.alpha))
        is_enough = candidate.requests >= self.fewest
        return Verdict.FINE if seems_fine and is_enough else Verdict.NOT_YET

    @property
    def fewest(self) -> int:
        """Requests, all without trouble, before a version can be called fine or compared with."""
        bar = log(self.beta / (1 - self.alpha))
        each = self._evidence(Count(0, 1), 0)
        return int(-(-bar // each))

    def expected(self, rate: float, share: float) -> int | None:
        """About how many requests a candidate that is as the live version needs, with this rate
        of trouble and this share of the traffic; None if more than MOST_REQUESTS."""
        numbers = range(1, MOST_REQUESTS + 1)
        found = bisect_left(numbers, True, key=lambda n: self._is_enough(n, rate, share))
        return numbers[found] if found < len(numbers) else None

    def _is_enough(self, requests: int, rate: float, share: float) -> bool:
        live = requests * (1 - share) / share
        counts = Count(rate * requests, requests), Count(rate * live, live)
        return self.verdict(*counts) is Verdict.FINE

    def _evidence(self, candidate: Count, rate: float) -> float:
        """Log of the likelihood ratio: for a rate that is higher by the tolerance, against `rate`.

        The highest rates leave no room for a rise: they are compared as if there were some.
        """
        usual = min(max(rate, self.floor), 1 - self.floor - self.tolerance)
        worse = usual + self.tolerance
        misses = candidate.requests - candidate.hits
        return candidate.hits * log(worse / usual) + misses * log((1 - worse) / (1 - usual))


def bounds(count: Count, certainty: float = CERTAINTY) -> tuple[float, float]:
    """The lowest and the highest rate that it may come from, each with this certainty."""
    n, share = count.requests, count.hits / count.requests
    z = NormalDist().inv_cdf(certainty)
    middle = share + z * z / (2 * n)
    reach = z * sqrt(share * (1 - share) / n + z * z / (4 * n * n))
    scale = 1 + z * z / n
    return max(0.0, (middle - reach) / scale), min(1.0, (middle + reach) / scale)
