"""What has to change, and in which order. Pure: no service is asked."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from graphlib import CycleError, TopologicalSorter
from typing import Any

from infra.local.cloudformation.errors import InvalidTemplate
from infra.local.cloudformation.intrinsics import Pending, Scope, UnknownReference
from infra.local.cloudformation.provision import type_of
from infra.local.cloudformation.provision.record import ResourceType
from infra.local.cloudformation.provision.sources import tag_map
from infra.local.cloudformation.records import Change, Deployed, Release
from infra.local.cloudformation.references import references
from infra.local.cloudformation.template import Template


class Action(StrEnum):
    KEEP = "Keep"
    ADD = "Add"
    UPDATE = "Update"
    REPLACE = "Replace"


@dataclass(frozen=True)
class Wanted:
    """A resource of the template whose condition holds; properties still unresolved."""

    logical_id: str
    kind: ResourceType
    properties: Mapping[str, Any]
    depends_on: frozenset[str]
    deletion_policy: str
    update_replace_policy: str


def wanted(template: Template, scope: Scope) -> dict[str, Wanted]:
    """The template's resources, each after those it depends on."""
    present = {
        name: definition
        for name, definition in template["Resources"].items()
        if "Condition" not in definition or scope.condition(definition["Condition"])
    }
    found = {name: _wanted(name, item, present, scope) for name, item in present.items()}
    _check_depends_on(template)
    return {name: found[name] for name in order({n: w.depends_on for n, w in found.items()})}


def order(dependencies: Mapping[str, Iterable[str]]) -> list[str]:
    """Names so that each comes after what it depends on."""
    graph = {name: sorted(before) for name, before in dependencies.items()}
    try:
        return [name for name in TopologicalSorter(graph).static_order() if name in graph]
    except CycleError as error:
        cycle = ", ".join(dict.fromkeys(error.args[1]))
        raise InvalidTemplate(f"Circular dependency between resources: [{cycle}]") from error


def decide(existing: Deployed | None, item: Wanted, properties: Mapping[str, Any]) -> Action:
    if existing is None:
        return Action.ADD
    if existing.kind != item.kind.name:
        return Action.REPLACE
    changed = {
        name
        for name in properties.keys() | existing.properties.keys()
        if properties.get(name) != existing.properties.get(name)
    }
    if not changed:
        return Action.KEEP
    return Action.REPLACE if changed & item.kind.replaces_on else Action.UPDATE


def resolved(item: Wanted, scope: Scope, stack_tags: Mapping[str, str]) -> dict[str, Any]:
    """The resource's properties, checked, with the stack's tags where the type takes tags."""
    properties: dict[str, Any] = scope.resolve(dict(item.properties))
    item.kind.check(item.logical_id, properties)
    if missing := sorted(set(item.kind.required.split()) - properties.keys()):
        raise InvalidTemplate(
            f"Resources/{item.logical_id}: the property {', '.join(missing)} is required"
        )
    if stack_tags and "Tags" in item.kind.properties.split():
        merged = {**stack_tags, **tag_map(properties.get("Tags"))}
        properties["Tags"] = [{"Key": key, "Value": value} for key, value in merged.items()]
    return properties


@dataclass
class Foresight:
    """What Ref and GetAtt will give, as far as that is known before anything is done."""

    deployed: Mapping[str, Deployed]
    kinds: dict[str, ResourceType] = field(default_factory=dict)
    fresh: set[str] = field(default_factory=set)  # physical ids not known yet

    def reference(self, name: str) -> Any:
        if name not in self.kinds:
            raise UnknownReference(name)
        return Pending(name) if name in self.fresh else self.deployed[name].physical_id

    def attribute(self, name: str, attribute: str) -> Any:
        if name not in self.kinds:
            raise UnknownReference(name)
        if attribute not in self.kinds[name].attributes:
            raise UnknownAttribute(name, attribute)
        if name in self.fresh:
            return Pending(f"{name}.{attribute}")
        return self.deployed[name].attributes[attribute]


def changes(
    release: Release, deployed: Mapping[str, Deployed], scope_of: Callable[..., Scope]
) -> list[Change]:
    """The lines of a change set. `scope_of(reference, attribute)` completes a scope.

    What depends on a resource that is yet to be made counts as changed, as it does on AWS.
    """
    foresight = Foresight(deployed)
    scope = scope_of(foresight.reference, foresight.attribute)
    items = wanted(release.template, scope)
    foresight.kinds.update({name: item.kind for name, item in items.items()})
    lines = []
    for name, item in items.items():
        existing = deployed.get(name)
        action = decide(existing, item, resolved(item, scope, release.tags))
        if action in (Action.ADD, Action.REPLACE):
            foresight.fresh.add(name)
        if action is not Action.KEEP:
            lines.append(_line(action, item, existing))
    check_outputs(release.template, scope)
    gone = [(name, old) for name, old in deployed.items() if name not in items]
    return lines + [Change("Remove", name, old.kind, old.physical_id) for name, old in gone]


def check_outputs(template: Template, scope: Scope) -> dict[str, Any]:
    """Resolved outputs whose condition holds: key → value, description, export name."""
    return {
        key: scope.resolve({"Value": output["Value"], "Export": output.get("Export", {})})
        for key, output in template.get("Outputs", {}).items()
        if "Condition" not in output or scope.condition(output["Condition"])
    }


class UnknownAttribute(InvalidTemplate):
    def __init__(self, name: str, attribute: str) -> None:
        super().__init__(
            f"Template error: resource {name} does not support attribute type {attribute} "
            "in Fn::GetAtt"
        )


def _line(action: Action, item: Wanted, existing: Deployed | None) -> Change:
    if existing is None:
        return Change("Add", item.logical_id, item.kind.name)
    replacement = "True" if action is Action.REPLACE else "False"
    return Change("Modify", item.logical_id, item.kind.name, existing.physical_id, replacement)


def _check_depends_on(template: Template) -> None:
    """DependsOn may name a resource whose condition is false, but none that is not there."""
    for definition in template["Resources"].values():
        if unknown := sorted(_depends_on(definition) - template["Resources"].keys()):
            raise UnknownReference(", ".join(unknown))


def _depends_on(definition: Mapping[str, Any]) -> set[str]:
    named = definition.get("DependsOn", [])
    return {named} if isinstance(named, str) else set(named)


def _wanted(
    name: str, definition: Mapping[str, Any], present: Mapping[str, Any], scope: Scope
) -> Wanted:
    kind = type_of(name, definition.get("Type", ""))
    properties = definition.get("Properties") or {}
    mentioned = {n for n in references(properties, scope.condition) if n not in scope.values} - {
        "AWS::NoValue"
    }
    if unknown := sorted(mentioned - present.keys()):
        raise UnknownReference(", ".join(unknown))
    return Wanted(
        logical_id=name,
        kind=kind,
        properties=properties,
        depends_on=frozenset((mentioned | _depends_on(definition)) & present.keys()),
        deletion_policy=definition.get("DeletionPolicy", "Delete"),
        update_replace_policy=definition.get("UpdateReplacePolicy", "Delete"),
    )
