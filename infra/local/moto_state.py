"""What of moto's state is read, and how metrics and log lines get into it."""

import math
import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

import numpy as np
from moto.apigateway.models import apigateway_backends
from moto.awslambda.utils import get_backend
from moto.cloudwatch.models import Statistics, cloudwatch_backends
from moto.events.models import events_backends
from moto.logs.models import logs_backends
from moto.sns.models import sns_backends

from infra.local.cloudwatch.metrics import Datum

STATISTIC = re.compile(
    r"Sum|SampleCount|Average|Minimum|Maximum|p(?P<rank>\d{1,2}(?:\.\d+)?|100)",
)
TRIMMED = re.compile(r"TC\((\d+(?:\.\d+)?):\)")
_EPOCH = datetime(1970, 1, 1)
# 100 MB of values, and 5 MB of lines for each function: a load test must not fill the machine.
# Alarms look back minutes, and so do people; each look goes through all of the values.
MAX_VALUES = 200_000
MAX_EVENTS = 10_000
# The oldest tenth goes when there are too many, so that what is left is always about as much.
FORGOTTEN = 10


def versions(account: str, region: str, name: str) -> dict[str, Any]:
    """Published versions and $LATEST of a function; empty when there is no such function."""
    stored = get_backend(account, region)._lambdas._functions.get(name)
    if stored is None:
        return {}
    found = {str(function.version): function for function in stored["versions"]}
    return found | ({"$LATEST": stored["latest"]} if stored["latest"] is not None else {})


def alias(account: str, region: str, name: str, qualifier: str | None) -> Any | None:
    """The alias of that name, or None."""
    arn = f"arn:aws:lambda:{region}:{account}:function:{name}"
    aliases: dict[str, Any] = get_backend(account, region)._lambdas._aliases.get(arn, {})
    return aliases.get(qualifier) if qualifier else None


def permissions(account: str, region: str, name: str, arn: str) -> list[dict[str, Any]]:
    """Statements of the function's policy about `arn`: its own, or that of an alias or version."""
    latest = versions(account, region, name).get("$LATEST")
    # Published versions share the policy of $LATEST.
    statements = latest.policy.statements if latest is not None else []
    return [statement for statement in statements if statement["Resource"] == arn]


def rest_api(account: str, api_id: str) -> tuple[str, Any] | None:
    """Region and REST API, wherever it is."""
    for region, backend in apigateway_backends[account].items():
        if api_id in backend.apis:
            return region, backend.apis[api_id]
    return None


def api_key(account: str, region: str, value: str | None) -> Any | None:
    """The enabled API key of that value, or None."""
    keys = apigateway_backends[account][region].keys.values()
    return next((key for key in keys if value and key.enabled and key.value == value), None)


def usage_plans(account: str, region: str, key_id: str) -> list[Any]:
    """The usage plans that an API key belongs to."""
    backend = apigateway_backends[account][region]
    plans = backend.usage_plans.values()
    return [plan for plan in plans if key_id in backend.usage_plan_keys.get(plan.id, {})]


def alarms(account: str) -> Iterator[tuple[str, Any]]:
    """Region and alarm, of all."""
    for region, backend in list(cloudwatch_backends[account].items()):
        for alarm in list(backend.alarms.values()):
            yield region, alarm


def schedules(account: str) -> Iterator[tuple[str, Any]]:
    """Region and rule, of all that are enabled and have a schedule."""
    for region, backend in list(events_backends[account].items()):
        for bus in list(backend.event_buses.values()):
            for rule in list(bus.rules.values()):
                if rule.scheduled_expression and rule.state == "ENABLED":
                    yield region, rule


def set_alarm(account: str, region: str, alarm: str, state: str, reason: str) -> None:
    cloudwatch_backends[account][region].set_alarm_state(alarm, reason, "{}", state)


def publish(account: str, topic_arn: str, subject: str, message: str) -> None:
    region = topic_arn.split(":")[3]
    sns_backends[account][region].publish(message, arn=topic_arn, subject=subject[:100])


def put_metrics(account: str, region: str, data: Iterable[Datum]) -> None:
    backend = cloudwatch_backends[account][region]
    for datum in data:
        wire = {
            "MetricName": datum.name,
            "Dimensions": [{"Name": k, "Value": v} for k, v in sorted(datum.dimensions.items())],
            "Values": list(datum.values),
            "Unit": datum.unit,
            "Timestamp": datetime.fromtimestamp(datum.at, UTC).replace(tzinfo=None),
        }
        backend.put_metric_data(datum.namespace, [wire])
    if len(backend.metric_data) > MAX_VALUES:
        del backend.metric_data[: MAX_VALUES // FORGOTTEN]


def statistics(
    account: str,
    region: str,
    metric: Any,
    statistic: str,
    unit: str | None,
    *,
    starts: Sequence[float],
    length: float,
) -> list[float | None]:
    """A number per period of `length` seconds; None where there is no value.

    `metric` has namespace, metric_name and dimensions; `statistic` is as CloudWatch spells it.
    """
    found = [
        (_seconds(datum), datum)
        for datum in list(cloudwatch_backends[account][region].metric_data)
        if (datum.name, datum.namespace) == (metric.metric_name, metric.namespace)
        and unit in (None, datum.unit)
        and dimensions_of(datum) == dimensions_of(metric)
    ]
    return [
        _statistic(statistic, [datum for at, datum in found if start <= at < start + length])
        for start in starts
    ]


def dimensions_of(datum: Any) -> dict[str, str]:
    return {dimension.name: dimension.value for dimension in datum.dimensions}


def _seconds(datum: Any) -> float:
    # moto keeps naive UTC.
    from_epoch: float = (datum.timestamp.replace(tzinfo=None) - _EPOCH).total_seconds()
    return from_epoch


def percentile(name: str, data: list[Any]) -> float | None:
    """Of a statistic such as "p95"; None when it is another one, or there are no data."""
    asked = STATISTIC.fullmatch(name)
    if not data or asked is None or not asked["rank"]:
        return None
    return float(np.percentile(_values(data), float(asked["rank"])))


def trimmed_count(name: str, data: list[Any]) -> float | None:
    """Of a statistic such as "TC(2000:)": how many values are above; None when it is another."""
    asked = TRIMMED.fullmatch(name)
    return asked and float(sum(value > float(asked[1]) for value in _values(data)))


def _values(data: list[Any]) -> list[float]:
    return [datum.value if hasattr(datum, "value") else datum.max for datum in data]


def _statistic(name: str, data: list[Any]) -> float | None:
    if not data:
        return None
    if (found := percentile(name, data)) is not None:
        return found
    of_period = Statistics([name], _EPOCH)
    of_period.metric_data = data
    return float(of_period.get_statistics_for_type(name))


def write_log(
    account: str, region: str, group: str, stream: str, at: float, messages: Sequence[str]
) -> None:
    """Append to a stream; group and stream are created when missing. `at` in seconds.

    Past MAX_EVENTS each stream of the group loses its oldest tenth, and at least one.
    """
    backend = logs_backends[account][region]
    backend.ensure_log_group(group)
    backend.ensure_log_stream(group, stream)
    events = [{"timestamp": int(at * 1000), "message": message} for message in messages]
    backend.put_log_events(group, stream, events)
    kept = [each.events for each in list(backend.groups[group].streams.values())]
    if sum(map(len, kept)) > MAX_EVENTS:
        for stored in kept:
            del stored[: math.ceil(len(stored) / FORGOTTEN)]
