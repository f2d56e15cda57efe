"""What a confidence threshold is worth, and which one reaches a target.

Selection with guaranteed risk: Geifman & El-Yaniv, Selective Classification for Deep Neural
Networks (2017). Their binary search is replaced by looking at every threshold of the table, with
Bonferroni's correction for so many looks. The bounds are Clopper & Pearson's (1934), exact for
rows drawn like those that will be served.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from scipy.special import betaincinv

from model_store.artifact.facts import TradeOff

CONFIDENCE = 0.95
MOST_TIMES = 1024
"""More held-out rows than this many times those there are would not be had."""


@dataclass(frozen=True, slots=True)
class Suggestion:
    """The threshold that reaches a target, or else the one that comes closest.

    worth: what the target is compared with: the lower bound of the accuracy among the answered
    rows, corrected for picking among `looked_at` thresholds; or the mean cost, as it was found.
    rows_needed: with about so many held-out rows a target that was missed would be reached if
    every share stayed as it is; None if it would not.
    """

    reached: bool
    point: TradeOff
    worth: float
    looked_at: int
    rows_needed: int | None = None


def accuracy(point: TradeOff) -> float | None:
    """The share of the answered rows that is right; None if none is answered."""
    return point.right / point.answered if point.answered else None


def accuracy_interval(point: TradeOff) -> tuple[float, float] | None:
    """Holds the true accuracy with 95% confidence, for this one threshold."""
    return interval(point.right, point.answered) if point.answered else None


def interval(right: int, rows: int) -> tuple[float, float]:
    """Clopper & Pearson's, two-sided, of `right` among `rows` > 0."""
    tail = (1 - CONFIDENCE) / 2
    return _lower(right, rows, tail), 1 - _lower(rows - right, rows, tail)


def for_accuracy(curve: Sequence[TradeOff], target: float) -> Suggestion | None:
    """The smallest threshold whose accuracy is at least `target` with 95% confidence.

    None if no threshold answers a row.
    """
    looked_at = len(curve)
    bounds = [(_least_accuracy(p.right, p.answered, looked_at), p) for p in _answering(curve)]
    if not bounds:
        return None
    if enough := [(bound, point) for bound, point in bounds if bound >= target]:
        bound, point = enough[0]
        return Suggestion(True, point, bound, looked_at)
    bound, point = max(bounds, key=lambda found: found[0])
    return Suggestion(False, point, bound, looked_at, _rows_needed(curve, target))


def for_cost(curve: Sequence[TradeOff], target: float) -> Suggestion | None:
    """The smallest threshold whose mean cost was at most `target`: a point estimate, no bound.

    None if no threshold answers a row, or costs were not measured.
    """
    costs = [(point.cost, point) for point in _answering(curve) if point.cost is not None]
    if not costs:
        return None
    cheap = next(((cost, point) for cost, point in costs if cost <= target), None)
    cost, point = cheap or min(costs, key=lambda found: found[0])
    return Suggestion(cheap is not None, point, cost, len(curve))


def _answering(curve: Sequence[TradeOff]) -> Iterator[TradeOff]:
    """The smallest threshold first; one that answers nothing has neither accuracy nor cost."""
    ordered = sorted(curve, key=lambda point: point.least_confidence)
    return (point for point in ordered if point.answered)


def _least_accuracy(right: int, answered: int, looked_at: int) -> float:
    return _lower(right, answered, (1 - CONFIDENCE) / looked_at)


def _lower(right: int, rows: int, tail: float) -> float:
    """A true share below it would give so many right ones with at most the probability `tail`."""
    return float(betaincinv(right, rows - right + 1, tail)) if right else 0.0


def _rows_needed(curve: Sequence[TradeOff], target: float) -> int | None:
    times = 2
    while times <= MOST_TIMES:
        for point in _answering(curve):
            right, answered = times * point.right, times * point.answered
            if _least_accuracy(right, answered, len(curve)) >= target:
                return times * point.rows
        times *= 2
    return None
