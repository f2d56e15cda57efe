"""What CloudFormation remembers: stacks, their resources and events, change sets."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from infra.local.cloudformation.template import Template

Clock = Callable[[], datetime]
STACK_TYPE = "AWS::CloudFormation::Stack"


@dataclass(frozen=True)
class Deployed:
    """A resource that exists, with the resolved properties it was last given."""

    logical_id: str
    kind: str
    physical_id: str
    properties: dict[str, Any]
    attributes: dict[str, Any]
    depends_on: frozenset[str]
    deletion_policy: str
    update_replace_policy: str
    generated_name: str
    status: str
    updated: datetime


@dataclass(frozen=True)
class Event:
    event_id: str
    timestamp: datetime
    logical_id: str
    physical_id: str
    kind: str
    status: str
    reason: str | None


@dataclass(frozen=True)
class Output:
    key: str
    value: str
    description: str | None = None
    export: str | None = None


@dataclass(frozen=True)
class Release:
    """What a change set would make of a stack: its whole description, without resources."""

    original: str
    template: Template  # after the transform
    parameters: dict[str, str]
    tags: dict[str, str]
    capabilities: list[str]


@dataclass(frozen=True)
class Change:
    """One line of a change set: Add, Modify or Remove. `replacement` only where it modifies."""

    action: str
    logical_id: str
    kind: str
    physical_id: str | None = None
    replacement: str | None = None


@dataclass
class ChangeSet:
    name: str
    arn: str
    stack_id: str
    kind: str  # CREATE or UPDATE
    release: Release
    changes: list[Change]
    created: datetime
    description: str | None = None
    status: str = "CREATE_COMPLETE"
    execution_status: str = "AVAILABLE"
    reason: str | None = None


@dataclass
class Stack:
    name: str
    stack_id: str
    region: str
    account: str
    created: datetime
    release: Release
    status: str = "REVIEW_IN_PROGRESS"
    reason: str | None = None
    updated: datetime | None = None
    deleted: datetime | None = None
    resources: dict[str, Deployed] = field(default_factory=dict)
    outputs: list[Output] = field(default_factory=list)
    imports: frozenset[str] = frozenset()
    events: list[Event] = field(default_factory=list)
    change_sets: dict[str, ChangeSet] = field(default_factory=dict)

    @property
    def exports(self) -> dict[str, str]:
        return {output.export: output.value for output in self.outputs if output.export}

    @property
    def gone(self) -> bool:
        return self.status == "DELETE_COMPLETE"

    @property
    def busy(self) -> bool:
        return self.status.endswith("_IN_PROGRESS") and self.status != "REVIEW_IN_PROGRESS"

    def record(
        self,
        now: datetime,
        event_id: str,
        status: str,
        reason: str | None = None,
        resource: tuple[str, str, str] | None = None,
    ) -> None:
        """Append an event; of the stack itself unless given (logical id, physical id, type).

        Times strictly increase: sam reads events after the last one it saw.
        """
        logical_id, physical_id, kind = resource or (self.name, self.stack_id, STACK_TYPE)
        if self.events:
            now = max(now, self.events[-1].timestamp + timedelta(milliseconds=1))
        self.events.append(Event(event_id, now, logical_id, physical_id, kind, status, reason))
        if resource is None:
            self.status, self.reason = status, reason
