"""The execution environments of one function: busy, idle, gone."""

from collections import deque
from dataclasses import dataclass, field
from heapq import heapify, heappop, heappush

import numpy as np

from infra.capacity.times import Array


@dataclass
class Environments:
    """One request each at a time; the last that became idle is the first to be used again, so
    that the others grow old and are let go after `keep_alive_s`. `least` stay: provisioned.

    busy: when each becomes idle. idle: since when each is, the longest first. doomed: when each is
    gone, still busy until then. Times in seconds.
    """

    keep_alive_s: float
    least: int = 0
    busy: list[float] = field(default_factory=list)
    idle: deque[float] = field(default_factory=deque)
    doomed: list[float] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.idle.extend([0.0] * self.least)

    @property
    def alive(self) -> int:
        return self.working + len(self.idle)

    @property
    def working(self) -> int:
        return len(self.busy) + len(self.doomed)

    def advance(self, now: float) -> None:
        """Who is done is idle; who was idle for too long is gone."""
        while self.doomed and self.doomed[0] <= now:
            self._replace(heappop(self.doomed))
        while self.busy and self.busy[0] <= now:
            self.idle.append(heappop(self.busy))
        self._let_go(now)

    def start(self, until: float, cut_off: bool) -> None:
        """A new one, busy at once. cut_off: at the function's timeout, which leaves nothing: what
        comes after it would have to start all the same."""
        heappush(self.doomed if cut_off else self.busy, until)

    def reuse(self, until: float, cut_off: bool) -> None:
        self.idle.pop()
        self.start(until, cut_off)

    def serve_warm(self, arrivals: Array, ends: Array) -> bool:
        """Serve all of these with the environments that are there, and are not let go meanwhile.

        False, and none served, if one of them would find none, or while one is doomed. The state
        afterwards is the one that serving them one by one leads to.
        """
        self.advance(float(arrivals[0]))
        now = float(arrivals[-1])
        if self.doomed or now - arrivals[0] > self.keep_alive_s:
            return False
        busy = np.sort(np.concatenate([self.busy, ends]))
        started = len(self.busy) + 1 + np.arange(len(arrivals))
        needed = int((started - np.searchsorted(busy, arrivals, side="right")).max())
        if needed > self.alive - self._leaving(now):
            return False
        for _ in range(self._leaving(now)):
            self.idle.popleft()
        self._settle(arrivals, busy[busy <= now])
        self.busy = busy[busy > now].tolist()
        heapify(self.busy)
        return True

    def _replace(self, ended: float) -> None:
        """Those provisioned, at once: what that takes is in nobody's way."""
        if self.alive < self.least:
            heappush(self.busy, ended)

    def _leaving(self, now: float) -> int:
        oldest = now - self.keep_alive_s
        old = next((n for n, since in enumerate(self.idle) if since >= oldest), len(self.idle))
        return min(old, self.alive - self.least)

    def _let_go(self, now: float) -> None:
        oldest = now - self.keep_alive_s
        while self.idle and self.idle[0] < oldest and self.alive > self.least:
            self.idle.popleft()

    def _settle(self, taken: Array, released: Array) -> None:
        """The stack of idle ones after these: below its lowest height nothing was touched, and
        each level above holds who came to it last."""
        times = np.concatenate([released, taken])
        steps = np.concatenate([np.ones(len(released), int), -np.ones(len(taken), int)])
        order = np.argsort(times, kind="stable")
        height = len(self.idle) + np.cumsum(steps[order])
        lowest, final = min(len(self.idle), int(height.min())), int(height[-1])
        up = steps[order] > 0
        since = np.zeros(int(height.max(initial=0)) + 1)
        since[height[up]] = times[order][up]
        kept = list(self.idle)[:lowest]
        self.idle = deque(kept + since[lowest + 1 : final + 1].tolist())
