"""What CloudFormation remembers of one account and region: stacks, their resources and events,
change sets, and what stacks know of each other.

Attributes are called as the members of the API's answers, in snake case: moto's serializer picks
them by these names. Events, outputs and changes are kept as the API tells them."""

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, ClassVar

from infra.local.cloudformation import parameters
from infra.local.cloudformation.errors import CloudFormationError, StackNotFound
from infra.local.cloudformation.intrinsics import Scope
from infra.local.cloudformation.template import Template

Told = dict[str, Any]


@dataclass(frozen=True)
class Policies:
    """What becomes of a resource: when it leaves the template, and when it is replaced."""

    deletion: str
    update_replace: str


@dataclass(frozen=True)
class Deployed:
    """A resource that exists, with the resolved properties it was last given."""

    logical_resource_id: str
    physical_resource_id: str
    resource_type: str
    resource_status: str
    timestamp: datetime
    properties: dict[str, Any]
    attributes: dict[str, Any]
    policies: Policies

    @property
    def last_updated_timestamp(self) -> datetime:
        return self.timestamp


@dataclass(frozen=True)
class Release:
    """What a change set would make of a stack: its whole description, without resources."""

    original: str
    template: Template  # after the transform
    values: dict[str, str]  # of the parameters
    stack_tags: dict[str, str]
    capabilities: list[str]

    @property
    def definitions(self) -> dict[str, Any]:
        """Of the parameters."""
        found: dict[str, Any] = self.template.get("Parameters", {})
        return found


class Released:
    """What stacks and change sets tell of their release."""

    release: Release

    @property
    def parameters(self) -> list[Told]:
        return parameters.shown(self.release.definitions, self.release.values)

    @property
    def tags(self) -> list[Told]:
        return [{"Key": key, "Value": value} for key, value in self.release.stack_tags.items()]

    @property
    def capabilities(self) -> list[str]:
        return self.release.capabilities


@dataclass
class ChangeSet(Released):
    """`order` names the release's resources, each after those it refers to."""

    change_set_name: str
    change_set_id: str
    stack_id: str
    stack_name: str
    change_set_type: str  # CREATE or UPDATE
    release: Release
    changes: list[Told]
    order: list[str]
    creation_time: datetime
    description: str | None = None
    status: str = "CREATE_COMPLETE"
    execution_status: str = "AVAILABLE"
    status_reason: str | None = None


@dataclass
class Stack(Released):
    enable_termination_protection: ClassVar = False  # sam looks
    stack_name: str
    stack_id: str
    creation_time: datetime
    release: Release
    stack_status: str = "REVIEW_IN_PROGRESS"
    stack_status_reason: str | None = None
    last_updated_time: datetime | None = None
    deletion_time: datetime | None = None
    resources: dict[str, Deployed] = field(default_factory=dict)  # each after what it refers to
    outputs: list[Told] = field(default_factory=list)
    imports: frozenset[str] = frozenset()
    events: list[Told] = field(default_factory=list)
    change_sets: dict[str, ChangeSet] = field(default_factory=dict)

    @property
    def description(self) -> str | None:
        return self.release.template.get("Description")

    @property
    def exports(self) -> dict[str, str]:
        return exported(self.outputs)

    @property
    def gone(self) -> bool:
        return self.stack_status == "DELETE_COMPLETE"

    @property
    def unborn(self) -> bool:
        """Only a change set would make it."""
        return self.stack_status == "REVIEW_IN_PROGRESS"

    @property
    def busy(self) -> bool:
        return self.stack_status.endswith("_IN_PROGRESS") and not self.unborn


def exported(outputs: list[Told]) -> dict[str, str]:
    return {out["ExportName"]: out["OutputValue"] for out in outputs if out["ExportName"]}


STACK_TYPE = "AWS::CloudFormation::Stack"


@dataclass
class Stacks:
    """`unique` makes ids (UUIDs outside tests); `by_id` keeps deleted stacks too, as AWS does."""

    region: str
    account: str
    now: Callable[[], datetime]
    unique: Callable[[], str]
    by_id: dict[str, Stack] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def stack(self, name_or_id: str) -> Stack:
        """By id also after deletion, by name only while it exists."""
        for stack in self.by_id.values():
            if name_or_id in (stack.stack_id, stack.stack_name if not stack.gone else None):
                return stack
        raise StackNotFound(name_or_id)

    def living(self) -> list[Stack]:
        return [stack for stack in self.by_id.values() if not stack.gone]

    def change_set(self, name_or_arn: str, stack_name: str | None) -> ChangeSet:
        for stack in [self.stack(stack_name)] if stack_name else self.living():
            for change_set in stack.change_sets.values():
                if name_or_arn in (change_set.change_set_name, change_set.change_set_id):
                    return change_set
        raise CloudFormationError(f"ChangeSet [{name_or_arn}] does not exist", "ChangeSetNotFound")

    def arn(self, kind: str, name: str) -> str:
        return f"arn:aws:cloudformation:{self.region}:{self.account}:{kind}/{name}/{self.unique()}"

    def record(
        self,
        stack: Stack,
        status: str,
        reason: str | None = None,
        resource: tuple[str, str, str] | None = None,
    ) -> None:
        """Append an event; of the stack itself unless given (logical id, physical id, type).

        Times strictly increase: sam reads events after the last one it saw.
        """
        earliest = [item["Timestamp"] + timedelta(milliseconds=1) for item in stack.events[-1:]]
        logical_id, physical_id, kind = resource or (stack.stack_name, stack.stack_id, STACK_TYPE)
        event = {
            "EventId": self.unique(),
            "StackId": stack.stack_id,
            "StackName": stack.stack_name,
            "Timestamp": max([self.now(), *earliest]),
            "LogicalResourceId": logical_id,
            "PhysicalResourceId": physical_id,
            "ResourceType": kind,
            "ResourceStatus": status,
            "ResourceStatusReason": reason,
        }
        stack.events.append(event)
        if resource is None:
            stack.stack_status, stack.stack_status_reason = status, reason

    def importers(self, export: str) -> list[str]:
        return [stack.stack_name for stack in self.living() if export in stack.imports]

    def check_exports(self, stack: Stack, exports: Mapping[str, str], verb: str) -> None:
        """Refuse what would change exports that are used, or take those of other stacks."""
        for name, value in stack.exports.items():
            users = " and ".join(self.importers(name))
            if users and exports.get(name) != value:
                raise CloudFormationError(f"Cannot {verb} export {name} as it is in use by {users}")
        for other in self.living():
            taken = sorted(exports.keys() & other.exports.keys())
            if taken and other is not stack:
                raise CloudFormationError(
                    f"Export with name {taken[0]} is already exported by stack {other.stack_name}"
                )

    def scope(
        self,
        stack: Stack,
        release: Release,
        reference: Callable[[str], Any],
        attribute: Callable[[str, str], Any],
    ) -> Scope:
        """What names mean in a release of the stack."""
        return Scope(
            values={
                **parameters.for_reference(release.definitions, release.values),
                "AWS::AccountId": self.account,
                "AWS::Partition": "aws",
                "AWS::Region": self.region,
                "AWS::StackId": stack.stack_id,
                "AWS::StackName": stack.stack_name,
                "AWS::URLSuffix": "amazonaws.com",
            },
            conditions=release.template.get("Conditions", {}),
            exports={k: v for living in self.living() for k, v in living.exports.items()},
            reference=reference,
            attribute=attribute,
        )
