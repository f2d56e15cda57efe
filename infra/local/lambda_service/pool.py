"""Which workers exist, which are idle, and how many requests may run at once."""

import threading
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from infra.local.lambda_service.functions import FunctionVersion, Target, Throttled
from infra.local.lambda_service.worker import Worker

END_LIMIT_S = 5.0


class Concurrency:
    """Requests in flight, per function and in all."""

    def __init__(self, account_limit: int) -> None:
        self._account_limit = account_limit
        self._running: Counter[str] = Counter()
        self._unreserved = 0
        self._lock = threading.Lock()

    @contextmanager
    def slot(self, target: Target) -> Iterator[int]:
        """Hold one of the function's places; gives how many run now. Raises Throttled."""
        name, reserved = target.function.arn, target.reserved_concurrency
        with self._lock:
            self._refuse_if_full(name, reserved)
            self._running[name] += 1
            self._unreserved += reserved is None
            running = self._running[name]
        try:
            yield running
        finally:
            with self._lock:
                self._running[name] -= 1
                self._unreserved -= reserved is None

    def _refuse_if_full(self, name: str, reserved: int | None) -> None:
        """Who has a reservation has its own places, whatever the others do."""
        if reserved is None:
            if self._unreserved >= self._account_limit:
                raise Throttled("ConcurrentInvocationLimitExceeded")
        elif self._running[name] >= reserved:
            raise Throttled("ReservedFunctionConcurrentInvocationLimitExceeded")


class IdleWorkers:
    """Idle workers by function version; the last to finish is the first to be used again."""

    def __init__(self, idle_limit_s: float, clock: Callable[[], float]) -> None:
        self._idle_limit_s = idle_limit_s
        self._clock = clock
        self._idle: defaultdict[FunctionVersion, list[Worker]] = defaultdict(list)
        self._all: set[Worker] = set()
        self._closed = False
        self._lock = threading.Lock()

    def take(self, function: FunctionVersion) -> Worker | None:
        """An idle worker that still lives, or None: start one."""
        with self._lock:
            while idle := self._idle[function]:
                worker = idle.pop()
                if worker.alive:
                    return worker
                self._all.discard(worker)
        return None

    def adopt(self, worker: Worker) -> None:
        """A worker was started: from now on it is ended with the rest."""
        with self._lock:
            self._all.add(worker)
            closed = self._closed
        if closed:
            self.end(worker)

    def give_back(self, worker: Worker) -> None:
        worker.idle_since = self._clock()
        with self._lock:
            if worker.alive and not self._closed:
                self._idle[worker.function].append(worker)
                return
        self.end(worker)

    def end(self, worker: Worker) -> None:
        worker.kill()
        with self._lock:
            self._all.discard(worker)

    def reap(self, current: Callable[[FunctionVersion], bool]) -> None:
        """End idle workers that waited too long, or whose version no longer exists as it was."""
        oldest = self._clock() - self._idle_limit_s
        with self._lock:
            leaving = [
                worker
                for idle in self._idle.values()
                for worker in idle
                if worker.idle_since < oldest or not worker.alive or not current(worker.function)
            ]
            for worker in leaving:
                self._idle[worker.function].remove(worker)
            for function in [key for key, idle in self._idle.items() if not idle]:
                del self._idle[function]
        for worker in leaving:
            self.end(worker)

    def close(self) -> None:
        with self._lock:
            self._closed = True
            everyone = list(self._all)
            self._idle.clear()
        for worker in everyone:
            self.end(worker)
        for worker in everyone:
            worker.await_end(END_LIMIT_S)
