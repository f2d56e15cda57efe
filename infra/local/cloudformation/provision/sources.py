"""Where the arguments of calls come from, and when calls are made."""

from collections.abc import Callable
from typing import Any

import jmespath  # type: ignore[import-untyped]

from infra.local.cloudformation.parameters import text
from infra.local.cloudformation.provision.record import Condition, Resource, Source


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
    """Text with {id}, {region} and {account} filled in."""
    return lambda resource: pattern.format(
        id=resource.physical_id, region=resource.region, account=resource.account
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


def tags(resource: Resource) -> dict[str, str] | None:
    return tag_map(resource.get("Tags")) or None


def tag_list(resource: Resource) -> list[dict[str, str]] | None:
    return [{"Key": key, "Value": value} for key, value in (tags(resource) or {}).items()] or None


def tags_gone(resource: Resource) -> list[str]:
    return sorted(tag_map(resource.previous.get("Tags")).keys() - (tags(resource) or {}).keys())
