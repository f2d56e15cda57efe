"""Execution environments: each runs one version, one request at a time, and may be used again."""

import contextlib
import json
import queue
import signal
import subprocess
import tempfile
import threading
import time
import uuid
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import IO, cast

import psutil

from infra.local.lambda_service.functions import FunctionVersion, Target, Throttled
from infra.local.lambda_service.process import Output, Spawner, kill
from infra.local.lambda_service.runtime_api import MAX_RESPONSE_BYTES, Event, Invocation, RuntimeApi

POLL_S = 0.02
END_LIMIT_S = 5.0
_SIGNALS: dict[int, str] = {signal.SIGKILL: "killed", signal.SIGSEGV: "segmentation fault"}


@dataclass(frozen=True)
class Outcome:
    """What an invocation (or an initialisation) came to.

    `error` is the FunctionError type ("Unhandled") or None. `status` as REPORT shows it.
    """

    payload: bytes
    error: str | None = None
    status: str | None = None


class Worker:
    """Owns the process, its Runtime API, its output and its scratch folder."""

    def __init__(
        self, function: FunctionVersion, spawner: Spawner, on_line: Callable[["Worker", str], None]
    ) -> None:
        self.function = function
        today = datetime.now(UTC).strftime("%Y/%m/%d")
        self.log_stream = f"{today}/[{function.version}]{uuid.uuid4().hex}"
        self.idle_since = 0.0
        self.peak_memory_mb = 0
        self.broken: Outcome | None = None
        self.transcript: list[str] = []
        with contextlib.ExitStack() as undone:
            scratch = tempfile.TemporaryDirectory(prefix="lambda-tmp-", ignore_cleanup_errors=True)
            self._scratch = undone.enter_context(scratch)
            self._api = undone.enter_context(contextlib.closing(RuntimeApi()))
            self._process = self._start(spawner)
            self._end = undone.pop_all()
        self._output = Output(cast(IO[bytes], self._process.stdout))
        self._on_line = on_line
        self._watcher = threading.Thread(target=self._watch, name="worker-exit", daemon=True)
        self._watcher.start()

    @property
    def alive(self) -> bool:
        return self._process.poll() is None

    @property
    def lingers(self) -> bool:
        """Extensions of it may be at work although it has answered."""
        return self._api.has_extensions and self.alive

    def initialise(self, limit_s: float) -> None:
        """Wait until the handler's module is loaded, or `broken` says why it is not."""
        event = self._wait(limit_s, "ready", "init failed", "exited")
        if event is None or event.kind != "ready":
            self.broken = _outcome("", event, limit_s)

    def invoke(self, invocation: Invocation, limit_s: float) -> Outcome | None:
        """Run one event. None when the process was gone before it took the event: try another.

        After a timeout, a crash or a payload that was too large, the worker is no longer alive.
        """
        self._api.send(invocation)
        event = self._wait(limit_s, "responded", "failed", "too large", "exited")
        if event is not None and event.kind == "exited" and not invocation.taken.is_set():
            return None
        if event is None or event.kind == "too large":
            self.kill()
        self._look()
        return _outcome(invocation.request_id, event, limit_s)

    def settle(self, limit_s: float) -> bool:
        """Wait until every extension is done too; at the limit the worker is ended: False."""
        event = self._wait(limit_s, "ready", "exited")
        if event is None:
            self.kill()
        self._look()
        return event is not None

    def kill(self) -> None:
        kill(self._process)
        self._api.close()

    def await_end(self, limit_s: float) -> None:
        """Until nothing of it is left, its scratch folder neither."""
        self._watcher.join(limit_s)

    def _start(self, spawner: Spawner) -> subprocess.Popen[bytes]:
        own = {
            "TMPDIR": self._scratch,
            "AWS_LAMBDA_LOG_STREAM_NAME": self.log_stream,
            "AWS_LAMBDA_RUNTIME_API": self._api.address,
        }
        return spawner.start(self.function, own)

    def _watch(self) -> None:
        code = self._process.wait()
        self._api.events.put(Event("exited", number=code))
        self._end.close()

    def _wait(self, limit_s: float, *wanted: str) -> Event | None:
        """The next wanted event, or None at the limit; memory is watched meanwhile."""
        until = time.monotonic() + limit_s
        while (left := until - time.monotonic()) > 0:
            event = None
            with contextlib.suppress(queue.Empty):
                event = self._api.events.get(timeout=min(left, POLL_S))
            self._look()
            if event is not None and event.kind in wanted:
                return event
            if self.peak_memory_mb > self.function.memory_mb:
                kill(self._process)
        return None

    def _look(self) -> None:
        """Take over what was printed so far, and how much memory is in use."""
        for line in self._output.lines():
            self._on_line(self, line)
        with contextlib.suppress(psutil.NoSuchProcess):
            resident = psutil.Process(self._process.pid).memory_info().rss // 2**20
            self.peak_memory_mb = max(self.peak_memory_mb, resident)


def _outcome(request_id: str, event: Event | None, limit_s: float) -> Outcome:
    """`event` None: the time was up."""
    match event:
        case None:
            message = f"RequestId: {request_id} Error: Task timed out after {limit_s:.2f} seconds"
            return _error("Sandbox.Timedout", message, "timeout")
        case Event("too large", _, size):
            message = (
                f"Response payload size ({size} bytes) exceeded maximum allowed payload size "
                f"({MAX_RESPONSE_BYTES} bytes)."
            )
            return _error("Function.ResponseSizeTooLarge", message)
        case Event("exited", _, code):
            message = f"RequestId: {request_id} Error: Runtime exited {_how(code)}"
            return _error("Runtime.ExitError", message)
        case Event("init failed", payload):
            return Outcome(payload, "Unhandled", "error")
        case Event("failed", payload):
            return Outcome(payload, "Unhandled")
        case Event(_, payload):
            return Outcome(payload)


def _how(code: int) -> str:
    if code == 0:
        return "without providing a reason"
    signalled = f"signal: {_SIGNALS.get(-code, -code)}"
    return f"with error: {signalled if code < 0 else f'exit status {code}'}"


def _error(kind: str, message: str, status: str = "error") -> Outcome:
    payload = json.dumps({"errorType": kind, "errorMessage": message}).encode()
    return Outcome(payload, "Unhandled", status)


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


class Concurrency:
    """Requests in flight, per function and in all."""

    def __init__(self, account_limit: int) -> None:
        self._account_limit = account_limit
        self._running: Counter[str] = Counter()
        self._unreserved = 0
        self._lock = threading.Lock()

    @contextlib.contextmanager
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
