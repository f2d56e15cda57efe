"""The stacks of one account and region."""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field

from infra.local.cloudformation.errors import ChangeSetNotFound, StackNotFound
from infra.local.cloudformation.records import ChangeSet, Clock, Stack


@dataclass
class Stacks:
    """`unique` makes ids (UUIDs outside tests); `by_id` keeps deleted stacks too, as AWS does."""

    region: str
    account: str
    now: Clock
    unique: Callable[[], str]
    by_id: dict[str, Stack] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def stack(self, name_or_id: str) -> Stack:
        """By id also after deletion, by name only while it exists."""
        for stack in self.by_id.values():
            if name_or_id in (stack.stack_id, stack.name if not stack.gone else None):
                return stack
        raise StackNotFound(name_or_id)

    def living(self) -> list[Stack]:
        return [stack for stack in self.by_id.values() if not stack.gone]

    def change_set(self, name_or_arn: str, stack_name: str | None) -> ChangeSet:
        for stack in [self.stack(stack_name)] if stack_name else self.living():
            for change_set in stack.change_sets.values():
                if name_or_arn in (change_set.name, change_set.arn):
                    return change_set
        raise ChangeSetNotFound(name_or_arn)

    def exports(self) -> dict[str, tuple[Stack, str]]:
        """Export name → the stack that exports it, and the value."""
        return {
            name: (stack, value) for stack in self.living() for name, value in stack.exports.items()
        }

    def importers(self, export: str) -> list[Stack]:
        return [stack for stack in self.living() if export in stack.imports]

    def arn(self, kind: str, name: str) -> str:
        return f"arn:aws:cloudformation:{self.region}:{self.account}:{kind}/{name}/{self.unique()}"
