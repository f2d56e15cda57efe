"""EventBridge: rules that nothing here would ever set off are refused."""

from typing import Any

from moto.events.exceptions import ValidationException
from moto.events.models import EventsBackend

from infra.local.eventbridge import seconds

TARGET = {"Id", "Arn", "Input"}


def _checked_rule(put_rule: Any, backend: Any, name: str, **settings: Any) -> Any:
    schedule = settings.get("scheduled_expression")
    if settings.get("event_pattern"):
        raise _unsupported(name, "an event pattern")
    if schedule and schedule.startswith("cron("):
        raise _unsupported(name, f"the schedule {schedule}")
    if schedule and seconds(schedule) is None:
        raise ValidationException("Parameter ScheduleExpression is not valid.")
    return put_rule(backend, name, **settings)


def _checked_targets(
    put_targets: Any, backend: Any, name: str, bus: str | None, targets: list[dict[str, Any]]
) -> Any:
    for target in targets:
        if ":lambda:" not in target["Arn"]:
            raise _unsupported(name, f"the target {target['Arn']}")
        for unknown in sorted(target.keys() - TARGET):
            raise _unsupported(name, f"{unknown} of a target")
    return put_targets(backend, name, bus, targets)


def _unsupported(rule: str, what: str) -> ValidationException:
    return ValidationException(f"embedded AWS: rule {rule} uses {what}, which is not supported")


AROUND = (
    (EventsBackend, "put_rule", _checked_rule),
    (EventsBackend, "put_targets", _checked_targets),
)
