"""Takes apart what pydantic knows about one field of the user's class."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from enum import Enum
from types import NoneType, UnionType
from typing import Annotated, Any, Union, get_args, get_origin

import annotated_types
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from model_store.contract.features import Allow, Default, Missing, Required
from model_store.errors import ContractError


def unsupported(where: str, found: str, instead: str) -> ContractError:
    return ContractError(where, f"found {found}, which a contract cannot hold", instead)


@dataclass
class Annotation:
    """One field: its bare type, what may be missing, and the markers nobody has used yet."""

    where: str
    type: Any
    missing: Missing
    description: str
    markers: list[object] = field(default_factory=list)

    @classmethod
    def of(cls, where: str, info: FieldInfo) -> "Annotation":
        _refuse_options(where, info)
        bare, optional, inner = _unwrap(where, info.annotation)
        markers = [*_flatten(info.metadata), *inner]
        missing = _missing(where, info, optional)
        return cls(where, bare, missing, info.description or "", markers)

    def take(self, kind: type[Any], attribute: str | None = None) -> Any:
        """Remove and return the one marker of this type (or its attribute), else None."""
        found = [marker for marker in self.markers if isinstance(marker, kind)]
        if len(found) > 1:
            raise unsupported(self.where, f"{kind.__name__} twice", "Keep one of the two")
        if not found:
            return None
        self.markers.remove(found[0])
        return getattr(found[0], attribute) if attribute else found[0]

    def refuse_leftovers(self, kind: str) -> None:
        for marker in self.markers:
            raise unsupported(
                self.where,
                f"{marker!r} on a {kind}",
                "Remove it; a contract knows ge, gt, le, lt, max_length, description, default, "
                "Unit, Sensitive, OutOfRange and Category, each where it makes sense",
            )


def _refuse_options(where: str, info: FieldInfo) -> None:
    aliases = (info.alias, info.validation_alias, info.serialization_alias)
    if any(alias is not None for alias in aliases):
        raise unsupported(where, "an alias", "Name the field itself as clients should send it")
    if info.default_factory is not None:
        raise unsupported(where, "default_factory", "Write the default as a plain value")
    for option in ("title", "examples", "json_schema_extra", "discriminator", "deprecated"):
        if getattr(info, option) is not None:
            raise unsupported(where, option, "Put what people should know in description=")


def _refuse_inner(where: str, markers: Iterable[object]) -> None:
    """pydantic keeps no description of an arm of a union, and nor would the contract."""
    for info in (marker for marker in markers if isinstance(marker, FieldInfo)):
        _refuse_options(where, info)
        if info.description is not None:
            instead = "Put it around the whole: Annotated[float | None, Field(description=…)]"
            raise unsupported(where, "a description inside of a union", instead)


def _unwrap(where: str, annotation: Any) -> tuple[Any, bool, list[object]]:
    """(bare type, whether None is allowed, markers found on the way)."""
    if get_origin(annotation) is Annotated:
        inner, *markers = get_args(annotation)
        _refuse_inner(where, markers)
        bare, optional, more = _unwrap(where, inner)
        return bare, optional, [*_flatten(markers), *more]
    if get_origin(annotation) in (Union, UnionType):
        arms = [arm for arm in get_args(annotation) if arm is not NoneType]
        if len(arms) != 1:
            raise unsupported(where, f"{annotation}", "Choose one type, or one type and None")
        bare, _, markers = _unwrap(where, arms[0])
        return bare, True, markers
    return annotation, False, []


def _flatten(markers: Iterable[object]) -> Iterator[object]:
    for marker in markers:
        if isinstance(marker, FieldInfo):
            yield from _flatten(marker.metadata)
        elif isinstance(marker, annotated_types.GroupedMetadata):
            yield from _flatten(marker)
        else:
            yield marker


def _missing(where: str, info: FieldInfo, optional: bool) -> Missing:
    default = plain(info.default)
    if default is PydanticUndefined or default is ...:
        return Allow() if optional else Required()
    if default is None:
        if not optional:
            raise unsupported(where, "a default of None on a type without None", "Add `| None`")
        return Allow()
    if not isinstance(default, bool | int | float | str):
        raise unsupported(where, "a default that is no plain value", "Write one value of the type")
    return Default(value=default)


def plain(value: Any) -> Any:
    """Enum members and dates as they are written in JSON; anything else as it is."""
    if isinstance(value, Enum):
        return value.value
    return value.isoformat() if isinstance(value, date) else value
