"""Where a monotone question changes its answer."""

from collections.abc import Callable

STEPS = 60
"""Each halves the interval."""


def bisected(low: float, high: float, is_below: Callable[[float], bool]) -> float:
    """The number between `low` and `high` up to which `is_below` says yes."""
    for _ in range(STEPS):
        middle = (low + high) / 2
        low, high = (middle, high) if is_below(middle) else (low, middle)
    return low
