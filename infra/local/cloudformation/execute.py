"""Carries out a change set or a deletion: each resource in its turn, and back when one fails."""

import logging
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

from infra.local.cloudformation.engine import Engine
from infra.local.cloudformation.errors import CloudFormationError, ResourceFailed, StackBusy
from infra.local.cloudformation.plan import (
    Action,
    Wanted,
    attribute_of,
    decide,
    resolved_outputs,
    wanted,
)
from infra.local.cloudformation.resources import StackResources
from infra.local.cloudformation.stacks import ChangeSet, Deployed, Policies, Stack, Stacks, exported

PAUSE_S = 0.1
_LOG = logging.getLogger("lambent.local")


def execute(
    stacks: Stacks, change_set: ChangeSet, engine: Engine, pause: Callable[[], None]
) -> None:
    """Returns once the stack is where it stays; its status says where that is.

    `pause` is called again and again while a resource takes its time.
    """
    stack = stacks.by_id[change_set.stack_id]
    if change_set.execution_status != "AVAILABLE":
        status = f"cannot be executed in its current status of [{change_set.status}]"
        message = f"ChangeSet [{change_set.change_set_id}] {status}"
        raise CloudFormationError(message, "InvalidChangeSetStatus")
    execution = Execution(stacks, stack, StackResources(stacks, stack, engine, pause))
    with _alone(stacks, stack, change_set.change_set_type, "updated"):
        stack.change_sets.clear()  # executing one forgets the others
        if change_set.change_set_type == "CREATE":
            execution.create(change_set)
        else:
            execution.update(change_set)


def delete(stacks: Stacks, stack: Stack, engine: Engine) -> None:
    stacks.check_exports(stack, {}, "delete")
    with _alone(stacks, stack, "DELETE", "deleted"):
        resources = StackResources(stacks, stack, engine, _never_waits)
        Execution(stacks, stack, resources).delete()


def _never_waits() -> None:
    raise AssertionError("deleting waits for nothing")


@contextmanager
def _alone(stacks: Stacks, stack: Stack, operation: str, wish: str) -> Iterator[None]:
    """Nothing else works on the stack meanwhile, and no error leaves it "in progress"."""
    with stacks.lock:
        if stack.busy:
            raise StackBusy(stack.stack_id, stack.stack_status, wish)
        stacks.record(stack, f"{operation}_IN_PROGRESS", "User Initiated")
    try:
        yield
    finally:
        if stack.busy:
            reason = "Internal error of the embedded AWS; its log has the traceback."
            stacks.record(stack, f"{operation}_FAILED", reason)


class Failed(Exception):
    """Resources that could not be brought where the release wants them."""

    def __init__(self, verb: str, names: Iterable[str], reason: str = "") -> None:
        listed = ", ".join(names)
        super().__init__(f"The following resource(s) failed to {verb}: [{listed}]. {reason}")


