"""The resources of one stack: made, changed, put back and deleted one by one, with their events."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from infra.local.cloudformation.errors import ResourceFailed
from infra.local.cloudformation.intrinsics import Scope, UnknownReference
from infra.local.cloudformation.plan import UnknownAttribute, Wanted, order
from infra.local.cloudformation.provision import TYPES
from infra.local.cloudformation.provision.engine import Engine
from infra.local.cloudformation.provision.naming import generated_name
from infra.local.cloudformation.provision.record import Properties, Resource
from infra.local.cloudformation.records import Clock, Deployed, Stack

INITIATED = "Resource creation Initiated"
REPLACING = "Requested update requires the creation of a new physical resource; hence creating one."
CUSTOM_NAMED = (
    "CloudFormation cannot update a stack when a custom-named resource requires replacing. "
    "Rename {} and update the stack again."
)


@dataclass(frozen=True)
class World:
    """What an operation needs from outside.

    `scope_of(release, reference, attribute)` completes a scope; `check_exports` refuses exports
    (name → value) that would break other stacks.
    """

    engine: Engine
    now: Clock
    unique: Callable[[], str]
    scope_of: Callable[..., Scope]
    check_exports: Callable[[Mapping[str, str]], None]


@dataclass(frozen=True)
class StackResources:
    """Steps on single resources. Each keeps the stack's record and events true."""

    stack: Stack
    world: World

    def reference(self, name: str) -> str:
        return self._deployed(name).physical_id

    def attribute(self, name: str, attribute: str) -> Any:
        attributes = self._deployed(name).attributes
        if attribute not in attributes:
            raise UnknownAttribute(name, attribute)
        return attributes[attribute]

    def newest_first(self) -> list[Deployed]:
        """In the order in which they can be deleted."""
        found = dict(self.stack.resources)
        names = order({name: item.depends_on for name, item in found.items()})
        return [found[name] for name in reversed(names)]

    def create(self, item: Wanted, properties: Properties, existing: Deployed | None) -> Deployed:
        """A new physical resource; beside the existing one, which it will replace."""
        name, kind = item.logical_id, item.kind
        verb = "UPDATE" if existing else "CREATE"
        self._event(item, existing, f"{verb}_IN_PROGRESS", REPLACING if existing else None)
        if existing and _same_custom_name(item, properties, existing):
            raise ResourceFailed(CUSTOM_NAMED.format(existing.physical_id))
        generated = generated_name(kind, self.stack.name, name, self.world.unique())
        made = self.world.engine.create(kind, self._resource(name, properties, generated))
        deployed = Deployed(
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
        self._event(item, deployed, f"{verb}_IN_PROGRESS", INITIATED)
        self._event(item, deployed, f"{verb}_COMPLETE")
        self.stack.resources[name] = deployed
        return deployed

    def update(self, item: Wanted, properties: Properties, existing: Deployed) -> Deployed:
        self._event(item, existing, "UPDATE_IN_PROGRESS")
        made = self.world.engine.update(item.kind, self._moving(existing, properties))
        deployed = replace(
            existing,
            properties=dict(properties),
            attributes=made.attributes,
            status="UPDATE_COMPLETE",
            updated=self.world.now(),
        )
        self._event(item, existing, "UPDATE_COMPLETE")
        return self.keep(item, deployed)

    def keep(self, item: Wanted, existing: Deployed) -> Deployed:
        """Nothing to do for the service; the template may still say new things about deletion."""
        deployed = replace(
            existing,
            depends_on=item.depends_on,
            deletion_policy=item.deletion_policy,
            update_replace_policy=item.update_replace_policy,
        )
        self.stack.resources[item.logical_id] = deployed
        return deployed

    def restore(self, before: Deployed, properties: Properties) -> bool:
        """From the given properties back to those before. Whether that worked."""
        self._record(before, "UPDATE_IN_PROGRESS")
        half_way = replace(before, properties=dict(properties))
        try:
            self.world.engine.update(TYPES[before.kind], self._moving(half_way, before.properties))
        except ResourceFailed as error:
            self._record(before, "UPDATE_FAILED", str(error))
            return False
        self._record(before, "UPDATE_COMPLETE")
        return True

    def delete(self, item: Deployed, *, made_now: bool = False) -> bool:
        """Whether it is gone, or stays because the template says so."""
        spared = ("Retain",) if made_now else ("Retain", "RetainExceptOnCreate")
        if item.deletion_policy in spared:
            self._record(item, "DELETE_SKIPPED")
            self._forget(item)
            return True
        self._record(item, "DELETE_IN_PROGRESS")
        try:
            self.world.engine.delete(TYPES[item.kind], self._moving(item, item.properties))
        except ResourceFailed as error:
            self._record(item, "DELETE_FAILED", str(error))
            return False
        self._record(item, "DELETE_COMPLETE")
        self._forget(item)
        return True

    def failed(self, item: Wanted, existing: Deployed | None, reason: str) -> None:
        self._event(item, existing, "UPDATE_FAILED" if existing else "CREATE_FAILED", reason)

    def status(self, status: str, reason: str | None = None) -> None:
        """Of the stack itself."""
        self.stack.record(self.world.now(), self.world.unique(), status, reason)

    def _deployed(self, name: str) -> Deployed:
        if name not in self.stack.resources:
            raise UnknownReference(name)
        return self.stack.resources[name]

    def _forget(self, item: Deployed) -> None:
        if self.stack.resources.get(item.logical_id) == item:
            del self.stack.resources[item.logical_id]

    def _moving(self, item: Deployed, properties: Properties) -> Resource:
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

    def _event(
        self, item: Wanted, existing: Deployed | None, status: str, reason: str | None = None
    ) -> None:
        physical_id = existing.physical_id if existing else ""
        resource = (item.logical_id, physical_id, item.kind.name)
        self.stack.record(self.world.now(), self.world.unique(), status, reason, resource)

    def _record(self, item: Deployed, status: str, reason: str | None = None) -> None:
        resource = (item.logical_id, item.physical_id, item.kind)
        self.stack.record(self.world.now(), self.world.unique(), status, reason, resource)


def _same_custom_name(item: Wanted, properties: Properties, existing: Deployed) -> bool:
    name = item.kind.name_property
    return bool(name) and name in properties and properties[name] == existing.properties.get(name)
