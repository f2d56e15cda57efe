"""Writing down what functions do: log lines, the metrics inside them, and Lambda's own."""

from collections.abc import Callable, Sequence

from infra.local import emf, metrics, moto_cloudwatch, moto_logs
from infra.local.lambda_service import report
from infra.local.lambda_service.functions import Target
from infra.local.lambda_service.report import Report
from infra.local.lambda_service.worker import Outcome, Worker

TAIL_BYTES = 4096


class Recorder:
    """Logs and metrics of one embedded AWS. `clock` gives seconds since 1970."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock

    def line(self, worker: Worker, line: str) -> None:
        """A line that the function printed."""
        self._write(worker, [line + "\n"])
        moto_cloudwatch.put(worker.function.account, worker.function.region, emf.parse(line))

    def initialising(self, worker: Worker) -> None:
        self._write(worker, [f"INIT_START Runtime Version: {worker.function.runtime} (local)\n"])

    def start(self, worker: Worker, request_id: str) -> None:
        worker.transcript.clear()
        function, now = worker.function, self._clock()
        lines = report.start_lines(function.log_format, request_id, function.version, now)
        self._write(worker, lines)

    def end(self, worker: Worker, target: Target, bill: Report, outcome: Outcome) -> bytes:
        """Close the invocation; gives the end of its log."""
        function, now = worker.function, self._clock()
        self._write(worker, report.end_lines(function.log_format, bill, now))
        data = metrics.of_invocation(
            function.name,
            target.alias,
            function.version,
            duration_ms=bill.duration_ms,
            failed=outcome.error is not None,
            at=now,
        )
        moto_cloudwatch.put(function.account, function.region, data)
        return "".join(worker.transcript).encode()[-TAIL_BYTES:]

    def concurrent(self, target: Target, running: int) -> None:
        function = target.function
        data = metrics.of_concurrency(
            function.name, target.alias, function.version, running, self._clock()
        )
        moto_cloudwatch.put(function.account, function.region, data)

    def throttled(self, target: Target) -> None:
        function = target.function
        data = metrics.of_throttle(function.name, target.alias, function.version, self._clock())
        moto_cloudwatch.put(function.account, function.region, data)

    def _write(self, worker: Worker, messages: Sequence[str]) -> None:
        function = worker.function
        worker.transcript.extend(messages)
        group, stream = function.log_group, worker.log_stream
        moto_logs.write(function.account, function.region, group, stream, self._clock(), messages)
