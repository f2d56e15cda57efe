"""CloudWatch: exact dimensions when reading; alarms that could not be evaluated refused, and
retentions that AWS does not have; and the key of a log group can be changed, which moto has no
action for. Values and log lines that are cut off in `moto_state` are gone: moto keeps every object
that it ever made, for a dashboard of its own."""

import copy
from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from moto.cloudwatch.exceptions import InvalidParameterCombination, InvalidParameterValue
from moto.cloudwatch.models import CloudWatchBackend, MetricDatum, Statistics
from moto.core.responses import EmptyResult
from moto.logs.exceptions import InvalidParameterException, ResourceNotFoundException
from moto.logs.models import LogEvent, LogsBackend
from moto.logs.responses import LogsResponse

from infra.local.cloudwatch.alarms import COMPARISONS
from infra.local.cloudwatch.metrics import UnsupportedMath, check_math
from infra.local.moto_state import (
    STATISTIC,
    TRIMMED,
    dimensions_of,
    percentile,
    trimmed_count,
)

RETENTIONS = (
    *(1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731),
    *(1096, 1827, 2192, 2557, 2922, 3288, 3653),
)
MISSING_DATA = ("breaching", "notBreaching", "ignore", "missing")
SHORT_PERIODS = (10, 20, 30)
ACTIONS = ("lambda", "sns")
"""Services that an alarm can call here."""


def _exact_dimensions(get_statistics: Any, backend: Any, *args: Any, **kwargs: Any) -> Any:
    asked = kwargs["dimensions"] if "dimensions" in kwargs else args[6]
    wanted = {dimension["Name"]: dimension["Value"] for dimension in asked or []}
    view = copy.copy(backend)
    view.metric_data = [d for d in backend.metric_data if dimensions_of(d) == wanted]
    return get_statistics(view, *args, **kwargs)


def _each_by_itself(get_metric_data: Any, backend: Any, queries: Any, **kwargs: Any) -> Any:
    """moto looks through all values for each query: many seconds, with a hundred thousand of them.

    It also takes values of other namespaces, and answers nothing to most expressions.
    """
    _check_queries(queries)
    values = defaultdict(list)
    for datum in backend.get_all_metrics():
        values[_key(datum.namespace, datum.name, dimensions_of(datum))].append(datum)
    view, answers = copy.copy(backend), []
    for query in queries:
        metric = query["MetricStat"]["Metric"]
        wanted = {each["Name"]: each["Value"] for each in metric.get("Dimensions", ())}
        found = values.get(_key(metric["Namespace"], metric["MetricName"], wanted), [])
        view.get_all_metrics = lambda found=found: found
        answers += get_metric_data(view, queries=[query], **kwargs)
    return answers


def _check_queries(queries: list[dict[str, Any]]) -> None:
    for query in queries:
        name = query.get("MetricStat", {}).get("Stat")
        if name is None or not (STATISTIC.fullmatch(name) or TRIMMED.fullmatch(name)):
            what = f"statistic {name}" if name else f"Expression {query.get('Expression')}"
            raise InvalidParameterValue(
                f"embedded AWS: GetMetricData does not support {what} (query {query['Id']})"
            )


def _key(namespace: str, name: str, dimensions: dict[str, str]) -> tuple[Any, ...]:
    return namespace, name, frozenset(dimensions.items())


def _with_ranges(get_statistic: Any, statistics: Any, name: str) -> Any:
    """moto's GetMetricData answers nothing to "p95" or "TC(2000:)"."""
    for known in (percentile, trimmed_count):
        if (found := known(name, statistics.metric_data)) is not None:
            return found
    return get_statistic(statistics, name)


def _checked_alarm(put_metric_alarm: Any, backend: Any, **settings: Any) -> Any:
    name = settings["name"]
    for problem in _problems(settings):
        raise InvalidParameterCombination(
            f"embedded AWS: alarm {name} uses {problem}, which is not supported"
        )
    before = backend.alarms.get(name)
    alarm = put_metric_alarm(backend, **settings)
    # moto starts with OK. An alarm that nobody has evaluated yet is not that.
    alarm.state_value = before.state_value if before else "INSUFFICIENT_DATA"
    return alarm


def _problems(settings: dict[str, Any]) -> Iterator[str]:
    """What of an alarm could not be evaluated here, by name."""
    if settings.get("rule"):
        yield "AlarmRule (a composite alarm)"
    yield from _value_problems(settings)
    if settings.get("comparison_operator") not in COMPARISONS:
        yield f"ComparisonOperator {settings.get('comparison_operator')}"
    for key in ("alarm_actions", "ok_actions", "insufficient_data_actions"):
        unknown = (arn for arn in settings.get(key) or [] if arn.split(":")[2] not in ACTIONS)
        yield from (f"the action {arn}" for arn in unknown)
    queries = settings.get("metric_data_queries") or []
    stats = {query.id: query.metric_stat.stat for query in queries if query.metric_stat}
    single = settings.get("statistic") or settings.get("extended_statistic")
    for name in stats.values() if queries else [single]:
        if not STATISTIC.fullmatch(str(name)):
            yield f"statistic {name}"
    for query in queries:
        yield from _math_problems(query.expression, list(stats))


def _value_problems(settings: dict[str, Any]) -> Iterator[str]:
    """Values that CloudWatch does not take."""
    missing = settings.get("treat_missing_data")
    if missing and missing not in MISSING_DATA:
        yield f"TreatMissingData {missing}"
    periods, datapoints = settings["evaluation_periods"], settings.get("datapoints_to_alarm")
    if int(datapoints or 1) > int(periods):
        yield f"DatapointsToAlarm {datapoints} of {periods} EvaluationPeriods"
    stats = [query.metric_stat for query in settings.get("metric_data_queries") or []]
    lengths = [settings.get("period"), *(stat.period for stat in stats if stat)]
    for length in filter(None, lengths):
        if int(length) not in SHORT_PERIODS and int(length) % 60:
            yield f"Period {length}"


def _math_problems(expression: str | None, names: list[str]) -> Iterator[str]:
    if expression:
        try:
            check_math(expression, names)
        except UnsupportedMath as error:
            yield str(error)


def _checked_retention(put_retention_policy: Any, backend: Any, name: str, days: int) -> None:
    if int(days) not in RETENTIONS:
        raise InvalidParameterException(f"RetentionInDays {days} is none of {RETENTIONS}")
    put_retention_policy(backend, name, days)


def _make_and_forget(_make: Any, kind: type, *_args: Any, **_kwargs: Any) -> Any:
    return object.__new__(kind)


AROUND = (
    (LogEvent, "__new__", _make_and_forget),
    (MetricDatum, "__new__", _make_and_forget),
    (LogsBackend, "put_retention_policy", _checked_retention),
    (CloudWatchBackend, "get_metric_statistics", _exact_dimensions),
    (CloudWatchBackend, "get_metric_data", _each_by_itself),
    (CloudWatchBackend, "put_metric_alarm", _checked_alarm),
    (Statistics, "get_statistics_for_type", _with_ranges),
)


def add_key_actions() -> None:
    LogsResponse.associate_kms_key = _change_key
    LogsResponse.disassociate_kms_key = _change_key


def _change_key(response: Any) -> EmptyResult:
    groups = response.logs_backend.groups
    name = response._get_param("logGroupName")
    if name not in groups:
        raise ResourceNotFoundException
    groups[name].kms_key_id = response._get_param("kmsKeyId")
    return EmptyResult()
