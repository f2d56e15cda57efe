"""How a resource type is declared: which properties it takes, and which boto3 calls carry them.

A type is a table, not a class. Each call names a boto3 method and where its arguments come from:
a property (left out when the template leaves it out) or a small function of the resource, most of
which are in `sources`.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from infra.local.cloudformation.errors import NotSupported

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

    `immutable` properties replace the resource when they change. `members` lists what a property
    may hold where the calls would drop the rest; the services refuse the rest of the others.
    `name_property` is the one that CloudFormation invents when absent. The first call of `create`
    makes the resource; if a later one fails, `delete` undoes it. `physical_id` is what `Ref` gives;
    `attributes` is what `GetAtt` gives, from the answers of `create` or of `read`, which is called
    after every change.
    """

    name: str
    service: str
    properties: str
    create: tuple[Step, ...]
    delete: tuple[Step, ...]
    physical_id: Callable[[Resource], str]
    update: tuple[Step, ...] = ()
    immutable: str = ""
    members: Mapping[str, str] = field(default_factory=dict)
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
        """Refuse what would be dropped silently."""
        known = set(self.properties.split())
        unknown = [name for name in properties if name not in known]
        for name, members in self.members.items():
            unknown += [f"{name}.{key}" for key in _keys(properties.get(name), members.split())]
        if unknown:
            raise NotSupported(
                f"Resources/{logical_id}",
                f"the property {', '.join(sorted(unknown))} of {self.name}",
                "Add it to its record in infra/local/cloudformation/provision/.",
            )


def _keys(value: Any, known: Iterable[str]) -> set[str]:
    """The other keys of a mapping, or of the mappings in a list."""
    holders = value if isinstance(value, list) else [value]
    return {key for holder in holders if isinstance(holder, dict) for key in holder} - set(known)
