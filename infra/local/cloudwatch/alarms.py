"""CloudWatch alarms: moto stores them, this evaluates them as time passes, and tells SNS topics and
functions what changed."""

import functools
import json
import operator
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal, NamedTuple

from infra.local import moto_state
from infra.local.cloudwatch import metrics
from infra.local.lambda_service.triggers import Invoke

State = Literal["OK", "ALARM", "INSUFFICIENT_DATA"]
COMPARISONS = {
    "GreaterThanThreshold": operator.gt,
    "GreaterThanOrEqualToThreshold": operator.ge,
    "LessThanThreshold": operator.lt,
    "LessThanOrEqualToThreshold": operator.le,
}
# CloudWatch looks further back than it must, so that late or missing points do not decide.
EXTRA_PERIODS = 2
_PRINCIPAL = "lambda.alarms.cloudwatch.amazonaws.com"


@dataclass(frozen=True)
class Rule:
    """`missing` is one of missing, ignore, breaching, notBreaching."""

    comparison: str
    threshold: float
    evaluation_periods: int
    datapoints_to_alarm: int
    missing: str = "missing"


class Verdict(NamedTuple):
    """`state` None: keep the state that it is in."""

    state: State | None
    reason: str


def evaluate(rule: Rule, datapoints: Sequence[float | None]) -> Verdict:
    """`datapoints`: one per period, oldest first, None where there was no data. Pure.

    https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-missing-data.html
    """
    known = [point for point in datapoints if point is not None][-rule.evaluation_periods :]
    breaching = sum(COMPARISONS[rule.comparison](point, rule.threshold) for point in known)
    filled = rule.evaluation_periods - len(known)
    values = ", ".join(f"{point:g}" for point in known)
    reason = (
        f"{breaching} of the last {len(known)} datapoints [{values}] "
        f"breach {rule.comparison} {rule.threshold:g} "
        f"({rule.datapoints_to_alarm} of {rule.evaluation_periods} needed)"
    )
    reason += f"; {filled} missing, treated as {rule.missing}" if filled else ""
    return Verdict(_state(rule, len(known), breaching, filled), reason)


def _state(rule: Rule, known: int, breaching: int, filled: int) -> State | None:
    needed = rule.datapoints_to_alarm
    if breaching >= needed:
        return "ALARM"
    if filled == 0 or rule.missing == "notBreaching":
        return "OK"
    if rule.missing == "breaching":
        return "ALARM" if breaching + filled >= needed else "OK"
    if rule.missing == "ignore":
        return None if breaching == known else "OK"
    if known == 0:
        return "INSUFFICIENT_DATA"
    return "ALARM" if breaching == known else "OK"


