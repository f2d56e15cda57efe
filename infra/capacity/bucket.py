"""A token bucket: how API Gateway and Lambda bound rates."""

from dataclasses import dataclass, field

import numpy as np

from infra.capacity.times import Array


@dataclass
class TokenBucket:
    """Full at the start. `rate` tokens per second come back, `burst` fit in."""

    rate: float
    burst: float
    _level: float = field(init=False)
    _at: float = field(init=False, default=0.0)

    def __post_init__(self) -> None:
        self._level = self.burst

    def take(self, now: float) -> bool:
        """One token, if there is one. Times never go back."""
        self._level = min(self.burst, self._level + (now - self._at) * self.rate)
        self._at = now
        if self._level < 1:
            return False
        self._level -= 1
        return True

    def level_after(self, arrivals: Array) -> float | None:
        """What is left once each of these took a token, or None if one of them finds none.

        The level is that of a queue with one reflecting wall: what would be there without the
        wall, less the most by which that ever passed it.
        """
        taken = np.arange(len(arrivals))
        free = self._level + (arrivals - self._at) * self.rate - taken
        found = free - np.maximum(np.maximum.accumulate(free - self.burst), 0)
        return None if found.min() < 1 else float(found[-1]) - 1

    def set(self, level: float, now: float) -> None:
        self._level, self._at = level, now
