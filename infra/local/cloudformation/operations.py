"""Executing a change set and deleting a stack: one operation at a time on each."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from infra.local.cloudformation import scopes
from infra.local.cloudformation.errors import (
    CloudFormationError,
    InvalidChangeSetStatus,
    StackBusy,
)
from infra.local.cloudformation.execute import Execution
from infra.local.cloudformation.intrinsics import Scope
from infra.local.cloudformation.provision.engine import Engine
from infra.local.cloudformation.records import ChangeSet, Release, Stack
from infra.local.cloudformation.resources import World
from infra.local.cloudformation.stacks import Stacks

Client = Callable[[str], Any]


def execute(
    stacks: Stacks, change_set: ChangeSet, client: Client, *, keep_failed: bool = False
) -> None:
    """Returns once the stack is where it stays; its status says where that is."""
    stack = stacks.by_id[change_set.stack_id]
    if change_set.execution_status != "AVAILABLE":
        raise InvalidChangeSetStatus(
            f"ChangeSet [{change_set.arn}] cannot be executed in its current status of "
            f"[{change_set.status}]"
        )
    execution = Execution(stack, _world(stacks, stack, client))
    with _alone(stacks, stack, change_set.kind, "updated"):
        stack.change_sets.clear()  # executing one forgets the others
        if change_set.kind == "CREATE":
            execution.create(change_set.release, keep_failed=keep_failed)
        else:
            stack.updated = stacks.now()
            execution.update(change_set.release, keep_failed=keep_failed)


def delete(stacks: Stacks, stack: Stack, client: Client) -> None:
    for export in stack.exports:
        users = [user.name for user in stacks.importers(export)]
        if users:
            raise CloudFormationError(
                f"Delete canceled. Cannot delete export {export} as it is in use by "
                f"{' and '.join(users)}."
            )
    with _alone(stacks, stack, "DELETE", "deleted"):
        Execution(stack, _world(stacks, stack, client)).delete()


@contextmanager
def _alone(stacks: Stacks, stack: Stack, operation: str, wish: str) -> Iterator[None]:
    """Nothing else works on the stack meanwhile, and no error leaves it "in progress"."""
    with stacks.lock:
        if stack.busy:
            raise StackBusy(stack.stack_id, stack.status, wish)
        stack.status = f"{operation}_IN_PROGRESS"
    try:
        yield
    finally:
        if stack.busy:
            reason = "Internal error of the embedded AWS; its log has the traceback."
            stack.record(stacks.now(), stacks.unique(), f"{operation}_FAILED", reason)


def _world(stacks: Stacks, stack: Stack, client: Client) -> World:
    def scope_of(
        release: Release,
        reference: Callable[[str], Any],
        attribute: Callable[[str, str], Any],
        on_import: Callable[[str], object] = scopes.unheard,
    ) -> Scope:
        return scopes.scope(
            stacks,
            stack,
            release.template,
            release.parameters,
            reference,
            attribute,
            on_import,
        )

    return World(
        Engine(client),
        stacks.now,
        stacks.unique,
        scope_of,
        lambda exports: _check_exports(stacks, stack, exports),
    )


def _check_exports(stacks: Stacks, stack: Stack, exports: Mapping[str, str]) -> None:
    for name, value in stack.exports.items():
        users = [user.name for user in stacks.importers(name)]
        if users and exports.get(name) != value:
            raise CloudFormationError(
                f"Cannot update export {name} as it is in use by {' and '.join(users)}"
            )
    taken = stacks.exports()
    for name in exports:
        if name in taken and taken[name][0] is not stack:
            raise CloudFormationError(
                f"Export with name {name} is already exported by stack {taken[name][0].name}"
            )
