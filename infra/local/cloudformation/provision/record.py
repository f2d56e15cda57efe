"""How a resource type is declared: which properties it takes, and which boto3 calls carry them.

A type is a table, not a class. Each call names a boto3 method and where its arguments come from:
a property (left out when the template leaves it out) or a small function of the resource.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import jmespath  # type: ignore[import-untyped]

from infra.local.cloudformation.errors import NotSupported
from infra.local.cloudformation.parameters import text

Properties = Mapping[str, Any]


@dataclass(frozen=True)
class Resource:
    """One resource while it is being provisioned.

    `previous` holds the properties it has now (empty while it is created), `answers` what the
    calls so far returned, `item` the current one where a call is made for each of several.
    """

    logical_id: str
    stack_name: str
    region: str
    account: str
    properties: Properties
    previous: Properties = field(default_factory=dict)
    physical_id: str = ""
    generated_name: str = ""
    answers: Mapping[str, Any] = field(default_factory=dict)
    item: Any = None

    def get(self, name: str, default: Any = None) -> Any:
        return self.properties.get(name, default)

    def with_item(self, item: Any) -> "Resource":
        return replace(self, item=item)

    def with_answer(self, operation: str, answer: Any) -> "Resource":
        return replace(self, answers={**self.answers, operation: answer})

    def changed(self, *names: str) -> bool:
        return any(self.get(name) != self.previous.get(name) for name in names)


Source = str | Callable[[Resource], Any]
Condition = Callable[[Resource], bool]


def always(_resource: Resource) -> bool:
    return True


@dataclass(frozen=True)
class Call:
    """One boto3 call. Arguments that come out as None are left out."""

    operation: str
    arguments: Mapping[str, Source]
    when: Condition = always
    each: Callable[[Resource], Iterable[Any]] | None = None

    def kwargs(self, resource: Resource) -> dict[str, Any]:
        found = {
            name: resource.get(source) if isinstance(source, str) else source(resource)
            for name, source in self.arguments.items()
        }
        return {name: value for name, value in found.items() if value is not None}


@dataclass(frozen=True)
class Custom:
    """What no single call can say: `run` gets the resource and the service's client."""

    operation: str
    run: Callable[[Resource, Any], Any]
    when: Condition = always


Step = Call | Custom


@dataclass(frozen=True)
class ResourceType:
    """A type that can be provisioned.

    `immutable` properties replace the resource when they change. `name` is the property that
    CloudFormation invents when absent. The first call of `create` makes the resource; if a later
    one fails, `delete` undoes it. `physical_id` is what `Ref` gives; `attributes` is what `GetAtt`
    gives, from the answers of `create` or of `read`, which is called after every change.
    """

    name: str
    service: str
    properties: str
    create: tuple[Step, ...]
    delete: tuple[Step, ...]
    physical_id: Callable[[Resource], str]
    update: tuple[Step, ...] = ()
    immutable: str = ""
    required: str = ""
    name_property: str = ""
    longest_name: int = 63
    lower_case_name: bool = False
    read: Call | None = None
    attributes: Mapping[str, Callable[[Resource], Any]] = field(default_factory=dict)

    @property
    def replaces_on(self) -> frozenset[str]:
        """Without update calls every change replaces."""
        return frozenset((self.immutable if self.update else self.properties).split())

    def check(self, logical_id: str, properties: Properties) -> None:
        """Refuse properties that would be dropped silently."""
        if unknown := sorted(properties.keys() - set(self.properties.split())):
            raise NotSupported(
                f"Resources/{logical_id}",
                f"the property {', '.join(unknown)} of {self.name}",
                f"Add it to that record in infra/local/cloudformation/provision/{self.module}.py.",
            )

    @property
    def module(self) -> str:
        return {"lambda": "lambda_"}.get(self.service, self.service)


def same(names: str) -> dict[str, Source]:
    """Arguments that are called as the properties are."""
    return {name: name for name in names.split()}


def camel(names: str) -> dict[str, Source]:
    """Arguments spelled as the properties are, but for a lower-case first letter."""
    return {name[0].lower() + name[1:]: name for name in names.split()}


def physical_id(resource: Resource) -> str:
    return resource.physical_id


def name_from(name_property: str) -> Callable[[Resource], str]:
    """The name that the template gives, or the invented one."""
    return lambda resource: text(resource.get(name_property) or resource.generated_name)


def answer(path: str) -> Callable[[Resource], Any]:
    """A JMESPath into the answers so far, such as "create_key.KeyMetadata.Arn"."""
    return lambda resource: jmespath.search(path, resource.answers)


def item(resource: Resource) -> Any:
    return resource.item


def constant(value: Any) -> Callable[[Resource], Any]:
    return lambda _resource: value


def formatted(pattern: str) -> Callable[[Resource], str]:
    """Text with {id}, {region}, {account} and {properties[X]} filled in."""
    return lambda resource: pattern.format(
        id=resource.physical_id,
        region=resource.region,
        account=resource.account,
        properties=resource.properties,
    )


def given(*names: str) -> Condition:
    return lambda resource: any(resource.get(name) is not None for name in names)


def absent(name: str) -> Condition:
    return lambda resource: resource.get(name) is None


def changed(*names: str) -> Condition:
    return lambda resource: resource.changed(*names)


def dropped(name: str) -> Condition:
    """It had the property and no longer does."""
    return lambda resource: resource.get(name) is None and resource.previous.get(name) is not None


def items_of(name: str) -> Callable[[Resource], list[Any]]:
    return lambda resource: list(resource.get(name) or [])


def items_gone(name: str) -> Callable[[Resource], list[Any]]:
    """Items of the previous properties that the new ones lack."""
    return lambda resource: [
        item for item in resource.previous.get(name) or [] if item not in items_of(name)(resource)
    ]


def tag_map(tags: Any) -> dict[str, str]:
    """Tags as a map, from either of the shapes that CloudFormation uses."""
    pairs = tags.items() if isinstance(tags, dict) else ((t["Key"], t["Value"]) for t in tags or [])
    return {text(key): text(value) for key, value in pairs}


def tags(name: str = "Tags") -> Callable[[Resource], dict[str, str] | None]:
    return lambda resource: tag_map(resource.get(name)) or None


def tag_list(name: str = "Tags") -> Callable[[Resource], list[dict[str, str]] | None]:
    return lambda resource: (
        [{"Key": key, "Value": value} for key, value in tag_map(resource.get(name)).items()] or None
    )


def tags_gone(name: str = "Tags") -> Callable[[Resource], list[str]]:
    return lambda resource: sorted(
        tag_map(resource.previous.get(name)).keys() - tag_map(resource.get(name)).keys()
    )
