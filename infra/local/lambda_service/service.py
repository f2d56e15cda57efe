"""Invoking a function: choose the version, find or start a worker, run, write down what it did."""

import json
import random
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from infra.local.lambda_service import functions
from infra.local.lambda_service.code_cache import CodeCache
from infra.local.lambda_service.errors import (
    InvalidRequestContent,
    RequestTooLarge,
    Throttled,
)
from infra.local.lambda_service.functions import FunctionVersion, Reference, Target
from infra.local.lambda_service.pool import Concurrency, IdleWorkers
from infra.local.lambda_service.process import Spawner
from infra.local.lambda_service.recorder import Recorder
from infra.local.lambda_service.report import Report
from infra.local.lambda_service.runtime_api import Invocation
from infra.local.lambda_service.worker import Outcome, Worker, WorkerSettings

MAX_PAYLOAD_BYTES = {"RequestResponse": 6 * 1024 * 1024, "Event": 1024 * 1024}


@dataclass(frozen=True)
class LambdaOptions:
    """How this imitation differs from one machine to the next. Times in seconds."""

    runtime_python: Path
    code_cache: Path
    account: str
    random: random.Random
    clock: Callable[[], float] = time.time
    account_concurrency: int = 100
    idle_limit_s: float = 600.0
    init_limit_s: float = 10.0


@dataclass(frozen=True)
class Call:
    """One request to run a function, as its caller states it."""

    reference: Reference
    payload: bytes
    invocation_type: str = "RequestResponse"
    request_id: str = ""
    trace_id: str = ""
    client_context: str | None = None


@dataclass(frozen=True)
class Result:
    """What came back. `function_error` is None when the handler returned."""

    payload: bytes
    function_error: str | None
    executed_version: str
    log_tail: bytes


@dataclass(frozen=True)
class Start:
    """A worker; how long its start took (None: it was warm); why it did not start, if so."""

    worker: Worker
    init_ms: float | None = None
    broken: Outcome | None = None


class LambdaService:
    """AWS Lambda of one embedded AWS. Thread-safe; `run` blocks until the function is done."""

    def __init__(self, endpoint: str, options: LambdaOptions) -> None:
        self._options = options
        self.clock = options.clock
        self._recorder = Recorder(options.clock)
        self._spawner = Spawner(options.runtime_python)
        code = CodeCache(options.code_cache)
        code.prune()
        self._settings = WorkerSettings(self._spawner, code, endpoint, self._recorder.line)
        self._concurrency = Concurrency(options.account_concurrency)
        self._idle = IdleWorkers(options.idle_limit_s, options.clock)

    def resolve(self, call: Call) -> Target:
        """Check a call and choose the version, without running it. Raises InvokeError."""
        _check_payload(call)
        return functions.resolve(call.reference, self._options.account, self._options.random)

    def invoke(self, call: Call) -> Result:
        """Run it. Raises InvokeError when the function did not get to run."""
        return self.run(call, self.resolve(call))

    def run(self, call: Call, target: Target) -> Result:
        """Run a call whose version is chosen already. Raises Throttled."""
        try:
            with self._concurrency.slot(target) as running:
                self._recorder.concurrent(target, running)
                return self._run(call, target)
        except Throttled:
            self._recorder.throttled(target)
            raise

    def reap(self) -> None:
        """Let go of workers nobody needs; called now and then."""
        self._idle.reap(functions.is_current)

    def close(self) -> None:
        self._idle.close()
        self._spawner.close()

    def _run(self, call: Call, target: Target) -> Result:
        function, request_id = target.function, call.request_id or str(uuid.uuid4())
        start = self._worker(function)
        started = time.monotonic()
        while (outcome := self._outcome(start, call, target, request_id)) is None:
            # The worker died between two requests; this one was never seen by it.
            self._idle.end(start.worker)
            start = self._worker(function)
        bill = Report(
            request_id=request_id,
            version=function.version,
            duration_ms=(time.monotonic() - started) * 1000,
            memory_mb=function.memory_mb,
            peak_memory_mb=start.worker.peak_memory_mb,
            init_ms=start.init_ms,
            status=outcome.status,
        )
        tail = self._recorder.end(start.worker, target, bill, outcome)
        self._idle.give_back(start.worker)
        return Result(outcome.payload, outcome.error, function.version, tail)

    def _outcome(self, start: Start, call: Call, target: Target, request_id: str) -> Outcome | None:
        self._recorder.start(start.worker, request_id)
        return start.broken or start.worker.invoke(
            self._invocation(call, target, request_id), target.function.timeout_s
        )

    def _invocation(self, call: Call, target: Target, request_id: str) -> Invocation:
        deadline_s = self._options.clock() + target.function.timeout_s
        return Invocation(
            request_id=request_id,
            payload=call.payload or b"{}",
            deadline_ms=int(deadline_s * 1000),
            invoked_arn=target.invoked_arn,
            trace_id=call.trace_id,
            client_context=call.client_context,
        )

    def _worker(self, function: FunctionVersion) -> Start:
        """An idle worker, or a new one.

        As in Lambda, an initialisation that failed is tried once more, then under the function's
        own time limit.
        """
        warm = self._idle.take(function)
        if warm is not None:
            return Start(warm)
        started = time.monotonic()
        first = self._start(function, self._options.init_limit_s)
        start = first if first.broken is None else self._start(function, function.timeout_s)
        return Start(start.worker, (time.monotonic() - started) * 1000, start.broken)

    def _start(self, function: FunctionVersion, limit_s: float) -> Start:
        worker = Worker(function, self._settings)
        self._idle.adopt(worker)
        self._recorder.initialising(worker)
        broken = worker.initialise(limit_s)
        if broken is not None:
            self._idle.end(worker)
        return Start(worker, broken=broken)


def _check_payload(call: Call) -> None:
    limit = MAX_PAYLOAD_BYTES.get(call.invocation_type, MAX_PAYLOAD_BYTES["RequestResponse"])
    if len(call.payload) > limit:
        raise RequestTooLarge(len(call.payload), limit, call.invocation_type)
    if call.payload:
        try:
            json.loads(call.payload)
        except (ValueError, RecursionError) as error:
            raise InvalidRequestContent(str(error)) from error
