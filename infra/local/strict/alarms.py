"""CloudWatch: exact dimensions when reading; alarms that could not be evaluated are refused."""

import copy
from collections.abc import Iterator
from typing import Any

from moto.cloudwatch.exceptions import InvalidParameterCombination
from moto.cloudwatch.models import CloudWatchBackend

from infra.local.alarms import evaluate, metric_math, statistics
from infra.local.moto_cloudwatch import dimensions_of
from infra.local.strict.wrapping import Method, wrap


def patch() -> None:
    wrap(CloudWatchBackend, "get_metric_statistics", _exact_dimensions)
    wrap(CloudWatchBackend, "put_metric_alarm", _checked_alarm)


def _exact_dimensions(original: Method) -> Method:
    def get_metric_statistics(self: Any, *args: Any, **kwargs: Any) -> Any:
        asked = kwargs["dimensions"] if "dimensions" in kwargs else args[6]
        wanted = {dimension["Name"]: dimension["Value"] for dimension in asked or []}
        view = copy.copy(self)
        view.metric_data = [d for d in self.metric_data if dimensions_of(d) == wanted]
        return original(view, *args, **kwargs)

    return get_metric_statistics


def _checked_alarm(original: Method) -> Method:
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
        except metric_math.UnsupportedMath as error:
            yield str(error)
