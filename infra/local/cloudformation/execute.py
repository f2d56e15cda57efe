"""Carries out a release on a stack: each resource in its turn, and back again when one fails."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from infra.local.cloudformation.errors import CloudFormationError, ResourceFailed
from infra.local.cloudformation.intrinsics import Scope
from infra.local.cloudformation.plan import (
    Action,
    Wanted,
    check_outputs,
    decide,
    order,
    resolved,
    wanted,
)
from infra.local.cloudformation.provision.record import Properties
from infra.local.cloudformation.records import Deployed, Output, Release, Stack
from infra.local.cloudformation.resources import StackResources, World

INITIATED = "User Initiated"


class Failed(Exception):
    """Resources that could not be brought where the release wants them."""

    def __init__(self, verb: str, names: Iterable[str], reason: str = "") -> None:
        listed = ", ".join(names)
        super().__init__(f"The following resource(s) failed to {verb}: [{listed}]. {reason}")


@dataclass(frozen=True)
class Made:
    """A new physical resource; `instead_of` the one it replaces."""

    now: Deployed
    instead_of: Deployed | None


@dataclass(frozen=True)
class Changed:
    """A resource that was, or was about to be, given new properties."""

    before: Deployed
    properties: Properties


@dataclass
class Execution:
    """One operation on one stack. `done` is what a rollback undoes, newest last."""

    stack: Stack
    world: World
    done: list[Made | Changed] = field(default_factory=list)

    @property
    def resources(self) -> StackResources:
        return StackResources(self.stack, self.world)

    def create(self, release: Release, *, keep_failed: bool = False) -> None:
        self.stack.release = release
        self.resources.status("CREATE_IN_PROGRESS", INITIATED)
        try:
            self._apply(release, "create")
        except Failed as failure:
            if keep_failed:
                self.resources.status("CREATE_FAILED", str(failure))
            else:
                self._roll_back_create(str(failure))
        else:
            self.resources.status("CREATE_COMPLETE")

    def update(self, release: Release, *, keep_failed: bool = False) -> None:
        self.resources.status("UPDATE_IN_PROGRESS", INITIATED)
        before = dict(self.stack.resources)
        try:
            names = self._apply(release, "update")
        except Failed as failure:
            if keep_failed:
                self.resources.status("UPDATE_FAILED", str(failure))
            else:
                self._roll_back_update(str(failure), before)
        else:
            self.resources.status("UPDATE_COMPLETE_CLEANUP_IN_PROGRESS")
            self._clean_up({name: old for name, old in before.items() if name not in names})
            self.resources.status("UPDATE_COMPLETE")

    def delete(self) -> None:
        self.resources.status("DELETE_IN_PROGRESS", INITIATED)
        kept = [
            item.logical_id
            for item in self.resources.newest_first()
            if not self.resources.delete(item)
        ]
        if kept:
            self.resources.status("DELETE_FAILED", str(Failed("delete", kept)))
        else:
            self.stack.deleted = self.world.now()
            self.resources.status("DELETE_COMPLETE")

    def _apply(self, release: Release, verb: str) -> set[str]:
        """Bring every resource where the release wants it; the names of them all."""
        imports: set[str] = set()
        known = self.resources
        scope = self.world.scope_of(release, known.reference, known.attribute, imports.add)
        try:
            items = wanted(release.template, scope)
            for item in items.values():
                self._bring(item, scope, release, verb)
            outputs = _outputs(release, check_outputs(release.template, scope))
            self.world.check_exports({item.export: item.value for item in outputs if item.export})
        except CloudFormationError as error:
            raise Failed(verb, [self.stack.name], str(error)) from error
        self.stack.release, self.stack.outputs = release, outputs
        self.stack.imports = frozenset(imports)
        return set(items)

    def _bring(self, item: Wanted, scope: Scope, release: Release, verb: str) -> None:
        existing = self.stack.resources.get(item.logical_id)
        try:
            properties = resolved(item, scope, release.tags)
            self._carry_out(decide(existing, item, properties), item, properties, existing)
        except (ResourceFailed, CloudFormationError) as error:
            self.resources.failed(item, existing, str(error))
            raise Failed(verb, [item.logical_id]) from error

    def _carry_out(
        self, action: Action, item: Wanted, properties: Properties, existing: Deployed | None
    ) -> None:
        if existing is None or action is Action.REPLACE:
            made = self.resources.create(item, properties, existing)
            self.done.append(Made(made, existing))
        elif action is Action.UPDATE:
            # Noted before it is done: a half-made update is undone like a whole one.
            self.done.append(Changed(existing, properties))
            self.resources.update(item, properties, existing)
        else:
            self.resources.keep(item, existing)

    def _clean_up(self, removed: Mapping[str, Deployed]) -> None:
        """Delete what was replaced, and what the template no longer has."""
        replaced = {
            old.logical_id: replace(old, deletion_policy=old.update_replace_policy)
            for old in (step.instead_of for step in self.done if isinstance(step, Made))
            if old is not None
        }
        for name in removed:
            del self.stack.resources[name]
        leaving = {**replaced, **removed}
        for name in reversed(order({name: item.depends_on for name, item in leaving.items()})):
            self.resources.delete(leaving[name])

    def _roll_back_create(self, reason: str) -> None:
        self.resources.status("ROLLBACK_IN_PROGRESS", reason + "Rollback requested by user.")
        kept = [
            item.logical_id
            for item in self.resources.newest_first()
            if not self.resources.delete(item, made_now=True)
        ]
        if kept:
            self.resources.status("ROLLBACK_FAILED", str(Failed("delete", kept)))
        else:
            self.resources.status("ROLLBACK_COMPLETE")

    def _roll_back_update(self, reason: str, before: dict[str, Deployed]) -> None:
        self.resources.status("UPDATE_ROLLBACK_IN_PROGRESS", reason)
        self.stack.resources = before
        undone = list(reversed(self.done))
        stuck = [
            step.before.logical_id
            for step in undone
            if isinstance(step, Changed)
            and not self.resources.restore(step.before, step.properties)
        ]
        if stuck:
            self.resources.status("UPDATE_ROLLBACK_FAILED", str(Failed("update", stuck)))
            return
        self.resources.status("UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS")
        for step in undone:
            if isinstance(step, Made):
                self.resources.delete(step.now, made_now=True)
        self.resources.status("UPDATE_ROLLBACK_COMPLETE")


def _outputs(release: Release, values: Mapping[str, Any]) -> list[Output]:
    definitions = release.template.get("Outputs", {})
    return [
        Output(
            key=key,
            value=str(value["Value"]),
            description=definitions[key].get("Description"),
            export=value["Export"].get("Name"),
        )
        for key, value in values.items()
    ]
