"""What the candidate and the live version told CloudWatch since traffic began to move."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from model_store import request_metrics as metrics
from model_store.aws import translated
from model_store.errors import AwsUnavailable

if TYPE_CHECKING:
    from mypy_boto3_cloudwatch import CloudWatchClient

PERIOD = 60
UNREAD = {"InternalError", "Forbidden"}
"""States of one of several metrics that were asked for together; the call itself succeeds."""
CRASHES, SLOW, SCALE_FROM, SCALE_TO = "Crashes", "Slow", "ScaleFrom", "ScaleTo"
_COUNTED = (
    metrics.REQUESTS,
    metrics.FAILED,
    metrics.REFUSED,
    metrics.FELL_BACK,
    metrics.DECLINED,
    metrics.UNSURE,
    *metrics.ANSWERS,
)


@dataclass(frozen=True)
class Reading:
    """Of one Lambda version: what it told by name and minute, and the least and the largest scale
    of its answers (None when it told none)."""

    told: Mapping[str, Mapping[datetime, float]] = field(default_factory=dict)
    scales: tuple[float, float] | None = None

    def minutes(self, *names: str) -> Counter[datetime]:
        """The sum of these, by minute."""
        found: Counter[datetime] = Counter()
        for name in names:
            found.update(self.told.get(name, {}))
        return found

    def count(self, name: str) -> int:
        return round(sum(self.told.get(name, {}).values()))

    @property
    def answers(self) -> list[Counter[datetime]]:
        """By bin, and by minute."""
        return [self.minutes(name) for name in metrics.ANSWERS]


@dataclass(frozen=True)
class Window:
    """`function` in the time from `start` to `end`; a request is slow above `slow_ms`."""

    function: str
    slow_ms: float
    start: datetime
    end: datetime


def read(client: "CloudWatchClient", window: Window, *versions: str) -> list[Reading]:
    """One reading per version, by one question. Raises AwsError."""
    queries = [
        _query(f"v{place}_{name}", metric, statistic)
        for place, version in enumerate(versions)
        for name, metric, statistic in _asked(window, version)
    ]
    found: dict[str, dict[datetime, float]] = defaultdict(dict)
    with translated(f"metrics of {window.function}"):
        pages = client.get_paginator("get_metric_data").paginate(
            MetricDataQueries=queries, StartTime=window.start, EndTime=window.end
        )
        for page in pages:
            for result in page["MetricDataResults"]:
                _check(window, result)
                found[result["Id"]] |= zip(result["Timestamps"], result["Values"], strict=True)
    return [_reading(f"v{place}_", found) for place in range(len(versions))]


def _check(window: Window, result: Mapping[str, Any]) -> None:
    """Raises AwsUnavailable for what CloudWatch could not read: it looks like no trouble at all."""
    if (status := result.get("StatusCode")) in UNREAD:
        what = f"{result.get('Label', result['Id'])} could not be read ({status})"
        raise AwsUnavailable(f"metrics of {window.function}", what, "Try again soon")


def _reading(prefix: str, found: Mapping[str, Mapping[datetime, float]]) -> Reading:
    told = {name.removeprefix(prefix): found[name] for name in found if name.startswith(prefix)}
    least, largest = told.pop(SCALE_FROM, {}), told.pop(SCALE_TO, {})
    scales = (min(least.values()), max(largest.values())) if least and largest else None
    return Reading(told, scales)


def _asked(window: Window, version: str) -> Iterator[tuple[str, dict[str, Any], str]]:
    """Name, metric and statistic of all that is read of a version."""
    by_version = {"service": window.function, metrics.BY_VERSION: version}
    for name in _COUNTED:
        yield name, _metric(metrics.NAMESPACE, name, by_version), "Sum"
    latency = _metric(metrics.NAMESPACE, metrics.LATENCY, by_version)
    yield SLOW, latency, f"TC({window.slow_ms:g}:)"
    scale = _metric(metrics.NAMESPACE, metrics.ANSWER_SCALE, by_version)
    yield SCALE_FROM, scale, "Minimum"
    yield SCALE_TO, scale, "Maximum"
    # Who crashes tells nothing itself; Lambda counts it.
    behind_live = {
        "FunctionName": window.function,
        "Resource": f"{window.function}:live",
        "ExecutedVersion": version,
    }
    yield CRASHES, _metric("AWS/Lambda", "Errors", behind_live), "Sum"


def _metric(namespace: str, name: str, dimensions: Mapping[str, str]) -> dict[str, Any]:
    told = [{"Name": key, "Value": value} for key, value in dimensions.items()]
    return {"Namespace": namespace, "MetricName": name, "Dimensions": told}


def _query(name: str, metric: dict[str, Any], statistic: str) -> Any:
    return {"Id": name, "MetricStat": {"Metric": metric, "Period": PERIOD, "Stat": statistic}}
