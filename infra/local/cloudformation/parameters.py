"""Parameter values, held against what the template allows."""

import re
from collections.abc import Callable, Mapping
from typing import Any

from infra.local.cloudformation.errors import InvalidTemplate, NotSupported

LONGEST_VALUE = 4096  # bytes
LISTS = ("CommaDelimitedList", "List<String>", "List<Number>")
SCALARS = ("String", "Number")
NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?")

Definition = Mapping[str, Any]

# constraint → whether a value keeps it, and CloudFormation's words for it
RULES: dict[str, tuple[Callable[[str, Any], bool], str]] = {
    "AllowedValues": (
        lambda value, items: value in map(text, items),
        "Parameter must be one of {}",
    ),
    "AllowedPattern": (
        lambda value, pattern: re.fullmatch(pattern, value) is not None,
        "Parameter must match pattern {}",
    ),
    "MinLength": (lambda value, least: len(value) >= int(least), "must contain at least {}"),
    "MaxLength": (lambda value, most: len(value) <= int(most), "must contain at most {}"),
    "MinValue": (lambda value, least: float(value) >= float(least), "must be at least {}"),
    "MaxValue": (lambda value, most: float(value) <= float(most), "must be at most {}"),
}


def resolve(definitions: Mapping[str, Definition], given: Mapping[str, str]) -> dict[str, str]:
    """Values as the text that CloudFormation keeps: given ones, else defaults, all checked."""
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


def for_reference(
    definitions: Mapping[str, Definition], values: Mapping[str, str]
) -> dict[str, str | list[str]]:
    """What `Ref` gives: lists split, everything else the text."""
    return {
        name: [item.strip() for item in value.split(",")]
        if definitions[name].get("Type") in LISTS
        else value
        for name, value in values.items()
    }


def shown(definitions: Mapping[str, Definition], values: Mapping[str, str]) -> list[dict[str, str]]:
    """As the describe calls show them: secrets masked."""
    return [
        {
            "ParameterKey": name,
            "ParameterValue": "****" if truthy(definitions[name].get("NoEcho")) else value,
        }
        for name, value in values.items()
    ]


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
        raise NotSupported(f"Parameters/{name}", f"the type {kind}", "Use String or Number.")
    if len(value.encode()) > LONGEST_VALUE:
        raise InvalidTemplate(f"Parameter {name} holds more than {LONGEST_VALUE} bytes")
    for item in value.split(",") if kind in LISTS else [value]:
        _check_item(name, item.strip() if kind in LISTS else item, definition)


def _check_item(name: str, value: str, definition: Definition) -> None:
    if "Number" in definition.get("Type", "") and not NUMBER.fullmatch(value):
        raise InvalidTemplate(f"Parameter '{name}' must be a number.")
    for constraint in definition.keys() & RULES.keys():
        keeps, words = RULES[constraint]
        if not keeps(value, definition[constraint]):
            rule = words.format(text(definition[constraint]))
            said = definition.get("ConstraintDescription", rule)
            raise InvalidTemplate(f"Parameter {name} failed to satisfy constraint: {said}")
