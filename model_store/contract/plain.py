"""Rows that leave nothing to interpret, read by one compiled validator.

Most requests are plain: every field there once, spelled as the contract spells it and within its
range. They are read ten times as fast as by `normalise`, which reads all others, and says what is
wrong with those that are refused.
"""

from collections.abc import Callable
from typing import Any

from pydantic_core import SchemaValidator, ValidationError, core_schema

from model_store.contract.features import FeatureBase, Scalar
from model_store.contract.features.base import Allow
from model_store.contract.features.numeric import LARGEST_INTEGER, LARGEST_NUMBER
from model_store.contract.violations import Refusal

Values = dict[str, Scalar | None]


class PlainReader:
    """Of bodies {"instances": [row, ...]} whose rows have these features."""

    def __init__(self, features: tuple[FeatureBase, ...]) -> None:
        row = core_schema.typed_dict_schema(
            # None may be absent: so the names can be counted, see `read`.
            {feature.name: core_schema.typed_dict_field(_schema(feature)) for feature in features},
            extra_behavior="forbid",
        )
        rows = core_schema.list_schema(row, min_length=1, fail_fast=True)
        body = {"instances": core_schema.typed_dict_field(rows)}
        self._names = len(features)
        # Values are not kept for the next request: text may be personal data.
        config = core_schema.CoreConfig(cache_strings="keys")
        self._read = SchemaValidator(
            core_schema.typed_dict_schema(body, extra_behavior="forbid"), config
        ).validate_json

    def read(self, body: bytes, most: int) -> list[Values] | None:
        """The values of every row, in the contract's order; None if any needs a closer look.

        The reader takes much memory for what it does not expect, so nothing is read whose marks
        do not count up to one list of `most` rows at most, each with every name.
        """
        count = body.count(b"{") - 1
        if count > most or body.count(b"[") != 1:
            return None
        if body.count(b":") != 1 + count * self._names:
            return None
        try:
            rows: list[Values] = self._read(body)["instances"]
        except ValidationError:
            return None
        # Every name is there, and there are no more colons than names: so none is there twice.
        return rows if len(rows) == count else None


def _schema(feature: FeatureBase) -> Any:
    build = _PLAIN.get(feature.kind)
    schema = (
        build(feature) if build else core_schema.no_info_plain_validator_function(_own(feature))
    )
    return core_schema.nullable_schema(schema) if isinstance(feature.missing, Allow) else schema


def _own(feature: FeatureBase) -> Callable[[object], Scalar | None]:
    def read(value: object) -> Scalar | None:
        try:
            found, flag = feature.read(value)
        except Refusal:
            raise ValueError from None
        if flag:
            raise ValueError
        return found

    return read


def _number(feature: Any) -> Any:
    bounds = _bounds(feature, LARGEST_NUMBER)
    return core_schema.float_schema(strict=True, allow_inf_nan=False, **bounds)


def _integer(feature: Any) -> Any:
    return core_schema.int_schema(strict=True, **_bounds(feature, LARGEST_INTEGER))


def _bounds(feature: Any, largest: float) -> dict[str, Any]:
    low = -largest if feature.minimum is None else feature.minimum
    high = largest if feature.maximum is None else feature.maximum
    return {
        "gt" if feature.exclusive_minimum or _is_rounded(low) else "ge": low,
        "lt" if feature.exclusive_maximum or _is_rounded(high) else "le": high,
    }


def _is_rounded(bound: float) -> bool:
    """Whether an integer beyond it may be rounded to it before it is compared."""
    return abs(bound) > LARGEST_INTEGER


_PLAIN: dict[str, Callable[[Any], Any]] = {
    "number": _number,
    "integer": _integer,
    "boolean": lambda _: core_schema.bool_schema(strict=True),
    "category": lambda feature: core_schema.literal_schema(list(feature.categories)),
    "text": lambda feature: core_schema.str_schema(strict=True, max_length=feature.max_length),
}
