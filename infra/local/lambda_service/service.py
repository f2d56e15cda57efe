"""Invoking a function: choose the version, find or start a worker, run, write down what it did."""

import json
import math
import random
import threading
import time
import uuid
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path

from infra.local import moto_state
from infra.local.cloudwatch import metrics
from infra.local.lambda_service import functions
from infra.local.lambda_service.functions import (
    FunctionVersion,
    InvalidRequestContent,
    Reference,
    RequestTooLarge,
    Target,
    Throttled,
)
from infra.local.lambda_service.process import Spawner
from infra.local.lambda_service.runtime_api import Invocation
from infra.local.lambda_service.workers import Concurrency, IdleWorkers, Outcome, Worker

MAX_PAYLOAD_BYTES = {"RequestResponse": 6 * 1024 * 1024, "Event": 1024 * 1024}
LOG_TAIL_BYTES = 4096


@dataclass(frozen=True)
class LambdaOptions:
    """How this imitation differs from one machine to the next. Times in seconds.

    init_limit_s: more than Lambda's ten, for workers that start at once share the processors, and
    one that is ended for that has to start again.
    """

    runtime_python: Path
    code_cache: Path
    account: str
    random: random.Random
    clock: Callable[[], float] = time.time
    account_concurrency: int = 100
    idle_limit_s: float = 600.0
    init_limit_s: float = 25.0


@dataclass(frozen=True)
class Call:
    """One request to run a function, as its caller states it."""

    reference: Reference
    payload: bytes
    invocation_type: str = "RequestResponse"
    request_id: str = field(default_factory=lambda: str(uuid.uuid4()))
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
class _Run:
    """One request that a worker has answered. `init_ms` only for a cold start. `ended`: when, on
    the monotonic clock."""

    worker: Worker
    target: Target
    request_id: str
    outcome: Outcome
    duration_ms: float
    init_ms: float | None
    ended: float


class LambdaService:
    """AWS Lambda of one embedded AWS. Thread-safe; `run` blocks until the function is done."""

    def __init__(self, endpoint: str, options: LambdaOptions) -> None:
        self._options = options
        self.clock = options.clock
        self._recorder = _Recorder(options.clock)
        self._spawner = Spawner(options.runtime_python, options.code_cache, endpoint)
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
            with ExitStack() as held:
                running = held.enter_context(self._concurrency.slot(target))
                self._recorder.measure(target, ConcurrentExecutions=running)
                run = self._run(call, target)
                log = self._later(run, held.pop_all()) if run.worker.lingers else self._end(run)
                return Result(run.outcome.payload, run.outcome.error, target.function.version, log)
        except Throttled:
            self._recorder.measure(target, Throttles=1)
            raise

    def reap(self) -> None:
        """Let go of workers nobody needs; called now and then."""
        self._idle.reap(functions.is_current)

    def close(self) -> None:
        self._idle.close()
        self._spawner.close()

    def _run(self, call: Call, target: Target) -> _Run:
        function = target.function
        worker, init_ms = self._worker(function)
        started = time.monotonic()
        while (outcome := self._outcome(worker, call, target)) is None:
            # The worker died between two requests; this one was never seen by it.
            self._idle.end(worker)
            worker, init_ms = self._worker(function)
        ended = time.monotonic()
        duration_ms = (ended - started) * 1000
        return _Run(worker, target, call.request_id, outcome, duration_ms, init_ms, ended)

    def _end(self, run: _Run, extensions_ms: float | None = None) -> bytes:
        """Write down what became of it, and let the next request have the worker."""
        log = self._recorder.end(run, extensions_ms)
        self._idle.give_back(run.worker)
        return log

    def _later(self, run: _Run, held: ExitStack) -> bytes:
        """Extensions work on after the answer: worker and place are taken until they are done."""
        log = _tail(run.worker)
        arguments = (run, held)
        threading.Thread(
            target=self._settle, args=arguments, name="extensions", daemon=True
        ).start()
        return log

    def _settle(self, run: _Run, held: ExitStack) -> None:
        with held:
            left_s = run.target.function.timeout_s - run.duration_ms / 1000
            if not run.worker.settle(left_s):
                run = replace(run, outcome=replace(run.outcome, status="timeout"))
            self._end(run, (time.monotonic() - run.ended) * 1000)

    def _outcome(self, worker: Worker, call: Call, target: Target) -> Outcome | None:
        self._recorder.start(worker, call.request_id)
        limit_s = target.function.timeout_s
        invocation = Invocation(
            request_id=call.request_id,
            payload=call.payload or b"{}",
            deadline_ms=int((self.clock() + limit_s) * 1000),
            invoked_arn=target.invoked_arn,
            trace_id=call.trace_id,
            client_context=call.client_context,
        )
        return worker.broken or worker.invoke(invocation, limit_s)

    def _worker(self, function: FunctionVersion) -> tuple[Worker, float | None]:
        """An idle worker, or a new one and how long its start took, in milliseconds.

        As in Lambda, an initialisation that failed is tried once more, then under the function's
        own time limit.
        """
        warm = self._idle.take(function)
        if warm is not None:
            return warm, None
        started = time.monotonic()
        worker = self._start(function, self._options.init_limit_s)
        if worker.broken is not None:
            worker = self._start(function, function.timeout_s)
        return worker, (time.monotonic() - started) * 1000

    def _start(self, function: FunctionVersion, limit_s: float) -> Worker:
        worker = Worker(function, self._spawner, self._recorder.line)
        self._idle.adopt(worker)
        self._recorder.initialising(worker)
        worker.initialise(limit_s)
        if worker.broken is not None:
            self._idle.end(worker)
        return worker


