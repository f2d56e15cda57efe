"""One execution environment: a process that runs one version, one request at a time."""

import contextlib
import json
import queue
import signal
import subprocess
import tempfile
import threading
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import IO

import psutil

from infra.local.lambda_service import environment
from infra.local.lambda_service.code_cache import CodeCache
from infra.local.lambda_service.functions import FunctionVersion
from infra.local.lambda_service.output import Output
from infra.local.lambda_service.process import Spawner, kill
from infra.local.lambda_service.runtime_api import (
    Event,
    Exited,
    Failed,
    InitFailed,
    Invocation,
    Ready,
    Responded,
    RuntimeApi,
    TooLarge,
)

MEMORY_POLL_S = 0.02
_SIGNALS: dict[int, str] = {signal.SIGKILL: "killed", signal.SIGSEGV: "segmentation fault"}
LineSink = Callable[["Worker", str], None]


@dataclass(frozen=True)
class Outcome:
    """What an invocation (or an initialisation) came to.

    `error` is the FunctionError type ("Unhandled") or None. `status` as REPORT shows it.
    """

    payload: bytes
    error: str | None = None
    status: str | None = None


@dataclass(frozen=True)
class WorkerSettings:
    """What every worker of one embedded AWS shares."""

    spawner: Spawner
    code: CodeCache
    endpoint: str
    on_line: LineSink


class Worker:
    """Owns the process, its Runtime API, its output and its scratch folder."""

    def __init__(self, function: FunctionVersion, settings: WorkerSettings) -> None:
        self.function = function
        today = datetime.now(UTC).strftime("%Y/%m/%d")
        self.log_stream = f"{today}/[{function.version}]{uuid.uuid4().hex}"
        self.idle_since = 0.0
        self.peak_memory_mb = 0
        self.transcript: list[str] = []
        self._scratch = tempfile.TemporaryDirectory(
            prefix="lambda-tmp-", ignore_cleanup_errors=True
        )
        self._api = RuntimeApi()
        try:
            self._process, pipe = self._start(settings)
        except Exception:
            self._api.close()
            self._scratch.cleanup()
            raise
        self._output = Output(pipe, lambda line: settings.on_line(self, line))
        threading.Thread(target=self._watch, name="worker-exit", daemon=True).start()

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def alive(self) -> bool:
        return self._process.poll() is None

    def initialise(self, limit_s: float) -> Outcome | None:
        """Wait until the handler's module is loaded; None when it is, else why it is not."""
        event = self._wait(limit_s, (Ready, InitFailed, Exited))
        self._output.drain()
        if isinstance(event, Ready):
            return None
        if isinstance(event, InitFailed):
            return Outcome(event.payload, "Unhandled", "error")
        if event is None:
            return _timeout("", limit_s)
        return _exit("", event)

    def invoke(self, invocation: Invocation, limit_s: float) -> Outcome | None:
        """Run one event. None when the process was gone before it took the event: try another.

        After a timeout, a crash or a payload that was too large, the worker is no longer alive.
        """
        self._api.send(invocation)
        event = self._wait(limit_s, (Responded, Failed, TooLarge, Exited))
        if isinstance(event, Exited) and not invocation.taken.is_set():
            return None
        if event is None:
            self.kill()
        self._measure_memory()
        self._output.drain()
        return self._outcome(invocation.request_id, event, limit_s)

    def kill(self) -> None:
        kill(self._process)
        self._api.close()

    def _outcome(self, request_id: str, event: Event | None, limit_s: float) -> Outcome:
        match event:
            case Responded(payload):
                return Outcome(payload)
            case Failed(payload):
                return Outcome(payload, "Unhandled")
            case TooLarge(size):
                self.kill()
                message = (
                    f"Response payload size ({size} bytes) exceeded maximum allowed payload size "
                    "(6291556 bytes)."
                )
                return _error("Function.ResponseSizeTooLarge", message)
            case Exited():
                return _exit(request_id, event)
            case _:
                return _timeout(request_id, limit_s)

    def _start(self, settings: WorkerSettings) -> tuple[subprocess.Popen[bytes], IO[bytes]]:
        folder = settings.code.folder(self.function)
        variables = environment.variables(
            self.function,
            code=folder,
            scratch=Path(self._scratch.name),
            runtime_api=self._api.address,
            log_stream=self.log_stream,
            endpoint=settings.endpoint,
        )
        return settings.spawner.start(self.function.handler, folder, variables)

    def _watch(self) -> None:
        code = self._process.wait()
        self._api.events.put(Exited(code))
        self._api.close()
        self._scratch.cleanup()

    def _wait(self, limit_s: float, wanted: tuple[type[Event], ...]) -> Event | None:
        """The next wanted event, or None at the limit; memory is watched meanwhile."""
        until = time.monotonic() + limit_s
        while (left := until - time.monotonic()) > 0:
            try:
                event = self._api.events.get(timeout=min(left, MEMORY_POLL_S))
            except queue.Empty:
                self._enforce_memory()
                continue
            if isinstance(event, wanted):
                return event
        return None

    def _enforce_memory(self) -> None:
        self._measure_memory()
        if self.peak_memory_mb > self.function.memory_mb:
            kill(self._process)

    def _measure_memory(self) -> None:
        with contextlib.suppress(psutil.NoSuchProcess):
            resident = psutil.Process(self.pid).memory_info().rss // 2**20
            self.peak_memory_mb = max(self.peak_memory_mb, resident)


def _exit(request_id: str, event: Event) -> Outcome:
    code = event.code if isinstance(event, Exited) else 0
    how = f"exit status {code}" if code > 0 else f"signal: {_SIGNALS.get(-code, -code)}"
    detail = f"with error: {how}" if code else "without providing a reason"
    message = f"RequestId: {request_id} Error: Runtime exited {detail}"
    return _error("Runtime.ExitError", message)


def _timeout(request_id: str, limit_s: float) -> Outcome:
    message = f"RequestId: {request_id} Error: Task timed out after {limit_s:.2f} seconds"
    return _error("Sandbox.Timedout", message, "timeout")


def _error(kind: str, message: str, status: str = "error") -> Outcome:
    payload = json.dumps({"errorType": kind, "errorMessage": message}).encode()
    return Outcome(payload, "Unhandled", status)
