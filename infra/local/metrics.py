"""CloudWatch metrics: what Lambda and API Gateway report by themselves, and where it is put."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from moto.cloudwatch.models import cloudwatch_backends

# About half a gigabyte. A load test must not fill the machine; alarms look back minutes.
MAX_VALUES = 400_000


@dataclass(frozen=True)
class Datum:
    """Values of one metric at one time. `at` in seconds since 1970."""

    namespace: str
    name: str
    values: tuple[float, ...]
    unit: str
    dimensions: dict[str, str]
    at: float


def put(account: str, region: str, data: Iterable[Datum]) -> None:
    by_namespace: defaultdict[str, list[dict[str, Any]]] = defaultdict(list)
    for datum in data:
        by_namespace[datum.namespace].append(_wire(datum))
    backend = cloudwatch_backends[account][region]
    for namespace, wire in by_namespace.items():
        backend.put_metric_data(namespace, wire)
    if len(backend.metric_data) > MAX_VALUES:
        del backend.metric_data[: MAX_VALUES // 2]


def of_invocation(
    name: str,
    alias: str | None,
    version: str,
    *,
    duration_ms: float,
    failed: bool,
    at: float,
) -> list[Datum]:
    """AWS/Lambda for one invocation that ran."""
    counts = {"Invocations": 1.0, "Errors": float(failed)}
    return [
        Datum("AWS/Lambda", metric, (value,), unit, dimensions, at)
        for dimensions in _lambda_dimensions(name, alias, version)
        for metric, value, unit in [
            *((metric, value, "Count") for metric, value in counts.items()),
            ("Duration", duration_ms, "Milliseconds"),
        ]
    ]


def of_concurrency(
    name: str, alias: str | None, version: str, running: int, at: float
) -> list[Datum]:
    return [
        Datum("AWS/Lambda", "ConcurrentExecutions", (float(running),), "Count", dimensions, at)
        for dimensions in _lambda_dimensions(name, alias, version)
    ]


def of_throttle(name: str, alias: str | None, version: str, at: float) -> list[Datum]:
    return [
        Datum("AWS/Lambda", "Throttles", (1.0,), "Count", dimensions, at)
        for dimensions in _lambda_dimensions(name, alias, version)
    ]


def of_request(api: str, stage: str, status: int, latency_ms: float, at: float) -> list[Datum]:
    """AWS/ApiGateway for one HTTP request."""
    values = {
        "Count": (1.0, "Count"),
        "4XXError": (float(400 <= status < 500), "Count"),
        "5XXError": (float(status >= 500), "Count"),
        "Latency": (latency_ms, "Milliseconds"),
    }
    return [
        Datum("AWS/ApiGateway", metric, (value,), unit, dimensions, at)
        for dimensions in ({"ApiName": api}, {"ApiName": api, "Stage": stage})
        for metric, (value, unit) in values.items()
    ]


def _lambda_dimensions(name: str, alias: str | None, version: str) -> list[dict[str, str]]:
    function = {"FunctionName": name}
    if alias is None:
        return [function]
    resource = function | {"Resource": f"{name}:{alias}"}
    return [function, resource, resource | {"ExecutedVersion": version}]


def _wire(datum: Datum) -> dict[str, Any]:
    return {
        "MetricName": datum.name,
        "Dimensions": [{"Name": k, "Value": v} for k, v in sorted(datum.dimensions.items())],
        "Values": list(datum.values),
        "Unit": datum.unit,
        "Timestamp": datetime.fromtimestamp(datum.at, UTC).replace(tzinfo=None),
    }
