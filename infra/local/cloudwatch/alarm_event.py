"""What an alarm tells a function that is its action.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-actions-Lambda.html
"""

from datetime import UTC, datetime
from typing import Any, Protocol

PRINCIPAL = "lambda.alarms.cloudwatch.amazonaws.com"


class Change(Protocol):
    """The state that an alarm goes to, and why."""

    @property
    def state(self) -> str | None: ...
    @property
    def reason(self) -> str: ...


def told(account: str, region: str, alarm: Any, change: Change, now: float) -> dict[str, Any]:
    """`alarm` is still in the state that it leaves; `now` in seconds since 1970."""
    at = _time(datetime.fromtimestamp(now, UTC))
    before = _time(alarm.state_updated_timestamp)
    return {
        "source": "aws.cloudwatch",
        "alarmArn": alarm.alarm_arn,
        "accountId": account,
        "time": at,
        "region": region,
        "alarmData": {
            "alarmName": alarm.name,
            "state": {"value": change.state, "reason": change.reason, "timestamp": at},
            "previousState": {
                "value": alarm.state_value,
                "reason": alarm.state_reason,
                "timestamp": before,
            },
            "configuration": {"description": alarm.description, "metrics": _metrics(alarm)},
        },
    }


def _metrics(alarm: Any) -> list[dict[str, Any]]:
    if not alarm.metric_data_queries:
        stat = alarm.statistic or alarm.extended_statistic
        return [_metric(alarm.name, alarm, int(alarm.period), stat, returned=True)]
    return [_query(query) for query in alarm.metric_data_queries]


def _query(query: Any) -> dict[str, Any]:
    returned = str(query.return_data).lower() != "false"
    if query.metric_stat is None:
        return {"id": query.id, "expression": query.expression, "returnData": returned}
    stat = query.metric_stat
    return _metric(query.id, stat.metric, int(stat.period), stat.stat, returned=returned)


def _metric(name: str, metric: Any, period: int, stat: str, *, returned: bool) -> dict[str, Any]:
    dimensions = {each.name: each.value for each in metric.dimensions or ()}
    called = {"namespace": metric.namespace, "name": metric.metric_name, "dimensions": dimensions}
    return {
        "id": name,
        "metricStat": {"metric": called, "period": period, "stat": stat},
        "returnData": returned,
    }


def _time(at: datetime) -> str:
    """As CloudWatch writes it: 2030-01-01T12:00:00.000+0000."""
    return f"{at:%Y-%m-%dT%H:%M:%S}.{at.microsecond // 1000:03}+0000"