class AlarmWatch:
    """`tick` evaluates each alarm once per period. `clock` in seconds since 1970.

    `time_scale` 60 lets a period of a minute pass in a second.
    """

    def __init__(
        self, account: str, clock: Callable[[], float], time_scale: float, invoke: Invoke
    ) -> None:
        self._account = account
        self._clock = clock
        self._time_scale = time_scale
        self._invoke = invoke
        self._evaluated: dict[str, tuple[Any, int]] = {}

    def tick(self) -> None:
        for region, alarm in moto_state.alarms(self._account):
            length = _period_s(alarm) / self._time_scale
            number = int(self._clock() // length)
            # A changed alarm is another object.
            if self._evaluated.get(alarm.alarm_arn) != (alarm, number):
                self._evaluated[alarm.alarm_arn] = (alarm, number)
                self._evaluate(region, alarm, number, length)

    def _evaluate(self, region: str, alarm: Any, number: int, length: float) -> None:
        rule = _rule(alarm)
        count = rule.evaluation_periods + EXTRA_PERIODS
        starts = [(number - back) * length for back in range(count, 0, -1)]
        column = functools.partial(
            moto_state.statistics, self._account, region, starts=starts, length=length
        )
        verdict = evaluate(rule, _points(alarm, column))
        if verdict.state is not None and verdict.state != alarm.state_value:
            self._change(region, alarm, verdict)

    def _change(self, region: str, alarm: Any, verdict: Verdict) -> None:
        message = json.dumps(self._message(region, alarm, verdict))
        event = self._event(region, alarm, verdict)
        state = str(verdict.state)
        moto_state.set_alarm(self._account, region, alarm.name, state, verdict.reason)
        for action in _actions(alarm, state) if alarm.actions_enabled else ():
            if action.split(":")[2] == "lambda":
                self._invoke(action, _PRINCIPAL, alarm.alarm_arn, event)
            else:
                subject = f'{state}: "{alarm.name}" in {region}'
                moto_state.publish(self._account, action, subject, message)

    def _message(self, region: str, alarm: Any, verdict: Verdict) -> dict[str, Any]:
        """What a topic is told. The alarm is still in the state that it leaves."""
        return {
            "AlarmName": alarm.name,
            "AlarmDescription": alarm.description,
            "AWSAccountId": self._account,
            "NewStateValue": verdict.state,
            "NewStateReason": verdict.reason,
            "StateChangeTime": datetime.fromtimestamp(self._clock(), UTC).isoformat(),
            "Region": region,
            "AlarmArn": alarm.alarm_arn,
            "OldStateValue": alarm.state_value,
        }

    def _event(self, region: str, alarm: Any, verdict: Verdict) -> dict[str, Any]:
        """What a function is told. The alarm is still in the state that it leaves.

        https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-actions-Lambda.html
        """
        at = _time(datetime.fromtimestamp(self._clock(), UTC))
        before = {
            "value": alarm.state_value,
            "reason": alarm.state_reason,
            "timestamp": _time(alarm.state_updated_timestamp),
        }
        return {
            "source": "aws.cloudwatch",
            "alarmArn": alarm.alarm_arn,
            "accountId": self._account,
            "time": at,
            "region": region,
            "alarmData": {
                "alarmName": alarm.name,
                "state": {"value": verdict.state, "reason": verdict.reason, "timestamp": at},
                "previousState": before,
                "configuration": {"description": alarm.description, "metrics": _watched(alarm)},
            },
        }


def _rule(alarm: Any) -> Rule:
    periods = int(alarm.evaluation_periods)
    return Rule(
        comparison=alarm.comparison_operator,
        threshold=float(alarm.threshold),
        evaluation_periods=periods,
        datapoints_to_alarm=int(alarm.datapoints_to_alarm or periods),
        missing=alarm.treat_missing_data or "missing",
    )


def _period_s(alarm: Any) -> float:
    stats = [query.metric_stat for query in alarm.metric_data_queries or () if query.metric_stat]
    return max(float(stat.period) for stat in stats) if stats else float(alarm.period)


def _points(alarm: Any, column: Callable[..., list[float | None]]) -> list[float | None]:
    """`column(metric, statistic, unit)` gives a metric's values, one per period."""
    queries = alarm.metric_data_queries
    if not queries:
        return column(alarm, _statistic(alarm), alarm.unit)
    stats = {query.id: query.metric_stat for query in queries if query.metric_stat}
    columns = {name: column(stat.metric, stat.stat, stat.unit) for name, stat in stats.items()}
    returned = next(query for query in queries if _returned(query))
    if returned.id in columns:
        return columns[returned.id]
    rows = [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]
    return [metrics.evaluate(returned.expression, row) for row in rows]


def _statistic(alarm: Any) -> str:
    statistic: str = alarm.statistic or alarm.extended_statistic
    return statistic


def _returned(query: Any) -> bool:
    return str(query.return_data).lower() != "false"


def _actions(alarm: Any, state: str) -> list[str]:
    actions: list[str] = {
        "ALARM": alarm.alarm_actions,
        "OK": alarm.ok_actions,
        "INSUFFICIENT_DATA": alarm.insufficient_data_actions,
    }[state]
    return actions or []


def _watched(alarm: Any) -> list[dict[str, Any]]:
    """The metrics of an alarm as its event tells them."""
    if not alarm.metric_data_queries:
        return [_metric(alarm.name, alarm, alarm.period, _statistic(alarm), returned=True)]
    return [_query(query) for query in alarm.metric_data_queries]


def _query(query: Any) -> dict[str, Any]:
    returned, stat = _returned(query), query.metric_stat
    if stat is None:
        return {"id": query.id, "expression": query.expression, "returnData": returned}
    return _metric(query.id, stat.metric, stat.period, stat.stat, returned=returned)


def _metric(name: str, metric: Any, period: Any, stat: str, *, returned: bool) -> dict[str, Any]:
    dimensions = {each.name: each.value for each in metric.dimensions or ()}
    called = {"namespace": metric.namespace, "name": metric.metric_name, "dimensions": dimensions}
    return {
        "id": name,
        "metricStat": {"metric": called, "period": int(period), "stat": stat},
        "returnData": returned,
    }


def _time(at: datetime) -> str:
    """As CloudWatch writes it: 2030-01-01T12:00:00.000+0000."""
    return f"{at:%Y-%m-%dT%H:%M:%S}.{at.microsecond // 1000:03}+0000"
