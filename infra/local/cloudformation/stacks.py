"""The stacks of one account and region, and what they know of each other."""

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from infra.local.cloudformation import parameters
from infra.local.cloudformation.errors import CloudFormationError, StackNotFound
from infra.local.cloudformation.intrinsics import Scope
from infra.local.cloudformation.records import ChangeSet, Release, Stack

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
