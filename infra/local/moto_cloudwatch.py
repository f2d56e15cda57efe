"""What of moto's CloudWatch is relied upon, and what it lacks, in one place."""

import copy
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from moto.cloudwatch.exceptions import InvalidParameterCombination
from moto.cloudwatch.models import CloudWatchBackend, cloudwatch_backends
from moto.sns.models import sns_backends

from infra.local.alarms import evaluate, metric_math, statistics
from infra.local.alarms.statistics import Sample
from infra.local.strict.wrapping import wrap

_EPOCH = datetime(1970, 1, 1)


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


def set_state(account: str, region: str, alarm: str, state: str, reason: str) -> None:
    cloudwatch_backends[account][region].set_alarm_state(alarm, reason, "{}", state)


def publish(account: str, topic_arn: str, subject: str, message: str) -> None:
    region = topic_arn.split(":")[3]
    sns_backends[account][region].publish(message, arn=topic_arn, subject=subject[:100])


def dimensions_of(datum: Any) -> dict[str, str]:
    return {dimension.name: dimension.value for dimension in datum.dimensions}


def patch() -> None:
    """Exact dimensions when reading; alarms that could not be evaluated are refused."""
    wrap(CloudWatchBackend, "get_metric_statistics", _exact_dimensions)
    wrap(CloudWatchBackend, "put_metric_alarm", _checked_alarm)


def _exact_dimensions(original: Any) -> Any:
    def get_metric_statistics(self: Any, *args: Any, **kwargs: Any) -> Any:
        asked = kwargs["dimensions"] if "dimensions" in kwargs else args[6]
        wanted = {dimension["Name"]: dimension["Value"] for dimension in asked or []}
        view = copy.copy(self)
        view.metric_data = [d for d in self.metric_data if dimensions_of(d) == wanted]
        return original(view, *args, **kwargs)

    return get_metric_statistics


def _checked_alarm(original: Any) -> Any:
    def put_metric_alarm(self: Any, **settings: Any) -> Any:
        name = settings["name"]
        for problem in _problems(settings):
            raise InvalidParameterCombination(
                f"embedded AWS: alarm {name} uses {problem}, which is not supported"
            )
        before = self.alarms.get(name)
        alarm = original(self, **settings)
        # moto starts with OK. An alarm that nobody has evaluated yet is not that.
        alarm.state_value = before.state_value if before else "INSUFFICIENT_DATA"
        return alarm

    return put_metric_alarm


def _problems(settings: dict[str, Any]) -> Iterator[str]:
    """What of an alarm could not be evaluated here, by name."""
    if settings.get("rule"):
        yield "AlarmRule (a composite alarm)"
    if settings.get("comparison_operator") not in evaluate.COMPARISONS:
        yield f"ComparisonOperator {settings.get('comparison_operator')}"
    for key in ("alarm_actions", "ok_actions", "insufficient_data_actions"):
        yield from (f"the action {arn}" for arn in settings.get(key) or [] if ":sns:" not in arn)
    queries = settings.get("metric_data_queries") or []
    single = settings.get("statistic") or settings.get("extended_statistic")
    used = [query.metric_stat.stat for query in queries if query.metric_stat] or [single]
    yield from (f"statistic {name}" for name in used if not statistics.supported(str(name)))
    for query in queries:
        yield from _math_problems(query.expression)


def _math_problems(expression: str | None) -> Iterator[str]:
    if expression:
        try:
            metric_math.check(expression)
        except metric_math.UnsupportedMathError as error:
            yield str(error)


def _seconds(datum: Any) -> float:
    # moto keeps naive UTC.
    from_epoch: float = (datum.timestamp.replace(tzinfo=None) - _EPOCH).total_seconds()
    return from_epoch


def _sample(datum: Any) -> Sample:
    at = _seconds(datum)
    if hasattr(datum, "value"):
        return Sample(at, datum.value, datum.value, datum.value)
    return Sample(at, datum.sum, datum.min, datum.max, datum.sample_count)
