"""Writing down what functions do: log lines, the metrics inside them, and Lambda's own."""

import math
from collections.abc import Callable

from infra.local import moto_state
from infra.local.cloudwatch import metrics
from infra.local.lambda_service.functions import Target
from infra.local.lambda_service.worker import Outcome, Worker

TAIL_BYTES = 4096


def tail(worker: Worker) -> bytes:
    """The end of what was logged for the worker's latest request."""
    return "".join(worker.transcript).encode()[-TAIL_BYTES:]


class Recorder:
    """Logs and metrics of one embedded AWS. `clock` gives seconds since 1970."""

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

    def end(
        self,
        worker: Worker,
        target: Target,
        request_id: str,
        outcome: Outcome,
        duration_ms: float,
        init_ms: float | None,
        extensions_ms: float | None = None,
    ) -> bytes:
        """Close the invocation; gives the end of its log. `init_ms` only for a cold start;
        `extensions_ms`, of those that worked on after the answer, only where there are some."""
        billed_ms = duration_ms + (init_ms or 0) + (extensions_ms or 0)
        fields = [
            f"REPORT RequestId: {request_id}",
            f"Duration: {duration_ms:.2f} ms",
            f"Billed Duration: {math.ceil(billed_ms)} ms",
            f"Memory Size: {worker.function.memory_mb} MB",
            f"Max Memory Used: {worker.peak_memory_mb} MB",
            *([] if init_ms is None else [f"Init Duration: {init_ms:.2f} ms"]),
            *([] if outcome.status is None else [f"Status: {outcome.status}"]),
        ]
        self._write(worker, f"END RequestId: {request_id}\n", "\t".join(fields) + "\t\n")
        failed = float(outcome.error is not None)
        self.measure(target, Invocations=1, Errors=failed, Duration=duration_ms)
        if extensions_ms is not None:
            self.measure(target, PostRuntimeExtensionsDuration=extensions_ms)
        return tail(worker)

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
