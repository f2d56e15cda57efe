"""Parameter values, held against what the template allows."""

import re
from collections.abc import Callable, Mapping
from typing import Any

from infra.local.cloudformation.errors import InvalidParameter, InvalidTemplate, NotSupported
from infra.local.cloudformation.template import Template

LONGEST_VALUE = 4096  # bytes
MASK = "****"

Definition = Mapping[str, Any]
Rule = tuple[str, Callable[[str, Any], bool], str]

# constraint, whether a value keeps it, CloudFormation's words for it
RULES: tuple[Rule, ...] = (
    (
        "AllowedValues",
        lambda value, allowed: value in [text(item) for item in allowed],
        "Parameter must be one of {}",
    ),
    (
        "AllowedPattern",
        lambda value, pattern: re.fullmatch(pattern, value) is not None,
        "Parameter must match pattern {}",
    ),
    ("MinLength", lambda value, least: len(value) >= int(least), "must contain at least {}"),
    ("MaxLength", lambda value, most: len(value) <= int(most), "must contain at most {}"),
    ("MinValue", lambda value, least: float(value) >= float(least), "must be at least {}"),
    ("MaxValue", lambda value, most: float(value) <= float(most), "must be at most {}"),
)
LISTS = ("CommaDelimitedList", "List<String>", "List<Number>")
SCALARS = ("String", "Number")


def resolve(template: Template, given: Mapping[str, str]) -> dict[str, str]:
    """Values as the text that CloudFormation keeps: given ones, else defaults, all checked."""
    definitions: dict[str, Definition] = template.get("Parameters", {})
    if unknown := sorted(given.keys() - definitions.keys()):
        raise InvalidTemplate(f"Parameters: [{', '.join(unknown)}] do not exist in the template")
    values = {
        name: given[name] if name in given else text(definition["Default"])
        for name, definition in definitions.items()
        if name in given or "Default" in definition
    }
    if missing := sorted(definitions.keys() - values.keys()):
        raise InvalidTemplate(f"Parameters: [{', '.join(missing)}] must have values")
    for name, value in values.items():
        _check(name, value, definitions[name])
    return values


def for_reference(template: Template, values: Mapping[str, str]) -> dict[str, str | list[str]]:
    """What `Ref` gives: lists split, everything else the text."""
    definitions = template.get("Parameters", {})
    return {
        name: [item.strip() for item in value.split(",")]
        if definitions[name].get("Type") in LISTS
        else value
        for name, value in values.items()
    }


def masked(template: Template, values: Mapping[str, str]) -> dict[str, str]:
    """Values as the describe calls show them."""
    definitions = template.get("Parameters", {})
    return {
        name: MASK if truthy(definitions.get(name, {}).get("NoEcho")) else value
        for name, value in values.items()
    }


def text(value: Any) -> str:
    """YAML scalars as CloudFormation reads them: true → "true", 5 → "5"."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list):
        return ",".join(text(item) for item in value)
    return str(value)


def truthy(value: Any) -> bool:
    return text(value).lower() == "true"


def _check(name: str, value: str, definition: Definition) -> None:
    kind = definition.get("Type", "String")
    if kind not in LISTS + SCALARS:
        raise NotSupported(
            f"Parameters/{name}",
            f"the type {kind}",
            "Add it to infra/local/cloudformation/parameters.py.",
        )
    if len(value.encode()) > LONGEST_VALUE:
        raise InvalidParameter(name, f"values may hold at most {LONGEST_VALUE} bytes")
    for item in value.split(",") if kind in LISTS else [value]:
        _check_item(name, item.strip() if kind in LISTS else item, definition, kind)


def _check_item(name: str, value: str, definition: Definition, kind: str) -> None:
    if "Number" in kind and not _is_number(value):
        raise InvalidTemplate(f"Parameter '{name}' must be a number.")
    for constraint, keeps, words in RULES:
        if constraint in definition and not keeps(value, definition[constraint]):
            rule = words.format(text(definition[constraint]))
            raise InvalidParameter(name, rule, definition.get("ConstraintDescription"))


def _is_number(value: str) -> bool:
    return re.fullmatch(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?", value) is not None
