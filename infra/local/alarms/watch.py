"""Evaluating every alarm, as time passes."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from infra.local import moto_cloudwatch
from infra.local.alarms import metric_math, statistics
from infra.local.alarms.evaluate import EXTRA_PERIODS, Rule, Verdict, evaluate


@dataclass(frozen=True)
class Series:
    """One metric as an alarm reads it."""

    namespace: str
    name: str
    dimensions: Mapping[str, str]
    statistic: str
    unit: str | None


class AlarmWatch:
    """`tick` evaluates each alarm once per period. `clock` in seconds since 1970.

    `time_scale` 60 lets a period of a minute pass in a second.
    """

    def __init__(self, account: str, clock: Callable[[], float], time_scale: float = 1.0) -> None:
        self._account = account
        self._clock = clock
        self._time_scale = time_scale
        self._evaluated: dict[str, tuple[Any, int]] = {}

    def tick(self) -> None:
        for region, alarm in moto_cloudwatch.alarms(self._account):
            number = int(self._clock() // self._length(alarm))
            # A changed alarm is another object.
            if self._evaluated.get(alarm.alarm_arn) != (alarm, number):
                self._evaluated[alarm.alarm_arn] = (alarm, number)
                self._evaluate(region, alarm, number)

    def _length(self, alarm: Any) -> float:
        return _period_s(alarm) / self._time_scale

    def _evaluate(self, region: str, alarm: Any, number: int) -> None:
        rule = _rule(alarm)
        count = rule.evaluation_periods + EXTRA_PERIODS
        length = self._length(alarm)
        starts = [(number - back) * length for back in range(count, 0, -1)]
        points = self._points(region, alarm, starts, length)
        verdict = evaluate(rule, points)
        if verdict.state is not None and verdict.state != alarm.state_value:
            self._change(region, alarm, verdict)

    def _points(
        self, region: str, alarm: Any, starts: list[float], length: float
    ) -> list[float | None]:
        queries = alarm.metric_data_queries
        if not queries:
            return self._values(region, _series(alarm), starts, length)
        columns = {
            query.id: self._values(region, _query_series(query), starts, length)
            for query in queries
            if query.metric_stat
        }
        returned = next(query for query in queries if _is_returned(query))
        if returned.metric_stat:
            return columns[returned.id]
        rows = [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]
        return [metric_math.evaluate(returned.expression, row) for row in rows]

    def _values(
        self, region: str, series: Series, starts: list[float], length: float
    ) -> list[float | None]:
        metric = (series.namespace, series.name, dict(series.dimensions), series.unit)
        found = moto_cloudwatch.samples(self._account, region, metric, since=starts[0])
        return [
            statistics.compute(
                series.statistic, [s for s in found if start <= s.at < start + length]
            )
            for start in starts
        ]

    def _change(self, region: str, alarm: Any, verdict: Verdict) -> None:
        before = alarm.state_value
        state = str(verdict.state)
        moto_cloudwatch.set_state(self._account, region, alarm.name, state, verdict.reason)
        if alarm.actions_enabled:
            message = json.dumps(self._message(region, alarm, verdict, before))
            for topic in _actions(alarm, state):
                moto_cloudwatch.publish(
                    self._account, topic, f'{state}: "{alarm.name}" in {region}', message
                )

    def _message(self, region: str, alarm: Any, verdict: Verdict, before: str) -> dict[str, Any]:
        return {
            "AlarmName": alarm.name,
            "AlarmDescription": alarm.description,
            "AWSAccountId": self._account,
            "NewStateValue": verdict.state,
            "NewStateReason": verdict.reason,
            "StateChangeTime": datetime.fromtimestamp(self._clock(), UTC).isoformat(),
            "Region": region,
            "AlarmArn": alarm.alarm_arn,
            "OldStateValue": before,
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
    if not alarm.metric_data_queries:
        return float(alarm.period)
    return max(float(q.metric_stat.period) for q in alarm.metric_data_queries if q.metric_stat)


def _series(alarm: Any) -> Series:
    return Series(
        namespace=alarm.namespace,
        name=alarm.metric_name,
        dimensions=moto_cloudwatch.dimensions_of(alarm),
        statistic=alarm.statistic or alarm.extended_statistic,
        unit=alarm.unit,
    )


def _query_series(query: Any) -> Series:
    stat = query.metric_stat
    return Series(
        namespace=stat.metric.namespace,
        name=stat.metric.metric_name,
        dimensions=moto_cloudwatch.dimensions_of(stat.metric),
        statistic=stat.stat,
        unit=stat.unit,
    )


def _is_returned(query: Any) -> bool:
    return str(query.return_data).lower() != "false"


def _actions(alarm: Any, state: str) -> list[str]:
    actions: list[str] = {
        "ALARM": alarm.alarm_actions,
        "OK": alarm.ok_actions,
        "INSUFFICIENT_DATA": alarm.insufficient_data_actions,
    }[state]
    return actions or []
