"""How a resource type is declared: as a table of boto3 calls.

A call takes its arguments from the properties of the same name; what is called otherwise, or has
to be worked out, is listed. `engine` makes the calls.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import jmespath  # type: ignore[import-untyped]

from infra.local.cloudformation.errors import NotSupported

Properties = Mapping[str, Any]


@dataclass(frozen=True)
class Resource:
    """One resource on its way to the given properties.

    `previous` are those it has now (none while it is created); `name` is what it is called where
    the template does not say; `answer` is what creating it returned. Both properties hold the
    defaults of the type and the name.
    """

    kind: "ResourceType"
    region: str
    account: str
    name: str
    properties: Properties
    previous: Properties = field(default_factory=dict)
    physical_id: str = ""
    answer: Any = None

    def get(self, name: str, default: Any = None) -> Any:
        return self.properties.get(name, default)

    def changed(self) -> set[str]:
        names = self.properties.keys() | self.previous.keys()
        return {name for name in names if self.get(name) != self.previous.get(name)}

    def value(self, source: "Source") -> Any:
        return self.get(source) if isinstance(source, str) else source(self)


Source = str | Callable[[Resource], Any]


@dataclass(frozen=True)
class Call:
    """A boto3 call with arguments of its own."""

    operation: str
    arguments: Mapping[str, Source] = field(default_factory=dict)


Step = str | Call | Callable[[Resource, Any], Any]  # the last gets the service's client


@dataclass(frozen=True)
class Setting:
    """A property with calls of its own: where it is given or new, and where it no longer is."""

    put: Step
    unset: Step | None = None
    at_creation: bool = True


@dataclass(frozen=True)
class ResourceType:
    """A type that can be provisioned.

    Properties change in place if they are `settings`, or if there are `update` steps and they are
    not `immutable`; other changes replace the resource. `members` lists what a property may hold
    where the calls would drop the rest; the services refuse the rest of the others.
    `name_property` is the one that CloudFormation invents when absent. `arguments` are those of
    all calls; `id` is what `Ref` gives, `attributes` what `GetAtt` gives.
    """

    name: str
    properties: str
    create: Step
    delete: tuple[Step, ...]
    id: Source = ""  # the name property
    update: tuple[Step, ...] = ()
    settings: Mapping[str, Setting] = field(default_factory=dict)
    arguments: Mapping[str, Source] = field(default_factory=dict)
    defaults: Properties = field(default_factory=dict)
    immutable: str = ""
    members: dict[str, str] = field(default_factory=dict)
    name_property: str = ""
    longest_name: int = 63
    lower_case_name: bool = False
    attributes: Mapping[str, Source] = field(default_factory=dict)

    @property
    def service(self) -> str:
        return self.name.split("::")[1].lower()

    @cached_property
    def known(self) -> frozenset[str]:
        return frozenset(self.properties.split())

    @cached_property
    def replaces_on(self) -> frozenset[str]:
        fixed = {*self.immutable.split(), self.name_property} if self.update else self.known
        return frozenset(fixed - self.settings.keys())

    def check(self, logical_id: str, properties: Properties) -> None:
        """Refuse what would be dropped silently."""
        unknown = sorted(properties.keys() - self.known)
        tags = {"Tags": "Key Value"} if isinstance(properties.get("Tags"), list) else {}
        for name, members in (self.members | tags).items():
            unknown += [f"{name}.{key}" for key in _keys(properties.get(name), members)]
        if unknown:
            what = f"the property {', '.join(unknown)} of {self.name}"
            next_step = "Add it to its record in infra/local/cloudformation/types_*.py."
            raise NotSupported(f"Resources/{logical_id}", what, next_step)

    def completed(self, properties: Properties, name: str) -> Properties:
        named = {self.name_property: name} if self.name_property else {}
        return {**self.defaults, **named, **properties}


def _keys(value: Any, known: str) -> list[str]:
    """The other keys of a mapping, or of the mappings in a list."""
    holders = value if isinstance(value, list) else [value]
    found = {key for holder in holders if isinstance(holder, dict) for key in holder}
    return sorted(found - set(known.split()))


def physical_id(resource: Resource) -> str:
    return resource.physical_id


def name_of(resource: Resource) -> str:
    return resource.name


def answer(path: str) -> Callable[[Resource], Any]:
    """A JMESPath into what creating the resource returned."""
    return lambda resource: jmespath.search(path, resource.answer)


def constant(value: Any) -> Callable[[Resource], Any]:
    return lambda _resource: value


def formatted(pattern: str) -> Callable[[Resource], str]:
    """Text with {id}, {region}, {account} and properties filled in."""
    return lambda resource: pattern.format(
        id=resource.physical_id,
        region=resource.region,
        account=resource.account,
        **resource.properties,
    )
