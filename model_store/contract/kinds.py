"""From a bare Python type to a kind of feature."""

from collections.abc import Callable
from datetime import date
from enum import Enum
from typing import Any, Literal, get_args, get_origin

import annotated_types

from model_store.contract import markers
from model_store.contract.annotations import Annotation, plain, unsupported
from model_store.contract.features import (
    Boolean,
    CategoryFeature,
    Date,
    Default,
    Feature,
    Integer,
    Number,
    Text,
)

INSTEAD = (
    "Write float, int, bool, str, date, Literal['a', 'b'] or a str Enum, "
    "or one of these with `| None`"
)


def build_feature(where: str, name: str, annotation: Annotation) -> Feature:
    """The feature that an annotation describes; raises ContractError for anything else."""
    build = _builder(where, annotation.type)
    common: dict[str, Any] = {
        "name": name,
        "description": annotation.description,
        "unit": annotation.take(markers.Unit, "name"),
        "sensitive": annotation.take(markers.Sensitive) is not None,
        "missing": annotation.missing,
    }
    feature = build(annotation, common)
    annotation.refuse_leftovers(feature.kind)
    return _with_default_as_read(feature)


def _with_default_as_read(feature: Feature) -> Feature:
    """`= 3` on a float as 3.0, `= " Male "` trimmed: equal contracts have equal digests."""
    if not isinstance(feature.missing, Default):
        return feature
    value, _ = feature.read(feature.missing.value)
    return feature.model_copy(update={"missing": Default(value=value)})


def _builder(where: str, bare: Any) -> Callable[[Annotation, dict[str, Any]], Feature]:
    if get_origin(bare) is Literal:
        return _literal
    if isinstance(bare, type) and issubclass(bare, Enum):
        return _enum
    found = _PLAIN.get(bare) if isinstance(bare, type) else None
    if found is None:
        raise unsupported(where, _spell(bare), INSTEAD)
    return found


def _number(annotation: Annotation, common: dict[str, Any]) -> Feature:
    return Number(**common, **_range(annotation))


def _integer(annotation: Annotation, common: dict[str, Any]) -> Feature:
    return Integer(**common, **_range(annotation))


def _boolean(_: Annotation, common: dict[str, Any]) -> Feature:
    return Boolean(**common)


def _text(annotation: Annotation, common: dict[str, Any]) -> Feature:
    limit = annotation.take(annotated_types.MaxLen, "max_length")
    return Text(**common, **({} if limit is None else {"max_length": limit}))


def _date(annotation: Annotation, common: dict[str, Any]) -> Feature:
    return Date(**common, **_range(annotation))


def _literal(annotation: Annotation, common: dict[str, Any]) -> Feature:
    return _category(annotation, common, get_args(annotation.type))


def _enum(annotation: Annotation, common: dict[str, Any]) -> Feature:
    return _category(annotation, common, tuple(member.value for member in annotation.type))


def _category(annotation: Annotation, common: dict[str, Any], values: tuple[Any, ...]) -> Feature:
    if not all(type(value) is str for value in values):
        instead = "Write the categories as strings, and None outside: Literal['1', '2'] | None"
        raise unsupported(annotation.where, _spell(annotation.type), instead)
    rules = annotation.take(markers.Category) or markers.Category()
    return CategoryFeature(
        **common,
        categories=values,
        unseen=rules.unseen,
        fold_case=rules.fold_case,
        trim=rules.trim,
    )


def _range(annotation: Annotation) -> dict[str, Any]:
    low, above = (
        annotation.take(annotated_types.Ge, "ge"),
        annotation.take(annotated_types.Gt, "gt"),
    )
    high, below = (
        annotation.take(annotated_types.Le, "le"),
        annotation.take(annotated_types.Lt, "lt"),
    )
    treatment = annotation.take(markers.OutOfRange, "treatment")
    bounds = {
        "minimum": low if above is None else above,
        "maximum": high if below is None else below,
    }
    _check_range(annotation.where, (low, above), (high, below), treatment)
    return {
        **{side: plain(bound) for side, bound in bounds.items()},
        "exclusive_minimum": above is not None,
        "exclusive_maximum": below is not None,
        "out_of_range": treatment or "reject",
    }


def _check_range(
    where: str, lower: tuple[Any, Any], upper: tuple[Any, Any], treatment: object
) -> None:
    if None not in lower or None not in upper:
        raise unsupported(where, "two bounds on one side", "Keep ge or gt, and le or lt")
    if treatment and lower == upper == (None, None):
        raise unsupported(where, "OutOfRange without a range", "Add Field(ge=…, le=…)")


def _spell(bare: Any) -> str:
    return bare.__name__ if isinstance(bare, type) else str(bare).replace("typing.", "")


_PLAIN: dict[type, Callable[[Annotation, dict[str, Any]], Feature]] = {
    float: _number,
    int: _integer,
    bool: _boolean,
    str: _text,
    date: _date,
}
