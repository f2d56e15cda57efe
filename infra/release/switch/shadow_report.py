"""What copying requests to another version has shown so far, read from CloudWatch."""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from infra.aws import Aws, translated
from infra.errors import NotFound, Refused
from infra.release.deployed.live import LambdaVersion
from infra.release.deployed.observed import Observed
from infra.release.stack.stacks import function_name
from model_store.history.event import Event
from model_store.request_metrics import NAMESPACE

if TYPE_CHECKING:
    from mypy_boto3_cloudwatch.type_defs import (
        DimensionTypeDef,
        MetricDataQueryTypeDef,
        MetricStatTypeDef,
    )

CONFIDENCE = 0.95
COUNTS = {
    "ShadowRequests": "requests",
    "ShadowErrors": "errors",
    "ShadowSkipped": "skipped",
    "ShadowPredictions": "predictions",
    "ShadowDisagreements": "disagreements",
    "ShadowAbstentions": "shadow_abstentions",
    "ShadowedAbstentions": "live_abstentions",
    "ShadowFallbacks": "shadow_fallbacks",
    "ShadowedFallbacks": "live_fallbacks",
}
"""Which sums are read, and what they are called here."""
_BY_MINUTE_FOR = timedelta(days=15)


@dataclass(frozen=True)
class Copies:
    """Requests of `live` that were copied to `shadow`, from `start`; `end` None: they still are."""

    live: LambdaVersion
    shadow: LambdaVersion
    percent: int
    start: datetime
    end: datetime | None = None


@dataclass(frozen=True)
class Latency:
    """Milliseconds in the function; None where nothing was measured."""

    p50: float | None
    p95: float | None


@dataclass(frozen=True)
class Report:
    """`counts`: by the names in COUNTS, of rows but for requests, errors and skipped.

    `confidence_shift`: by how much the shadow is surer, on average; None for regressions.
    """

    copies: Copies
    counts: Mapping[str, int]
    confidence_shift: float | None
    live_latency: Latency
    shadow_latency: Latency

    @property
    def disagreement(self) -> tuple[float, float, float] | None:
        """Share, and Wilson's interval at CONFIDENCE around it; None where nothing was compared.

        The interval takes rows for independent: it is too narrow where requests hold many.
        """
        from scipy.stats import binomtest

        of = self.counts["predictions"]
        if not of:
            return None
        found = binomtest(self.counts["disagreements"], of)
        low, high = found.proportion_ci(CONFIDENCE, method="wilson")
        return found.statistic, low, high


def find_copies(model: str, observed: Observed) -> Copies:
    """The shadowing that is on, else the last one that was; pure.

    Raises NotFound where there was none, Refused where nobody knows since when.
    """
    events = observed.moves
    place = next((n for n in reversed(range(len(events))) if events[n].action == "shadow on"), None)
    if place is None:
        raise NotFound(
            f"shadow of {model}", "there is none", f"Begin: lambent shadow {model}@VERSION"
        )
    event, ended = events[place], events[place + 1 :]
    twin = _version(model, observed, event.target)
    start = _time(model, event)
    end = _time(model, ended[0]) if ended else None
    shadow = _version(model, observed, twin.shadow)
    return Copies(twin, shadow, twin.shadow_percent, start, end)


def read_report(aws: Aws, model: str, copies: Copies, now: datetime) -> Report:
    """One call of GetMetricData. Raises LambentError."""
    start, period = _window(copies, now)
    queries = list(_queries(model, copies, period))
    with translated(f"metrics of {model}"):
        found = aws.cloudwatch.get_metric_data(
            MetricDataQueries=queries, StartTime=start, EndTime=start + timedelta(seconds=period)
        )["MetricDataResults"]
    values = {result["Id"]: list(result["Values"]) for result in found}
    return _report(copies, values)


def _report(copies: Copies, values: Mapping[str, Sequence[float]]) -> Report:
    def one(name: str) -> float | None:
        return values[name][0] if values.get(name) else None

    return Report(
        copies,
        {name: round(sum(values.get(name, ()))) for name in COUNTS.values()},
        one("confidence_shift"),
        Latency(one("live_p50"), one("live_p95")),
        Latency(one("shadow_p50"), one("shadow_p95")),
    )


def _queries(model: str, copies: Copies, period: int) -> Iterator["MetricDataQueryTypeDef"]:
    function = function_name(model)
    compared = {"service": function, "shadow": copies.shadow.number}
    for metric, name in COUNTS.items():
        yield _query(name, metric, "Sum", compared, period)
    yield _query("confidence_shift", "ShadowConfidenceShift", "Average", compared, period)
    for side, version in (("live", copies.live), ("shadow", copies.shadow)):
        service = version.environment.get("POWERTOOLS_SERVICE_NAME", function)
        answered = {"service": service, "model": model, "version": version.model_version}
        for rank in ("p50", "p95"):
            yield _query(f"{side}_{rank}", "Latency", rank, answered, period)


def _query(
    name: str, metric: str, statistic: str, dimensions: Mapping[str, str], period: int
) -> "MetricDataQueryTypeDef":
    named: list[DimensionTypeDef] = [
        {"Name": key, "Value": value} for key, value in dimensions.items()
    ]
    asked: MetricStatTypeDef = {
        "Metric": {"Namespace": NAMESPACE, "MetricName": metric, "Dimensions": named},
        "Period": period,
        "Stat": statistic,
    }
    return {"Id": name, "MetricStat": asked}


def _window(copies: Copies, now: datetime) -> tuple[datetime, int]:
    """Start and seconds: one period over it all, of whole minutes, or hours when it is old."""
    unit = 60 if now - copies.start < _BY_MINUTE_FOR else 3600
    start = datetime.fromtimestamp(copies.start.timestamp() // unit * unit, copies.start.tzinfo)
    seconds = ((copies.end or now) - start).total_seconds()
    return start, unit * max(1, math.ceil(seconds / unit))


def _version(model: str, observed: Observed, number: str) -> LambdaVersion:
    for version in observed.versions:
        if version.number == number:
            return version
    raise NotFound(
        f"Lambda version {number or '?'} of {model}",
        "is gone, and with it what it was compared with",
        f"Begin again: lambent shadow {model}@VERSION",
    )


def _time(model: str, event: Event) -> datetime:
    if not event.at:
        raise Refused(
            f"shadow of {model}",
            "since when it is on is not written down",
            f"lambent status {model} notes it now; then run the command again",
        )
    return datetime.fromisoformat(event.at)
