"""What has to change, and in which order. Pure: no service is asked."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum, auto
from typing import Any

from infra.local.cloudformation.engine import tag_map
from infra.local.cloudformation.errors import InvalidTemplate, NotSupported
from infra.local.cloudformation.intrinsics import Scope, UnknownReference, unknown
from infra.local.cloudformation.resource_type import ResourceType
from infra.local.cloudformation.stacks import Deployed, Policies, Release, Told
from infra.local.cloudformation.types_api_gateway import API_GATEWAY
from infra.local.cloudformation.types_codedeploy import CODEDEPLOY
from infra.local.cloudformation.types_lambda import LAMBDA
from infra.local.cloudformation.types_operations import OPERATIONS
from infra.local.cloudformation.types_storage import STORAGE

KINDS = (*API_GATEWAY, *CODEDEPLOY, *LAMBDA, *OPERATIONS, *STORAGE)
TYPES = {kind.name: kind for kind in KINDS}


class Action(Enum):
    KEEP = auto()
    UPDATE = auto()
    CREATE = auto()  # a new physical resource, perhaps instead of an existing one


@dataclass(frozen=True)
class Wanted:
    """A resource as a release wants it, its properties resolved."""

    logical_resource_id: str
    kind: ResourceType
    properties: dict[str, Any]
    policies: Policies
    update_policy: dict[str, Any]

    @property
    def resource_type(self) -> str:
        return self.kind.name


def wanted(name: str, release: Release, scope: Scope) -> Wanted:
    """Resolved and checked, with the stack's tags where the type takes tags."""
    definition = release.template["Resources"][name]
    kind = _type_of(name, definition["Type"])
    properties = scope.resolve(definition.get("Properties") or {})
    kind.check(name, properties)
    if "Tags" in kind.known:
        tags = {**release.stack_tags, **tag_map(properties.pop("Tags", None))}
        if tags:
            properties["Tags"] = [{"Key": key, "Value": value} for key, value in tags.items()]
    update_policy = scope.resolve(definition.get("UpdatePolicy", {}))
    return Wanted(name, kind, properties, policies_of(definition), update_policy)


def policies_of(definition: Mapping[str, Any]) -> Policies:
    deletion = definition.get("DeletionPolicy", "Delete")
    return Policies(deletion, definition.get("UpdateReplacePolicy", "Delete"))


def decide(existing: Deployed | None, item: Wanted) -> Action:
    if existing is None or existing.resource_type != item.resource_type:
        return Action.CREATE
    before, after = existing.properties, item.properties
    names = before.keys() | after.keys()
    changed = {name for name in names if before.get(name) != after.get(name)}
    if not changed:
        return Action.KEEP
    return Action.CREATE if changed & item.kind.replaces_on else Action.UPDATE


def resolved_outputs(release: Release, scope: Scope) -> list[Told]:
    return [
        {
            "OutputKey": key,
            "OutputValue": str(scope.resolve(output["Value"])),
            "Description": output.get("Description"),
            "ExportName": scope.resolve(output.get("Export", {})).get("Name"),
        }
        for key, output in release.template.get("Outputs", {}).items()
        if scope.has(output)
    ]


def attribute_of(known: Mapping[str, Any], name: str, attribute: str) -> Any:
    if attribute not in known:
        raise InvalidTemplate(
            f"Template error: resource {name} does not support attribute type {attribute} "
            "in Fn::GetAtt"
        )
    return known[attribute]


class Plan:
    """The lines of a change set, and the release's resources, each after those it refers to.

    `scope_of(reference, attribute)` completes a scope. Resources are visited as they are
    referred to; what depends on one that is yet to be made counts as changed, as on AWS.
    """

    def __init__(
        self,
        release: Release,
        deployed: Mapping[str, Deployed],
        scope_of: Callable[..., Scope],
    ) -> None:
        self.release, self.deployed = release, deployed
        self.changes: list[Told] = []
        self._foreseen: dict[str, tuple[str, dict[str, Any]]] = {}  # physical id, attributes
        self._under_way: list[str] = []
        self._scope = scope_of(
            lambda name: self._visit(name)[0],
            lambda name, attribute: attribute_of(self._visit(name)[1], name, attribute),
        )
        self._resources = release.template["Resources"]
        for name, definition in self._resources.items():
            if self._scope.has(definition):
                self._visit(name)
        resolved_outputs(release, self._scope)  # which may refer to nothing
        self.changes += [
            _change("Remove", name, old.resource_type, old)
            for name, old in deployed.items()
            if name not in self._foreseen
        ]

    @property
    def order(self) -> list[str]:
        return list(self._foreseen)

    def _visit(self, name: str) -> tuple[str, dict[str, Any]]:
        if name in self._foreseen:
            return self._foreseen[name]
        if name not in self._resources or not self._scope.has(self._resources[name]):
            raise UnknownReference(name)
        if name in self._under_way:
            circle = ", ".join(self._under_way)
            raise InvalidTemplate(f"Circular dependency between resources: [{circle}]")
        self._under_way.append(name)
        self._visit_dependencies(name)
        self._foreseen[name] = self._foresee(wanted(name, self.release, self._scope))
        self._under_way.pop()
        return self._foreseen[name]

    def _visit_dependencies(self, name: str) -> None:
        """DependsOn may name a resource whose condition is false, but none that is not there."""
        named = self._resources[name].get("DependsOn", [])
        for other in [named] if isinstance(named, str) else named:
            if other not in self._resources:
                raise UnknownReference(other)
            if self._scope.has(self._resources[other]):
                self._visit(other)

    def _foresee(self, item: Wanted) -> tuple[str, dict[str, Any]]:
        existing = self.deployed.get(item.logical_resource_id)
        action, name = decide(existing, item), item.logical_resource_id
        if action is not Action.KEEP:
            replacement = str(action is Action.CREATE) if existing else None
            verb = "Modify" if existing else "Add"
            self.changes.append(_change(verb, name, item.kind.name, existing, replacement))
        if existing is None or action is Action.CREATE:
            return unknown(name), {key: unknown(f"{name}.{key}") for key in item.kind.attributes}
        return existing.physical_resource_id, existing.attributes


def _type_of(logical_id: str, name: str) -> ResourceType:
    if name not in TYPES:
        next_step = "Add a record for it to infra/local/cloudformation/types_*.py."
        raise NotSupported(f"Resources/{logical_id}", f"the resource type {name}", next_step)
    return TYPES[name]


def _change(
    action: str, name: str, kind: str, existing: Deployed | None, replacement: str | None = None
) -> Told:
    line = {
        "Action": action,
        "LogicalResourceId": name,
        "PhysicalResourceId": existing.physical_resource_id if existing else None,
        "ResourceType": kind,
        "Replacement": replacement,
    }
    return {"Type": "Resource", "ResourceChange": line}
