"""EventBridge rules with a rate: their functions are called as time passes."""

import json
import re
import uuid
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from infra.local import moto_state
from infra.local.lambda_service.triggers import Invoke

PRINCIPAL = "events.amazonaws.com"
SECONDS = {"minute": 60, "hour": 3600, "day": 86400}
_RATE = re.compile(r"rate\((?P<value>[1-9]\d*) (?P<unit>minute|hour|day)(?P<plural>s?)\)")


def seconds(expression: str) -> int | None:
    """Of a rate expression; None for what is none: "rate(1 minutes)" is not valid either. Pure.

    https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-rate-expressions.html
    """
    rate = _RATE.fullmatch(expression)
    if rate is None or (rate["value"] == "1") == bool(rate["plural"]):
        return None
    return int(rate["value"]) * SECONDS[rate["unit"]]


class Schedules:
    """`tick` calls what is due. A rule is first due a period after it was first seen; periods that
    went by unnoticed are not made up for. `clock` in seconds since 1970."""

    def __init__(
        self, account: str, clock: Callable[[], float], time_scale: float, invoke: Invoke
    ) -> None:
        self._account, self._clock, self._time_scale = account, clock, time_scale
        self._invoke = invoke
        self._due: dict[tuple[str, str], float] = {}

    def tick(self) -> None:
        now, due = self._clock(), {}
        for region, rule in moto_state.schedules(self._account):
            key = (rule.arn, rule.scheduled_expression)
            length = (seconds(rule.scheduled_expression) or 0) / self._time_scale
            at = self._due.get(key, now + length)
            if now >= at:
                self._call(region, rule, now)
                at += length * ((now - at) // length + 1)
            due[key] = at
        self._due = due

    def _call(self, region: str, rule: Any, now: float) -> None:
        event = {
            "version": "0",
            "id": str(uuid.uuid4()),
            "detail-type": "Scheduled Event",
            "source": "aws.events",
            "account": self._account,
            "time": datetime.fromtimestamp(now, UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
            "region": region,
            "resources": [rule.arn],
            "detail": {},
        }
        for target in list(rule.targets):
            sent = json.loads(target["Input"]) if target.get("Input") else event
            self._invoke(target["Arn"], PRINCIPAL, rule.arn, sent)