def _check_payload(call: Call) -> None:
    limit = MAX_PAYLOAD_BYTES.get(call.invocation_type, MAX_PAYLOAD_BYTES["RequestResponse"])
    size = len(call.payload)
    if size > limit:
        kind = call.invocation_type
        raise RequestTooLarge(
            f"{size} byte payload is too large for the {kind} invocation type (limit {limit} bytes)"
        )
    try:
        json.loads(call.payload or b"{}")
    except (ValueError, RecursionError) as error:
        raise InvalidRequestContent(f"Could not parse request body into json: {error}") from error


class _Recorder:
    """What functions do: log lines, the metrics inside them, and Lambda's own.

    `clock` gives seconds since 1970.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock

    def line(self, worker: Worker, line: str) -> None:
        """A line that the function printed."""
        self._write(worker, line + "\n")
        function = worker.function
        moto_state.put_metrics(function.account, function.region, metrics.embedded(line))

    def initialising(self, worker: Worker) -> None:
        self._write(worker, f"INIT_START Runtime Version: {worker.function.runtime} (local)\n")

    def start(self, worker: Worker, request_id: str) -> None:
        worker.transcript.clear()
        self._write(worker, f"START RequestId: {request_id} Version: {worker.function.version}\n")

    def end(self, run: _Run, extensions_ms: float | None) -> bytes:
        """Close the invocation; gives the end of its log. `extensions_ms`, of those that worked
        on after the answer, only where there are some."""
        worker, outcome = run.worker, run.outcome
        billed_ms = run.duration_ms + (run.init_ms or 0) + (extensions_ms or 0)
        fields = [
            f"REPORT RequestId: {run.request_id}",
            f"Duration: {run.duration_ms:.2f} ms",
            f"Billed Duration: {math.ceil(billed_ms)} ms",
            f"Memory Size: {worker.function.memory_mb} MB",
            f"Max Memory Used: {worker.peak_memory_mb} MB",
            *([] if run.init_ms is None else [f"Init Duration: {run.init_ms:.2f} ms"]),
            *([] if outcome.status is None else [f"Status: {outcome.status}"]),
        ]
        self._write(worker, f"END RequestId: {run.request_id}\n", "\t".join(fields) + "\t\n")
        failed = float(outcome.error is not None)
        self.measure(run.target, Invocations=1, Errors=failed, Duration=run.duration_ms)
        if extensions_ms is not None:
            self.measure(run.target, PostRuntimeExtensionsDuration=extensions_ms)
        return _tail(worker)

    def measure(self, target: Target, **values: float) -> None:
        """Lambda's own metrics, by name."""
        function = target.function
        data = metrics.of_function(
            function.name, target.alias, function.version, values, self._clock()
        )
        moto_state.put_metrics(function.account, function.region, data)

    def _write(self, worker: Worker, *messages: str) -> None:
        function = worker.function
        worker.transcript.extend(messages)
        moto_state.write_log(
            *(function.account, function.region, function.log_group, worker.log_stream),
            self._clock(),
            messages,
        )


def _tail(worker: Worker) -> bytes:
    """The end of what was logged for the worker's latest request."""
    return "".join(worker.transcript).encode()[-LOG_TAIL_BYTES:]
