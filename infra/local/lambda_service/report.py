"""The lines that Lambda itself writes around a function's own: START, END, REPORT."""

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any


@dataclass(frozen=True)
class Report:
    """One invocation's bill. Durations in milliseconds; `init_ms` only for a cold start."""

    request_id: str
    version: str
    duration_ms: float
    memory_mb: int
    peak_memory_mb: int
    init_ms: float | None = None
    status: str | None = None

    @property
    def billed_ms(self) -> int:
        return math.ceil(self.duration_ms + (self.init_ms or 0))


def start_lines(log_format: str, request_id: str, version: str, at: float) -> Sequence[str]:
    if log_format == "JSON":
        return [_json("platform.start", {"requestId": request_id, "version": version}, at)]
    return [f"START RequestId: {request_id} Version: {version}\n"]


def end_lines(log_format: str, report: Report, at: float) -> Sequence[str]:
    if log_format == "JSON":
        return [_json("platform.report", _record(report), at)]
    return [f"END RequestId: {report.request_id}\n", _text(report)]


def _text(report: Report) -> str:
    fields = [
        f"REPORT RequestId: {report.request_id}",
        f"Duration: {report.duration_ms:.2f} ms",
        f"Billed Duration: {report.billed_ms} ms",
        f"Memory Size: {report.memory_mb} MB",
        f"Max Memory Used: {report.peak_memory_mb} MB",
    ]
    if report.init_ms is not None:
        fields.append(f"Init Duration: {report.init_ms:.2f} ms")
    if report.status is not None:
        fields.append(f"Status: {report.status}")
    return "\t".join(fields) + "\t\n"


def _record(report: Report) -> dict[str, Any]:
    metrics: dict[str, Any] = {
        "durationMs": round(report.duration_ms, 3),
        "billedDurationMs": report.billed_ms,
        "memorySizeMB": report.memory_mb,
        "maxMemoryUsedMB": report.peak_memory_mb,
    }
    if report.init_ms is not None:
        metrics["initDurationMs"] = round(report.init_ms, 3)
    status = report.status or "success"
    return {"requestId": report.request_id, "metrics": metrics, "status": status}


def _json(kind: str, record: dict[str, Any], at: float) -> str:
    time = datetime.fromtimestamp(at, UTC).isoformat(timespec="milliseconds")
    return json.dumps({"time": time.replace("+00:00", "Z"), "type": kind, "record": record}) + "\n"
