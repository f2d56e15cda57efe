"""Stops work that outlives its deadline, from one thread for the whole process."""

import math
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

LONGEST_WAIT = 3600.0


@dataclass(eq=False, slots=True)
class Watch:
    """One piece of work. `expired` turns true when it was told to stop."""

    deadline: float
    stop: Callable[[], None]
    watchdog: "Watchdog"
    expired: bool = False

    # Not a generator: entering and leaving one takes longer than all else that is done here.
    def __enter__(self) -> "Watch":
        self.watchdog.add(self)
        return self

    def __exit__(self, *_: object) -> None:
        self.watchdog.let_go(self)


class Watchdog:
    """Calls `stop` of each watched piece of work whose deadline passes, and of no other.

    Work is watched and let go under one lock, so nothing is stopped after it was let go.
    The thread sleeps until the earliest deadline it knows of. Work that ends in time does not
    wake it: a fast call costs two dictionary operations, not two thread switches.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._changed = threading.Condition()
        self._watched: dict[int, Watch] = {}
        self._wakes_at = math.inf
        self._thread: threading.Thread | None = None

    def watch(self, seconds: float, stop: Callable[[], None]) -> Watch:
        """To be entered at once, and left when the work is done."""
        return Watch(self._clock() + seconds, stop, self)

    def let_go(self, watch: Watch) -> None:
        with self._changed:
            self._watched.pop(id(watch), None)

    def add(self, watch: Watch) -> None:
        with self._changed:
            self._watched[id(watch)] = watch
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="watchdog", daemon=True)
                self._thread.start()
            elif watch.deadline < self._wakes_at:
                self._changed.notify()

    def _run(self) -> None:
        with self._changed:
            while True:
                self._stop_expired()
                self._wakes_at = min((w.deadline for w in self._watched.values()), default=math.inf)
                self._changed.wait(min(max(self._wakes_at - self._clock(), 0), LONGEST_WAIT))

    def _stop_expired(self) -> None:
        now = self._clock()
        for key, watch in list(self._watched.items()):
            if watch.deadline <= now:
                del self._watched[key]
                watch.expired = True
                watch.stop()


@cache
def process_watchdog() -> Watchdog:
    """The one that all predictors share; its thread starts with the first deadline."""
    return Watchdog()