@dataclass
class Execution:
    """One operation on one stack.

    `made` and `changed` are what a rollback undoes, oldest first: new resources with those they
    replace, and resources as they were with what they were about to be.
    """

    stacks: Stacks
    stack: Stack
    resources: StackResources
    made: list[tuple[Deployed, Deployed | None]] = field(default_factory=list)
    changed: list[tuple[Deployed, Wanted]] = field(default_factory=list)

    def create(self, change_set: ChangeSet) -> None:
        try:
            self._apply(change_set, "create")
        except Failed as failure:
            self._status("ROLLBACK_IN_PROGRESS", f"{failure}Rollback requested by user.")
            self._delete_all("ROLLBACK")
        else:
            self._status("CREATE_COMPLETE")

    def update(self, change_set: ChangeSet) -> None:
        before = dict(self.stack.resources)
        self.stack.last_updated_time = self.stacks.now()
        try:
            self._apply(change_set, "update")
        except Failed as failure:
            self._status("UPDATE_ROLLBACK_IN_PROGRESS", str(failure))
            self._roll_back_update(before)
        else:
            self._status("UPDATE_COMPLETE_CLEANUP_IN_PROGRESS")
            self._clean_up(before, change_set.order)
            self._status("UPDATE_COMPLETE")

    def delete(self) -> None:
        self._delete_all("DELETE")
        self.stack.deletion_time = self.stacks.now() if self.stack.gone else None

    def _apply(self, change_set: ChangeSet, verb: str) -> None:
        """Bring every resource where the release wants it."""
        release, stack = change_set.release, self.stack
        known = stack.resources
        scope = self.stacks.scope(
            stack,
            release,
            lambda name: known[name].physical_resource_id,
            lambda name, attribute: attribute_of(known[name].attributes, name, attribute),
        )
        try:
            for name in change_set.order:
                self._bring(wanted(name, release, scope), known.get(name), verb)
            outputs = resolved_outputs(release, scope)
            self.stacks.check_exports(stack, exported(outputs), "update")
        except CloudFormationError as error:
            raise Failed(verb, [stack.stack_name], str(error)) from error
        stack.release, stack.outputs, stack.imports = release, outputs, frozenset(scope.imports)

    def _bring(self, item: Wanted, existing: Deployed | None, verb: str) -> None:
        action = decide(existing, item)
        try:
            if existing is None or action is Action.CREATE:
                self.made.append((self.resources.create(item, existing), existing))
                return
            if action is Action.UPDATE and self.resources.is_shift(item, existing):
                self.resources.shift(item, existing)
                self.changed.append((existing, item))
            elif action is Action.UPDATE:
                # Noted before it is done: a half-made update is undone like a whole one.
                self.changed.append((existing, item))
                self.resources.update(item, existing)
            self.resources.keep(item, existing)
        except ResourceFailed as error:
            raise Failed(verb, [item.logical_resource_id]) from error

    def _clean_up(self, before: dict[str, Deployed], order: list[str]) -> None:
        """Delete what was replaced, and what the template no longer has."""
        replaced = {old.logical_resource_id: _superseded(old) for _, old in self.made if old}
        now = self.stack.resources
        self.stack.resources = {name: now[name] for name in order}
        leaving = [
            replaced.get(name, old)
            for name, old in reversed(before.items())
            if name in replaced or name not in order
        ]
        _failing(leaving, self.resources.delete)

    def _delete_all(self, operation: str) -> None:
        newest_first = list(reversed(self.stack.resources.values()))
        if kept := _failing(newest_first, self.resources.delete):
            self._status(f"{operation}_FAILED", str(Failed("delete", kept)))
        else:
            self._status(f"{operation}_COMPLETE")

    def _roll_back_update(self, before: dict[str, Deployed]) -> None:
        self.stack.resources = before
        half_way = {old.logical_resource_id: item for old, item in self.changed}

        def restore(old: Deployed) -> None:
            properties = half_way[old.logical_resource_id].properties
            self.resources.update(old, replace(old, properties=properties))

        if stuck := _failing([old for old, _ in reversed(self.changed)], restore):
            self._status("UPDATE_ROLLBACK_FAILED", str(Failed("update", stuck)))
            return
        self._status("UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS")
        _failing([made for made, _ in reversed(self.made)], self.resources.delete)
        self._status("UPDATE_ROLLBACK_COMPLETE")

    def _status(self, status: str, reason: str | None = None) -> None:
        self.stacks.record(self.stack, status, reason)


def _failing(items: list[Deployed], step: Callable[[Deployed], None]) -> list[str]:
    """Names of those for which the step fails; it is taken for all."""
    names = []
    for item in items:
        try:
            step(item)
        except ResourceFailed:  # told among the stack's events
            names.append(item.logical_resource_id)
    return names


def _superseded(old: Deployed) -> Deployed:
    policy = old.policies.update_replace
    return replace(old, policies=Policies(deletion=policy, update_replace=policy))


def start(work: Callable[[Callable[[], None]], None]) -> None:
    """Returns when `work(pause)` is done, raising what it raises, or once it calls `pause`.

    From then on it goes on alone, and each `pause` lasts PAUSE_S.
    """
    answerable = threading.Event()
    failures: list[Exception] = []

    def pause() -> None:
        answerable.set()
        time.sleep(PAUSE_S)

    def run() -> None:
        try:
            work(pause)
        except Exception as error:  # noqa: BLE001 - told to the caller, or logged
            if answerable.is_set():
                _LOG.exception("embedded CloudFormation: work in the background failed")
            failures.append(error)
        finally:
            answerable.set()

    threading.Thread(target=run, name="stack", daemon=True).start()
    answerable.wait()
    if failures:
        raise failures[0]
