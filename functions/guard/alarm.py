"""What CloudWatch tells a function that is an alarm's action.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-actions-Lambda.html
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from functions.guard.errors import NotUnderstood


@dataclass(frozen=True)
class Alarm:
    """A change of an alarm's state; `reason` is CloudWatch's own sentence."""

    name: str
    state: str
    reason: str
    changed: datetime


def read_alarm(event: Mapping[str, Any]) -> Alarm:
    """Raises NotUnderstood."""
    try:
        data = event["alarmData"]
        state = data["state"]
        changed = datetime.fromisoformat(state["timestamp"])
        alarm = Alarm(data["alarmName"], state["value"], state.get("reason", ""), changed)
    except (KeyError, TypeError, ValueError) as error:
        raise NotUnderstood from error
    if event.get("source") != "aws.cloudwatch" or changed.tzinfo is None:
        raise NotUnderstood
    return alarm
