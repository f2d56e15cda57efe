"""Template values → what boto3 takes, by the service's own model.

CloudFormation passes numbers and booleans as text, and differs from the APIs in the case of first
letters and in writing tags as lists. A member the API does not have is refused by its path.
"""

from collections.abc import Callable
from typing import Any

from infra.local.cloudformation.errors import ResourceFailed
from infra.local.cloudformation.parameters import text, truthy
from infra.local.cloudformation.provision.sources import (
    tag_map,
)


class UnknownMember(ResourceFailed):
    def __init__(self, path: str, name: str, known: list[str]) -> None:
        super().__init__(
            f"{path}: extraneous key [{name}] is not permitted; the API knows {', '.join(known)}"
        )


def conform(value: Any, shape: Any, path: str) -> Any:
    """The value as the botocore shape wants it."""
    match shape.type_name:
        case "structure":
            return _structure(value, shape, path)
        case "list":
            items = value if isinstance(value, list) else [value]
            return [
                conform(item, shape.member, f"{path}[{index}]") for index, item in enumerate(items)
            ]
        case "map":
            return _map(value, shape, path)
        case kind:
            return _scalar(value, kind, path)


def _structure(value: Any, shape: Any, path: str) -> Any:
    if shape.is_document_type or not isinstance(value, dict):
        return value
    members = {_key(name): name for name in shape.members}
    result = {}
    for name, item in value.items():
        member = members.get(_key(name))
        if member is None:
            raise UnknownMember(path, name, sorted(shape.members))
        result[member] = conform(item, shape.members[member], f"{path}.{name}")
    return result


def _map(value: Any, shape: Any, path: str) -> Any:
    if isinstance(value, list) and all(isinstance(item, dict) for item in value):
        value = tag_map(value)
    return {text(key): conform(item, shape.value, f"{path}.{key}") for key, item in value.items()}


def _scalar(value: Any, kind: str, path: str) -> Any:
    convert = SCALARS.get(kind)
    if convert is None:
        return value
    if isinstance(value, dict | list):
        raise ResourceFailed(f"{path}: a {type(value).__name__} is not of type {kind}")
    try:
        return convert(value)
    except (TypeError, ValueError) as error:
        raise ResourceFailed(f"{path}: {value!r} is not of type {kind}") from error


def _whole(value: Any) -> int:
    number = float(text(value))
    if number != int(number):
        raise ValueError(value)
    return int(number)


def _key(name: str) -> str:
    return name[:1].lower() + name[1:]


SCALARS: dict[str, Callable[[Any], Any]] = {
    "string": text,
    "integer": _whole,
    "long": _whole,
    "float": lambda value: float(text(value)),
    "double": lambda value: float(text(value)),
    "boolean": truthy,
    "blob": lambda value: value.encode() if isinstance(value, str) else value,
}
