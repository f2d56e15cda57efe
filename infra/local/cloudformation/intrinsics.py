"""Intrinsic functions: pure, given a scope that knows parameters and resources."""

import base64
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from infra.local.cloudformation.errors import InvalidTemplate, NotSupported
from infra.local.cloudformation.parameters import text

NO_VALUE = object()
SUB_REFERENCE = re.compile(r"\$\{([^!}][^}]*)\}")
SUB_LITERAL = re.compile(r"\$\{!([^}]*)\}")


@dataclass(frozen=True)
class Pending:
    """A value that only exists once its resource does; equal to nothing that is known."""

    text: str


class UnknownReference(InvalidTemplate):
    def __init__(self, name: str) -> None:
        super().__init__(
            f"Template format error: Unresolved resource dependencies [{name}] "
            "in the Resources block of the template"
        )


@dataclass(frozen=True)
class Scope:
    """What names mean. `values`: parameters and AWS::* pseudo parameters."""

    values: Mapping[str, Any]
    mappings: Mapping[str, Any]
    condition_definitions: Mapping[str, Any]
    reference: Callable[[str], Any]
    attribute: Callable[[str, str], Any]
    imported: Callable[[str], Any]

    def resolve(self, value: Any) -> Any:
        """The value without intrinsic functions; what became AWS::NoValue is gone."""
        if isinstance(value, dict):
            if function := function_of(value):
                return self._call(function, value[function])
            resolved = {key: self.resolve(item) for key, item in value.items()}
            return {key: item for key, item in resolved.items() if item is not NO_VALUE}
        if isinstance(value, list):
            items = [self.resolve(item) for item in value]
            return [item for item in items if item is not NO_VALUE]
        if isinstance(value, str) and "{{resolve:" in value:
            raise NotSupported("template", f"the dynamic reference {value}", "Use a parameter.")
        return value

    def _call(self, function: str, argument: Any) -> Any:
        try:
            return FUNCTIONS[function](self, argument)
        except (TypeError, ValueError) as error:
            raise InvalidTemplate(
                f"Template error: {function} cannot work with {argument!r} ({error})"
            ) from error

    def ref(self, name: str) -> Any:
        if name == "AWS::NoValue":
            return NO_VALUE
        return self.values[name] if name in self.values else self.reference(name)

    def condition(self, name: str) -> bool:
        if name not in self.condition_definitions:
            raise InvalidTemplate(f"Template format error: Unresolved condition {name}")
        return bool(self.resolve(self.condition_definitions[name]))

    @cached_property
    def zones(self) -> list[str]:
        return [f"{self.values['AWS::Region']}{letter}" for letter in "abc"]


def function_of(value: Mapping[str, Any]) -> str | None:
    """The function that a mapping is a call of, if it is one."""
    if len(value) != 1:
        return None
    (key,) = value
    # A mapping {"Condition": {...}} is an IAM statement's; the function names a condition.
    if key == "Condition":
        return key if isinstance(value[key], str) else None
    return key if key in FUNCTIONS else None


def attribute_path(argument: Any) -> tuple[str, str]:
    """The argument of GetAtt, which is "Name.Attribute" or [Name, Attribute]."""
    name, attribute = argument.split(".", 1) if isinstance(argument, str) else argument
    return name, attribute


def _text(items: Sequence[Any], join: Callable[[list[str]], str]) -> str | Pending:
    joined = join([item.text if isinstance(item, Pending) else text(item) for item in items])
    return Pending(joined) if any(isinstance(item, Pending) for item in items) else joined


def _get_att(scope: Scope, argument: Any) -> Any:
    name, attribute = attribute_path(argument)
    return scope.attribute(name, text(scope.resolve(attribute)))


