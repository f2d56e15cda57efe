"""What a template mentions: intrinsic functions, and the names they refer to."""

from collections.abc import Callable
from typing import Any

from infra.local.cloudformation.errors import NotSupported
from infra.local.cloudformation.intrinsics import (
    FUNCTIONS,
    SUB_REFERENCE,
    attribute_path,
    function_of,
)
from infra.local.cloudformation.template import walk


def check_functions(value: Any) -> None:
    """Refuse intrinsic functions that nothing here resolves."""
    for mapping in walk(value):
        for key in mapping:
            if isinstance(key, str) and key.startswith("Fn::") and key not in FUNCTIONS:
                raise NotSupported(
                    "template",
                    f"the function {key}",
                    "Add it to FUNCTIONS in infra/local/cloudformation/intrinsics.py.",
                )


def references(value: Any, condition: Callable[[str], bool]) -> set[str]:
    """Names that Ref, GetAtt and Sub mention, in the branches of Fn::If that are taken."""
    if isinstance(value, list):
        return {name for item in value for name in references(item, condition)}
    if not isinstance(value, dict):
        return set()
    match function_of(value):
        case "Ref":
            return {value["Ref"]}
        case "Fn::GetAtt":
            return {attribute_path(value["Fn::GetAtt"])[0]}
        case "Fn::If":
            name, when_true, when_false = value["Fn::If"]
            return references(when_true if condition(name) else when_false, condition)
        case "Fn::Sub":
            return _sub_references(value["Fn::Sub"], condition)
        case _:
            return references(list(value.values()), condition)


def _sub_references(argument: Any, condition: Callable[[str], bool]) -> set[str]:
    pattern, own = (argument, {}) if isinstance(argument, str) else argument
    names = {name.split(".")[0] for name in SUB_REFERENCE.findall(pattern)} - set(own)
    return names | references(own, condition)
