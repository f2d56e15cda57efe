"""What CloudWatch sends a function that is an alarm's action."""

from datetime import UTC, datetime
from typing import Any

import pytest

from functions.guard.alarm import Alarm, read_alarm
from functions.guard.errors import NotUnderstood

from .cloud import START, alarm_event


def test_an_alarm_tells_its_name_its_state_and_since_when() -> None:
    alarm = read_alarm(alarm_event("lambent-iris-errors", START))
    assert alarm == Alarm("lambent-iris-errors", "ALARM", alarm.reason, START)
    assert "Threshold Crossed" in alarm.reason
    assert alarm.changed == datetime(2030, 1, 1, 12, tzinfo=UTC)


def without(*path: str) -> dict[str, Any]:
    event = alarm_event("lambent-iris-errors", START)
    parent = event
    for key in path[:-1]:
        parent = parent[key]
    del parent[path[-1]]
    return event


@pytest.mark.parametrize(
    "event",
    [
        {},
        {"alarmData": "text"},
        without("source"),
        without("alarmData", "alarmName"),
        without("alarmData", "state"),
        without("alarmData", "state", "timestamp"),
        {**alarm_event("lambent-iris-errors", START), "source": "aws.events"},
    ],
)
def test_anything_else_is_not_understood(event: dict[str, Any]) -> None:
    with pytest.raises(NotUnderstood, match="the action of an alarm"):
        read_alarm(event)


@pytest.mark.parametrize("when", ["yesterday", "2030-01-01T12:00:00", "", None, 7])
def test_a_time_that_is_none_is_not_understood(when: object) -> None:
    event = alarm_event("lambent-iris-errors", START)
    event["alarmData"]["state"]["timestamp"] = when
    with pytest.raises(NotUnderstood):
        read_alarm(event)
