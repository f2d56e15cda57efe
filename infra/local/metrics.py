"""CloudWatch metrics: what Lambda and API Gateway report by themselves."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Datum:
    """Values of one metric at one time. `at` in seconds since 1970."""

    namespace: str
    name: str
    values: tuple[float, ...]
    unit: str
    dimensions: dict[str, str]
    at: float


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
