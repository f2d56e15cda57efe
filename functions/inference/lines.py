"""JSON lines as Powertools would write them: log entries, embedded metrics, both in one.

Powertools itself takes longer over a request than the model does, and a tenth of a cold start. A
test holds every line against what Powertools writes. CloudWatch takes metrics from any JSON line
that holds them: https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
"""

import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, NamedTuple

from pydantic_core import to_json

from functions.inference.settings import LEVELS


def _encode(value: Any) -> str:
    return to_json(value, fallback=str).decode()


class Metrics(NamedTuple):
    """What one document measures. dimensions: by name; every set names some of them.

    found: values by name, at least one. units: of those that are not counts; a name has one unit.
    metadata: told beside the metrics, which is not one itself.
    """

    namespace: str
    dimensions: Mapping[str, str]
    sets: tuple[tuple[str, ...], ...]
    found: Mapping[str, float]
    units: Mapping[str, str] = MappingProxyType({})
    metadata: Mapping[str, str] = MappingProxyType({})


def to_stdout(line: str) -> None:
    sys.stdout.write(line)


@dataclass(slots=True)
class Lines:
    """Writes one line per call, whatever `write` raises is the caller's.

    level: what is below it is not logged; metrics always are. now: seconds since 1970.
    trace: of X-Ray, as Lambda's environment gives it for the invocation; None outside.
    """

    service: str
    level: str = "INFO"
    now: Callable[[], float] = time.time
    trace: Callable[[], str | None] = lambda: None
    write: Callable[[str], None] = to_stdout
    _invocation: dict[str, Any] = field(default_factory=dict)
    _definitions: dict[tuple[Any, ...], str] = field(default_factory=dict)
    _second: tuple[int, str, str] = (-1, "", "")

    def invoked(self, context: Any, correlation_id: str | None, *, is_cold: bool) -> None:
        """From now on every entry names this invocation, and no other."""
        self._invocation = {
            "cold_start": is_cold,
            "function_name": context.function_name,
            "function_memory_size": context.memory_limit_in_mb,
            "function_arn": context.invoked_function_arn,
            "function_request_id": context.aws_request_id,
        }
        if correlation_id is not None:
            self._invocation["correlation_id"] = correlation_id

    def entry(
        self,
        level: str,
        message: str,
        location: str,
        facts: Mapping[str, Any],
        metrics: Metrics | None = None,
    ) -> None:
        """A log entry that holds the metrics, if there are any; below the level, these alone.

        facts: without None, which Powertools leaves out.
        """
        if LEVELS[level] >= LEVELS[self.level]:
            told = self._entry(level, message, location, facts)
            self._put(told, metrics)
        elif metrics:
            self._put({}, metrics)

    def document(self, metrics: Metrics) -> None:
        self._put({}, metrics)

    def _entry(
        self, level: str, message: str, location: str, facts: Mapping[str, Any]
    ) -> dict[str, Any]:
        told = {
            "level": level,
            "location": location,
            "message": message,
            "timestamp": self._timestamp(self.now()),
            "service": self.service,
            **self._invocation,
            **facts,
        }
        if trace := self._trace_id():
            told["xray_trace_id"] = trace
        return told

    def _put(self, told: dict[str, Any], metrics: Metrics | None) -> None:
        if metrics is None:
            self.write(_encode(told) + "\n")
            return
        told.update(metrics.dimensions)
        told.update(metrics.metadata)
        told.update({name: [value] for name, value in metrics.found.items()})
        directive, at = self._directive(metrics), int(self.now() * 1000)
        about = f'"_aws":{{"Timestamp":{at},"CloudWatchMetrics":[{directive}]}}'
        self.write(f"{_encode(told)[:-1]},{about}}}\n")

    def _directive(self, metrics: Metrics) -> str:
        """What is measured, not how much: most requests share it, so it is written once."""
        key = (metrics.namespace, metrics.sets, *metrics.found)
        if (known := self._definitions.get(key)) is None:
            known = self._definitions[key] = _encode(
                {
                    "Namespace": metrics.namespace,
                    "Dimensions": metrics.sets,
                    "Metrics": [
                        {"Name": name, "Unit": metrics.units.get(name, "Count")}
                        for name in metrics.found
                    ],
                }
            )
        return known

    def _timestamp(self, now: float) -> str:
        """As Powertools spells it: 2026-11-22 20:53:15,042+0000."""
        second = int(now)
        if second != self._second[0]:
            local = time.localtime(second)
            day, zone = time.strftime("%Y-%m-%d %H:%M:%S", local), time.strftime("%z", local)
            self._second = second, day, zone
        return f"{self._second[1]},{int((now - second) * 1000):03}{self._second[2]}"

    def _trace_id(self) -> str | None:
        trace = self.trace()
        return trace.split(";")[0].replace("Root=", "") if trace else None