def _sub(scope: Scope, argument: Any) -> Any:
    pattern, own = (argument, {}) if isinstance(argument, str) else argument
    names = SUB_REFERENCE.findall(pattern)
    values = {name: _sub_value(scope, name.strip(), own) for name in names}

    def join(texts: list[str]) -> str:
        found = dict(zip(values, texts, strict=True))
        return SUB_LITERAL.sub(r"${\1}", SUB_REFERENCE.sub(lambda hit: found[hit[1]], pattern))

    return _text(list(values.values()), join)


def _sub_value(scope: Scope, name: str, own: Mapping[str, Any]) -> Any:
    if name in own:
        return scope.resolve(own[name])
    return _get_att(scope, name) if "." in name else scope.ref(name)


def _join(scope: Scope, argument: Any) -> Any:
    separator, items = argument
    resolved = scope.resolve(items)
    return resolved if isinstance(resolved, Pending) else _text(resolved, separator.join)


def _select(scope: Scope, argument: Any) -> Any:
    index, items = scope.resolve(argument)
    if isinstance(items, Pending):
        return Pending(f"{items.text}[{index}]")
    if not 0 <= int(index) < len(items):
        raise InvalidTemplate(f"Template error: Fn::Select cannot select nonexistent index {index}")
    return items[int(index)]


def _split(scope: Scope, argument: Any) -> Any:
    separator, source = scope.resolve(argument)
    return source if isinstance(source, Pending) else text(source).split(separator)


def _if(scope: Scope, argument: Any) -> Any:
    name, when_true, when_false = argument
    return scope.resolve(when_true if scope.condition(name) else when_false)


def _equals(scope: Scope, argument: Any) -> bool:
    left, right = scope.resolve(argument)
    return text(left) == text(right)


def _find_in_map(scope: Scope, argument: Any) -> Any:
    name, first, second = (text(scope.resolve(item)) for item in argument[:3])
    try:
        return scope.mappings[name][first][second]
    except KeyError as error:
        if len(argument) == 4 and "DefaultValue" in argument[3]:
            return scope.resolve(argument[3]["DefaultValue"])
        raise InvalidTemplate(
            f"Template error: Unable to get mapping for {name}::{first}::{second}"
        ) from error


def _import_value(scope: Scope, argument: Any) -> Any:
    return scope.imported(text(scope.resolve(argument)))


def _base64(scope: Scope, argument: Any) -> Any:
    encode = base64.b64encode
    return _text([scope.resolve(argument)], lambda items: encode(items[0].encode()).decode())


def _contains(scope: Scope, argument: Any) -> bool:
    items, wanted = scope.resolve(argument)
    return text(wanted) in [text(item) for item in items]


def _each_member_in(scope: Scope, argument: Any) -> bool:
    items, allowed = scope.resolve(argument)
    return {text(item) for item in items} <= {text(item) for item in allowed}


def _each_member_equals(scope: Scope, argument: Any) -> bool:
    items, wanted = scope.resolve(argument)
    return all(text(item) == text(wanted) for item in items)


FUNCTIONS: dict[str, Callable[[Scope, Any], Any]] = {
    "Ref": lambda scope, name: scope.ref(name),
    "Condition": lambda scope, name: scope.condition(name),
    "Fn::And": lambda scope, items: all(bool(scope.resolve(item)) for item in items),
    "Fn::Base64": _base64,
    "Fn::Contains": _contains,
    "Fn::EachMemberEquals": _each_member_equals,
    "Fn::EachMemberIn": _each_member_in,
    "Fn::Equals": _equals,
    "Fn::FindInMap": _find_in_map,
    "Fn::GetAZs": lambda scope, _region: scope.zones,
    "Fn::GetAtt": _get_att,
    "Fn::If": _if,
    "Fn::ImportValue": _import_value,
    "Fn::Join": _join,
    "Fn::Not": lambda scope, items: not scope.resolve(items[0]),
    "Fn::Or": lambda scope, items: any(bool(scope.resolve(item)) for item in items),
    "Fn::Select": _select,
    "Fn::Split": _split,
    "Fn::Sub": _sub,
}
