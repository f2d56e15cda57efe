"""The resources of one stack: made, changed and deleted one by one, with their events."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace

from infra.local.cloudformation import types_codedeploy
from infra.local.cloudformation.engine import Engine
from infra.local.cloudformation.errors import ResourceFailed
from infra.local.cloudformation.plan import TYPES, Wanted
from infra.local.cloudformation.resource_type import Properties, Resource, ResourceType
from infra.local.cloudformation.stacks import Deployed, Stack, Stacks

UNIQUE_LENGTH = 12


@dataclass(frozen=True)
class StackResources:
    """Each step keeps the stack's record and events true, and raises ResourceFailed.

    `pause` is called again and again while a step has to wait.
    """

    stacks: Stacks
    stack: Stack
    engine: Engine
    pause: Callable[[], None]

    def create(self, item: Wanted, existing: Deployed | None) -> Deployed:
        """A new physical resource; beside the existing one, which it will replace."""
        verb = "UPDATE" if existing else "CREATE"
        with self._told(item, verb):
            _check_name_is_free(item, existing)
            name = generated_name(item, self.stack.stack_name, self.stacks.unique())
            made = self.engine.create(self._resource(item.kind, name, item.properties))
            attributes = item.kind.attributes.items()
            deployed = Deployed(
                logical_resource_id=item.logical_resource_id,
                physical_resource_id=made.physical_id,
                resource_type=item.resource_type,
                resource_status=f"{verb}_COMPLETE",
                timestamp=self.stacks.now(),
                properties=item.properties,
                attributes={name: made.value(source) for name, source in attributes},
                policies=item.policies,
            )
            self.stack.resources[item.logical_resource_id] = deployed
        return deployed

    def update(self, item: Wanted | Deployed, existing: Deployed) -> None:
        """From the existing properties to those of the item."""
        with self._told(item, "UPDATE"):
            self.engine.update(self._changing(existing, item.properties))

    def is_shift(self, item: Wanted, existing: Deployed) -> bool:
        """Whether CodeDeploy makes this update, and undoes it when it fails."""
        moving = self._changing(existing, item.properties)
        return types_codedeploy.takes_over(item.update_policy, moving)

    def shift(self, item: Wanted, existing: Deployed) -> None:
        """As `update`, by CodeDeploy."""
        codedeploy = self.engine.client("codedeploy")
        with self._told(item, "UPDATE"):
            self.engine.run(
                self._changing(existing, item.properties),
                lambda moving, _: types_codedeploy.shift(
                    item.update_policy, moving, codedeploy, self.pause
                ),
            )

    def keep(self, item: Wanted, existing: Deployed) -> None:
        """The same physical resource, under what the template says now."""
        same = item.properties == existing.properties
        self.stack.resources[item.logical_resource_id] = replace(
            existing,
            resource_status=existing.resource_status if same else "UPDATE_COMPLETE",
            properties=item.properties,
            policies=item.policies,
        )

    def delete(self, item: Deployed) -> None:
        """Unless the template says that it stays."""
        if item.policies.deletion == "Retain":
            self._record(item, "DELETE_SKIPPED")
        else:
            with self._told(item, "DELETE"):
                self.engine.delete(self._changing(item, item.properties))
        if self.stack.resources.get(item.logical_resource_id) == item:
            del self.stack.resources[item.logical_resource_id]

    @contextmanager
    def _told(self, item: Wanted | Deployed, verb: str) -> Iterator[None]:
        self._record(item, f"{verb}_IN_PROGRESS")
        try:
            yield
        except ResourceFailed as error:
            self._record(item, f"{verb}_FAILED", str(error))
            raise
        self._record(item, f"{verb}_COMPLETE")

    def _record(self, item: Wanted | Deployed, status: str, reason: str | None = None) -> None:
        name = item.logical_resource_id
        now = item if isinstance(item, Deployed) else self.stack.resources.get(name)
        physical_id = now.physical_resource_id if now else ""
        self.stacks.record(self.stack, status, reason, (name, physical_id, item.resource_type))

    def _changing(self, item: Deployed, properties: Properties) -> Resource:
        """The deployed resource on its way to the given properties."""
        kind, name = TYPES[item.resource_type], item.physical_resource_id
        previous = kind.completed(item.properties, name)
        moving = self._resource(kind, name, properties)
        return replace(moving, previous=previous, physical_id=name)

    def _resource(self, kind: ResourceType, name: str, properties: Properties) -> Resource:
        completed = kind.completed(properties, name)
        return Resource(kind, self.stacks.region, self.stacks.account, name, completed)


def generated_name(item: Wanted, stack: str, unique: str) -> str:
    """Cut to what the service allows; `unique` is any text with 12 letters or digits."""
    logical_id = item.logical_resource_id
    tail = "".join(letter for letter in unique if letter.isalnum())[-UNIQUE_LENGTH:].upper()
    room = item.kind.longest_name - len(tail) - 2
    stack_room = max(room - len(logical_id), room // 2)
    name = f"{stack[:stack_room]}-{logical_id[: room - len(stack[:stack_room])]}-{tail}"
    return name.lower() if item.kind.lower_case_name else name


def _check_name_is_free(item: Wanted, existing: Deployed | None) -> None:
    """Where the name is what tells resources apart, two cannot have it for a while."""
    named = item.kind.name_property
    taken = existing and item.properties.get(named) == existing.physical_resource_id
    if existing and taken and not item.kind.id:
        raise ResourceFailed(
            "CloudFormation cannot update a stack when a custom-named resource requires "
            f"replacing. Rename {existing.physical_resource_id} and update the stack again."
        )
