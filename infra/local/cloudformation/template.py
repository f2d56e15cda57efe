"""Template text → dict, and the checks that need no parameter values."""

import json
from collections.abc import Iterator
from typing import Any

import yaml
from samtranslator.yaml_helper import intrinsics_multi_constructor

from infra.local.cloudformation.errors import InvalidTemplate, NotSupported

Template = dict[str, Any]

SECTIONS = frozenset(
    [
        "AWSTemplateFormatVersion",
        "Conditions",
        "Description",
        "Globals",
        "Mappings",
        "Metadata",
        "Outputs",
        "Parameters",
        "Resources",
        "Rules",
        "Transform",
    ]
)
RESOURCE_ATTRIBUTES = frozenset(
    [
        "Condition",
        "DeletionPolicy",
        "DependsOn",
        "Metadata",
        "Properties",
        "Type",
        "UpdateReplacePolicy",
    ]
)
DELETION_POLICIES = ("Delete", "Retain", "RetainExceptOnCreate")


class _Loader(yaml.SafeLoader):
    """YAML with CloudFormation's short tags; dates such as 2012-10-17 stay strings."""


_Loader.add_multi_constructor("!", intrinsics_multi_constructor)
_Loader.yaml_implicit_resolvers = {
    first: [(tag, rule) for tag, rule in rules if tag != "tag:yaml.org,2002:timestamp"]
    for first, rules in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def parse(text: str) -> Template:
    try:
        template = json.loads(text) if text.lstrip().startswith("{") else _load_yaml(text)
    except (ValueError, yaml.YAMLError) as error:
        raise InvalidTemplate(f"Template format error: not well-formed. ({error})") from error
    if not isinstance(template, dict) or not template.get("Resources"):
        raise InvalidTemplate(
            "Template format error: At least one Resources member must be defined."
        )
    if unknown := sorted(template.keys() - SECTIONS):
        raise InvalidTemplate(f"Invalid template property or properties {unknown}")
    return template


def check_resources(template: Template) -> None:
    """Refuse resource attributes and deletion policies that would be ignored."""
    for name, resource in template["Resources"].items():
        if not isinstance(resource, dict) or not isinstance(resource.get("Type"), str):
            raise InvalidTemplate(f"Template format error: Resources/{name} has no Type")
        if unknown := sorted(resource.keys() - RESOURCE_ATTRIBUTES):
            raise NotSupported(
                f"Resources/{name}",
                f"the attribute {', '.join(unknown)}",
                "Add it to RESOURCE_ATTRIBUTES in infra/local/cloudformation/template.py.",
            )
        for policy in ("DeletionPolicy", "UpdateReplacePolicy"):
            if resource.get(policy, "Delete") not in DELETION_POLICIES:
                raise NotSupported(
                    f"Resources/{name}", f"{policy} {resource[policy]}", "Use Delete or Retain."
                )


def walk(value: Any) -> Iterator[dict[str, Any]]:
    """Every mapping within the value, outermost first."""
    if isinstance(value, dict):
        yield value
        for item in value.values():
            yield from walk(item)
    elif isinstance(value, list):
        for item in value:
            yield from walk(item)


def _load_yaml(text: str) -> Any:
    return yaml.load(text, Loader=_Loader)  # noqa: S506  (a SafeLoader)
