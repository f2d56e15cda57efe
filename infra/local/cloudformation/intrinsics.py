"""Intrinsic functions: pure, given a scope that knows parameters and resources."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from infra.local.cloudformation.errors import InvalidTemplate, NotSupported
from infra.local.cloudformation.parameters import text

NO_VALUE = object()
SUB_REFERENCE = re.compile(r"\$\{([^!}][^}]*)\}")
SUB_LITERAL = re.compile(r"\$\{!([^}]*)\}")
# Stands around what only exists once its resource does: such text equals nothing that is deployed.
UNKNOWN = "\0"


class UnknownReference(InvalidTemplate):
    def __init__(self, name: str) -> None:
        super().__init__(
            f"Template format error: Unresolved resource dependencies [{name}] "
            "in the Resources block of the template"
        )


def unknown(what: str) -> str:
    return f"{UNKNOWN}{what}{UNKNOWN}"


@dataclass(frozen=True)
class Scope:
    """What names mean. `values`: parameters and AWS::* pseudo parameters.

    `imports` collects the names of the exports that were used.
    """

    values: Mapping[str, Any]
    conditions: Mapping[str, Any]
    exports: Mapping[str, str]
    reference: Callable[[str], Any]
    attribute: Callable[[str, str], Any]
    imports: set[str] = field(default_factory=set)

    def resolve(self, value: Any) -> Any:
        """The value without intrinsic functions; what became AWS::NoValue is gone."""
        if isinstance(value, dict):
            if function := _function_of(value):
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
        if name not in self.conditions:
            raise InvalidTemplate(f"Template format error: Unresolved condition {name}")
        return bool(self.resolve(self.conditions[name]))

    def has(self, definition: Mapping[str, Any]) -> bool:
        """Whether the condition of a resource or an output holds, if it has one."""
        return "Condition" not in definition or self.condition(definition["Condition"])


def _function_of(value: Mapping[str, Any]) -> str | None:
    """The function that a mapping is a call of, if it is one."""
    for key in value:
        if isinstance(key, str) and key.startswith("Fn::") and key not in FUNCTIONS:
            next_step = "Add it to FUNCTIONS in infra/local/cloudformation/intrinsics.py."
            raise NotSupported("template", f"the function {key}", next_step)
    if len(value) != 1:
        return None
    (key,) = value
    # A mapping {"Condition": {...}} is an IAM statement's; the function names a condition.
    if key == "Condition":
        return key if isinstance(value[key], str) else None
    return key if key in FUNCTIONS else None


def _get_att(scope: Scope, argument: Any) -> Any:
    name, attribute = argument.split(".", 1) if isinstance(argument, str) else argument
    return scope.attribute(name, text(scope.resolve(attribute)))


def _sub(scope: Scope, argument: Any) -> str:
    pattern, own = (argument, {}) if isinstance(argument, str) else argument

    def value(hit: re.Match[str]) -> str:
        name = hit[1].strip()
        if name in own:
            return text(scope.resolve(own[name]))
        return text(_get_att(scope, name) if "." in name else scope.ref(name))

    return SUB_LITERAL.sub(r"${\1}", SUB_REFERENCE.sub(value, pattern))


def _join(scope: Scope, argument: Any) -> str:
    separator, items = argument
    joined: str = separator.join(text(item) for item in scope.resolve(items))
    return joined


def _if(scope: Scope, argument: Any) -> Any:
    name, when_true, when_false = argument
    return scope.resolve(when_true if scope.condition(name) else when_false)


def _equals(scope: Scope, argument: Any) -> bool:
    left, right = scope.resolve(argument)
    return text(left) == text(right)


def _import_value(scope: Scope, argument: Any) -> str:
    name = text(scope.resolve(argument))
    if name not in scope.exports:
        raise InvalidTemplate(f"No export named {name} found. Rollback requested by user.")
    scope.imports.add(name)
    return scope.exports[name]


FUNCTIONS: dict[str, Callable[[Scope, Any], Any]] = {
    "Ref": lambda scope, name: scope.ref(name),
    "Condition": lambda scope, name: scope.condition(name),
    "Fn::And": lambda scope, items: all(bool(scope.resolve(item)) for item in items),
    "Fn::Equals": _equals,
    "Fn::GetAtt": _get_att,
    "Fn::If": _if,
    "Fn::ImportValue": _import_value,
    "Fn::Join": _join,
    "Fn::Not": lambda scope, items: not scope.resolve(items[0]),
    "Fn::Or": lambda scope, items: any(bool(scope.resolve(item)) for item in items),
    "Fn::Sub": _sub,
}
