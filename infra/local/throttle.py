"""Token buckets and quotas, as usage plans and stages have them."""

import threading
from collections import Counter
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal

Period = Literal["DAY", "WEEK", "MONTH"]


@dataclass(frozen=True)
class Rate:
    """Requests per second, and how many may come at once."""

    per_second: float
    burst: int


class TokenBuckets:
    """One bucket per key, full at first. `clock` in seconds. Thread-safe."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._levels: dict[Hashable, tuple[float, float]] = {}
        self._lock = threading.Lock()

    def take(self, key: Hashable, rate: Rate) -> bool:
        """Take one token; False when there is none."""
        with self._lock:
            now = self._clock()
            level, at = self._levels.get(key, (float(rate.burst), now))
            level = min(float(rate.burst), level + (now - at) * rate.per_second)
            taken = level >= 1
            self._levels[key] = (level - 1 if taken else level, now)
            return taken


class Quotas:
    """Requests per calendar period (UTC) and key. `clock` in seconds since 1970. Thread-safe."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._used: Counter[Hashable] = Counter()
        self._lock = threading.Lock()

    def take(self, key: Hashable, limit: int, period: Period) -> bool:
        """Count one request; False when the period's are used up."""
        counted = (key, _period(self._clock(), period))
        with self._lock:
            if self._used[counted] >= limit:
                return False
            self._used[counted] += 1
            return True


def _period(at: float, period: Period) -> tuple[int, int]:
    day = datetime.fromtimestamp(at, UTC)
    if period == "DAY":
        return day.year, day.timetuple().tm_yday
    if period == "WEEK":
        return day.isocalendar()[:2]
    return day.year, day.month
