"""Carries out a release on a stack: each resource in its turn, and back again when one fails."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from infra.local.cloudformation.errors import CloudFormationError, ResourceFailed
from infra.local.cloudformation.intrinsics import Scope
from infra.local.cloudformation.plan import (
    Action,
    UnknownAttribute,
    Wanted,
    check_outputs,
    decide,
    order,
    resolved,
    wanted,
)
from infra.local.cloudformation.provision import TYPES
from infra.local.cloudformation.provision.engine import Engine
from infra.local.cloudformation.provision.naming import generated_name
from infra.local.cloudformation.provision.record import Properties, Resource
from infra.local.cloudformation.records import Clock, Deployed, Output, Release, Stack

INITIATED = "User Initiated"
REPLACING = "Requested update requires the creation of a new physical resource; hence creating one."
CUSTOM_NAMED = (
    "CloudFormation cannot update a stack when a custom-named resource requires replacing. "
    "Rename {} and update the stack again."
)


@dataclass(frozen=True)
class World:
    """What execution needs from outside.

    `scope_of(release, reference, attribute)` completes a scope; `check_exports` refuses exports
    (name → value) that would break other stacks.
    """

    engine: Engine
    now: Clock
    unique: Callable[[], str]
    scope_of: Callable[..., Scope]
    check_exports: Callable[[Mapping[str, str]], None]


class Failed(Exception):
    """Resources that could not be brought where the release wants them."""

    def __init__(self, verb: str, names: Iterable[str], reason: str = "") -> None:
        listed = ", ".join(names)
        super().__init__(f"The following resource(s) failed to {verb}: [{listed}]. {reason}")


@dataclass
class Execution:
    """One operation on one stack; changes the stack's record as it goes."""

    stack: Stack
    world: World
    # (before, after) of each change, newest last: what a rollback undoes.
    done: list[tuple[Deployed | None, Deployed]] = field(default_factory=list)

    def create(self, release: Release, *, keep_failed: bool = False) -> None:
        self.stack.release = release
        self._stack("CREATE_IN_PROGRESS", INITIATED)
        try:
            self._apply(release, "create")
        except Failed as failure:
            if keep_failed:
                self._stack("CREATE_FAILED", str(failure))
            else:
                self._roll_back_create(str(failure))
        else:
            self._stack("CREATE_COMPLETE")

    def update(self, release: Release, *, keep_failed: bool = False) -> None:
        self._stack("UPDATE_IN_PROGRESS", INITIATED)
        before = dict(self.stack.resources)
        try:
            self._apply(release, "update")
        except Failed as failure:
            if keep_failed:
                self._stack("UPDATE_FAILED", str(failure))
            else:
                self._roll_back_update(str(failure), before)
            return
        self._stack("UPDATE_COMPLETE_CLEANUP_IN_PROGRESS")
        self._clean_up(before)
        self._stack("UPDATE_COMPLETE")

    def delete(self) -> None:
        self._stack("DELETE_IN_PROGRESS", INITIATED)
        kept = [name for name, item in self._newest_first() if not self._delete(item)]
        if kept:
            self._stack("DELETE_FAILED", str(Failed("delete", kept)))
        else:
            self.stack.deleted = self.world.now()
            self._stack("DELETE_COMPLETE")

    # Going forward

    def _apply(self, release: Release, verb: str) -> None:
        imports: set[str] = set()
        scope = self.world.scope_of(release, self._reference, self._attribute, imports.add)
        try:
            for item in wanted(release.template, scope).values():
                self._bring(item, scope, release, verb)
            outputs = _outputs(release, check_outputs(release.template, scope))
            self.world.check_exports({item.export: item.value for item in outputs if item.export})
        except CloudFormationError as error:
            raise Failed(verb, [self.stack.name], str(error)) from error
        self.stack.release, self.stack.outputs = release, outputs
        self.stack.imports = frozenset(imports)

    def _bring(self, item: Wanted, scope: Scope, release: Release, verb: str) -> None:
        existing = self.stack.resources.get(item.logical_id)
        action = Action.ADD
        try:
            properties = resolved(item, scope, release.tags)
            action = decide(existing, item, properties)
            deployed = self._carry_out(action, item, properties, existing)
        except (ResourceFailed, CloudFormationError) as error:
            status = "CREATE_FAILED" if existing is None else "UPDATE_FAILED"
            physical_id = existing.physical_id if existing else ""
            self._event(item.logical_id, physical_id, item.kind.name, status, str(error))
            raise Failed(verb, [item.logical_id]) from error
        if action is not Action.KEEP:
            self.done.append((existing, deployed))
        self.stack.resources[item.logical_id] = deployed

    def _carry_out(
        self, action: Action, item: Wanted, properties: Properties, existing: Deployed | None
    ) -> Deployed:
        if action is Action.KEEP and existing is not None:
            return _with_policies(existing, item)
        if action is Action.UPDATE and existing is not None:
            return self._update(item, properties, existing)
        return self._create(item, properties, existing)

    def _create(self, item: Wanted, properties: Properties, existing: Deployed | None) -> Deployed:
        name, kind = item.logical_id, item.kind
        verb = "UPDATE" if existing else "CREATE"
        old_id = existing.physical_id if existing else ""
        self._event(name, old_id, kind.name, f"{verb}_IN_PROGRESS", REPLACING if existing else None)
        if existing and _same_custom_name(item, properties, existing):
            raise ResourceFailed(CUSTOM_NAMED.format(existing.physical_id))
        generated = generated_name(kind, self.stack.name, name, self.world.unique())
        made = self.world.engine.create(kind, self._resource(name, properties, generated))
        initiated = "Resource creation Initiated"
        self._event(name, made.physical_id, kind.name, f"{verb}_IN_PROGRESS", initiated)
        self._event(name, made.physical_id, kind.name, f"{verb}_COMPLETE")
        return Deployed(
            logical_id=name,
            kind=kind.name,
            physical_id=made.physical_id,
            properties=dict(properties),
            attributes=made.attributes,
            depends_on=item.depends_on,
            deletion_policy=item.deletion_policy,
            update_replace_policy=item.update_replace_policy,
            generated_name=generated,
            status=f"{verb}_COMPLETE",
            updated=self.world.now(),
        )

    def _update(self, item: Wanted, properties: Properties, existing: Deployed) -> Deployed:
        name, kind = item.logical_id, item.kind
        self._event(name, existing.physical_id, kind.name, "UPDATE_IN_PROGRESS")
        # Counted as done before it is: a half-made update is undone like a whole one.
        self.done.append((existing, replace(existing, properties=dict(properties))))
        made = self.world.engine.update(kind, self._of(existing, properties))
        self.done.pop()
        self._event(name, existing.physical_id, kind.name, "UPDATE_COMPLETE")
        return replace(
            _with_policies(existing, item),
            properties=dict(properties),
            attributes=made.attributes,
            status="UPDATE_COMPLETE",
            updated=self.world.now(),
        )

    def _clean_up(self, before: Mapping[str, Deployed]) -> None:
        """Delete what was replaced, and what the template no longer has."""
        template = self.stack.release.template
        scope = self.world.scope_of(self.stack.release, self._reference, self._attribute)
        present = wanted(template, scope).keys()
        replaced = {
            old.logical_id: replace(old, deletion_policy=old.update_replace_policy)
            for old, new in self.done
            if old is not None and old.physical_id != new.physical_id
        }
        removed = {name: item for name, item in before.items() if name not in present}
        for name in removed:
            del self.stack.resources[name]
        leaving = {**replaced, **removed}
        for name in reversed(order({name: item.depends_on for name, item in leaving.items()})):
            self._delete(leaving[name])

    # Going back

    def _roll_back_create(self, reason: str) -> None:
        self._stack("ROLLBACK_IN_PROGRESS", reason + "Rollback requested by user.")
        kept = [
            name for name, item in self._newest_first() if not self._delete(item, made_now=True)
        ]
        if kept:
            self._stack("ROLLBACK_FAILED", str(Failed("delete", kept)))
        else:
            self._stack("ROLLBACK_COMPLETE")

    def _roll_back_update(self, reason: str, resources: dict[str, Deployed]) -> None:
        self._stack("UPDATE_ROLLBACK_IN_PROGRESS", reason)
        self.stack.resources = resources
        undone = list(reversed(self.done))
        changed = [(b, a) for b, a in undone if b is not None and b.physical_id == a.physical_id]
        leftovers = [a for b, a in undone if b is None or b.physical_id != a.physical_id]
        stuck = [b.logical_id for b, a in changed if not self._restore(b, a)]
        if stuck:
            self._stack("UPDATE_ROLLBACK_FAILED", str(Failed("update", stuck)))
            return
        self._stack("UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS")
        for item in leftovers:
            self._delete(item, made_now=True)
        self._stack("UPDATE_ROLLBACK_COMPLETE")

    def _restore(self, before: Deployed, after: Deployed) -> bool:
        name, physical_id, kind = before.logical_id, before.physical_id, before.kind
        self._event(name, physical_id, kind, "UPDATE_IN_PROGRESS")
        resource = self._of(after, before.properties)
        try:
            self.world.engine.update(TYPES[kind], resource)
        except ResourceFailed as error:
            self._event(name, physical_id, kind, "UPDATE_FAILED", str(error))
            return False
        self._event(name, physical_id, kind, "UPDATE_COMPLETE")
        return True

    # Shared

    def _delete(self, item: Deployed, *, made_now: bool = False) -> bool:
        """Whether it is gone, or stays because the template says so."""
        name, physical_id, kind = item.logical_id, item.physical_id, item.kind
        spared = ("Retain",) if made_now else ("Retain", "RetainExceptOnCreate")
        if item.deletion_policy in spared:
            self._event(name, physical_id, kind, "DELETE_SKIPPED")
            self._forget(item)
            return True
        self._event(name, physical_id, kind, "DELETE_IN_PROGRESS")
        try:
            self.world.engine.delete(TYPES[kind], self._of(item, item.properties))
        except ResourceFailed as error:
            self._event(name, physical_id, kind, "DELETE_FAILED", str(error))
            return False
        self._event(name, physical_id, kind, "DELETE_COMPLETE")
        self._forget(item)
        return True

    def _forget(self, item: Deployed) -> None:
        if self.stack.resources.get(item.logical_id) == item:
            del self.stack.resources[item.logical_id]

    def _newest_first(self) -> list[tuple[str, Deployed]]:
        resources = dict(self.stack.resources)
        names = order({name: item.depends_on for name, item in resources.items()})
        return [(name, resources[name]) for name in reversed(names)]

    def _reference(self, name: str) -> Any:
        return self.stack.resources[name].physical_id

    def _attribute(self, name: str, attribute: str) -> Any:
        attributes = self.stack.resources[name].attributes
        if attribute not in attributes:
            raise UnknownAttribute(name, attribute)
        return attributes[attribute]

    def _of(self, item: Deployed, properties: Properties) -> Resource:
        """The deployed resource on its way to the given properties."""
        return replace(
            self._resource(item.logical_id, properties, item.generated_name),
            previous=item.properties,
            physical_id=item.physical_id,
        )

    def _resource(self, name: str, properties: Properties, generated: str) -> Resource:
        return Resource(
            logical_id=name,
            stack_name=self.stack.name,
            region=self.stack.region,
            account=self.stack.account,
            properties=properties,
            generated_name=generated,
        )

    def _stack(self, status: str, reason: str | None = None) -> None:
        self.stack.record(self.world.now(), self.world.unique(), status, reason)

    def _event(
        self, name: str, physical_id: str, kind: str, status: str, reason: str | None = None
    ) -> None:
        resource = (name, physical_id, kind)
        self.stack.record(self.world.now(), self.world.unique(), status, reason, resource)


def _same_custom_name(item: Wanted, properties: Properties, existing: Deployed) -> bool:
    name = item.kind.name_property
    return bool(name) and name in properties and properties[name] == existing.properties.get(name)


def _with_policies(existing: Deployed, item: Wanted) -> Deployed:
    return replace(
        existing,
        depends_on=item.depends_on,
        deletion_policy=item.deletion_policy,
        update_replace_policy=item.update_replace_policy,
    )


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
