"""What of moto's CloudWatch is read, and how values get into it."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import Any

from moto.cloudwatch.models import cloudwatch_backends
from moto.sns.models import sns_backends

from infra.local.alarms.statistics import Sample
from infra.local.metrics import Datum

_EPOCH = datetime(1970, 1, 1)
# About half a gigabyte. A load test must not fill the machine; alarms look back minutes.
MAX_VALUES = 400_000


def alarms(account: str) -> Iterator[tuple[str, Any]]:
    """Region and alarm, of all."""
    for region, backend in list(cloudwatch_backends[account].items()):
        for alarm in list(backend.alarms.values()):
            yield region, alarm


def samples(
    account: str,
    region: str,
    metric: tuple[str, str, dict[str, str], str | None],
    since: float,
) -> list[Sample]:
    """Of (namespace, name, dimensions, unit), newest first, from `since` on (seconds)."""
    namespace, name, dimensions, unit = metric
    return [
        _sample(datum)
        for datum in reversed(cloudwatch_backends[account][region].metric_data)
        if datum.name == name
        and datum.namespace == namespace
        and (unit is None or datum.unit == unit)
        and _seconds(datum) >= since
        and dimensions_of(datum) == dimensions
    ]


def put(account: str, region: str, data: Iterable[Datum]) -> None:
    by_namespace: defaultdict[str, list[dict[str, Any]]] = defaultdict(list)
    for datum in data:
        by_namespace[datum.namespace].append(_wire(datum))
    backend = cloudwatch_backends[account][region]
    for namespace, wire in by_namespace.items():
        backend.put_metric_data(namespace, wire)
    if len(backend.metric_data) > MAX_VALUES:
        del backend.metric_data[: MAX_VALUES // 2]


def set_state(account: str, region: str, alarm: str, state: str, reason: str) -> None:
    cloudwatch_backends[account][region].set_alarm_state(alarm, reason, "{}", state)


def publish(account: str, topic_arn: str, subject: str, message: str) -> None:
    region = topic_arn.split(":")[3]
    sns_backends[account][region].publish(message, arn=topic_arn, subject=subject[:100])


def dimensions_of(datum: Any) -> dict[str, str]:
    return {dimension.name: dimension.value for dimension in datum.dimensions}


def _seconds(datum: Any) -> float:
    # moto keeps naive UTC.
    from_epoch: float = (datum.timestamp.replace(tzinfo=None) - _EPOCH).total_seconds()
    return from_epoch


def _sample(datum: Any) -> Sample:
    at = _seconds(datum)
    if hasattr(datum, "value"):
        return Sample(at, datum.value, datum.value, datum.value)
    return Sample(at, datum.sum, datum.min, datum.max, datum.sample_count)


def _wire(datum: Datum) -> dict[str, Any]:
    return {
        "MetricName": datum.name,
        "Dimensions": [{"Name": k, "Value": v} for k, v in sorted(datum.dimensions.items())],
        "Values": list(datum.values),
        "Unit": datum.unit,
        "Timestamp": datetime.fromtimestamp(datum.at, UTC).replace(tzinfo=None),
    }
