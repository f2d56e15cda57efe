"""Numbers, whole numbers, and yes or no."""

from math import isfinite
from typing import Annotated, Any, Literal

from pydantic import Field

from model_store.contract.features.base import FeatureBase, Reading
from model_store.contract.features.ranged import Ranged
from model_store.contract.violations import Code, Refusal

LARGEST_NUMBER = 3.4028234663852886e38
"""The largest float32: beyond it a tensor would hold infinity."""
LARGEST_INTEGER = 2**53 - 1
"""Up to here every JSON reader keeps integers exact (RFC 8259, section 6)."""

NumberBound = Annotated[float, Field(ge=-LARGEST_NUMBER, le=LARGEST_NUMBER)]
IntegerBound = Annotated[int, Field(ge=-LARGEST_INTEGER, le=LARGEST_INTEGER)]


class Number(Ranged[float]):
    """A finite number; integers are taken, numbers in quotes and booleans are not."""

    kind: Literal["number"] = "number"
    minimum: NumberBound | None = None
    maximum: NumberBound | None = None

    def _read(self, value: object) -> Reading:
        if type(value) is not float and type(value) is not int:
            raise Refusal(Code.WRONG_TYPE, "must be a number")
        _check_size(value, LARGEST_NUMBER)
        return self._within(float(value))

    def _value_schema(self) -> dict[str, Any]:
        limits = {"minimum": -LARGEST_NUMBER, "maximum": LARGEST_NUMBER}
        return {"type": "number", **_tightest(limits, self._range_schema())}


class Integer(Ranged[int]):
    """A whole number; 5.0 is taken as 5."""

    kind: Literal["integer"] = "integer"
    minimum: IntegerBound | None = None
    maximum: IntegerBound | None = None

    def _read(self, value: object) -> Reading:
        if type(value) is not int and type(value) is not float:
            raise Refusal(Code.WRONG_TYPE, "must be a whole number")
        _check_size(value, LARGEST_INTEGER)
        if value != int(value):
            raise Refusal(Code.WRONG_TYPE, "must be a whole number")
        return self._within(int(value))

    def _value_schema(self) -> dict[str, Any]:
        limits = {"minimum": -LARGEST_INTEGER, "maximum": LARGEST_INTEGER}
        return {"type": "integer", **_tightest(limits, self._range_schema())}


class Boolean(FeatureBase):
    """true or false; 0, 1 and "yes" are not taken."""

    kind: Literal["boolean"] = "boolean"

    def _read(self, value: object) -> Reading:
        if value is True or value is False:
            return value, None
        raise Refusal(Code.WRONG_TYPE, "must be true or false")

    def _value_schema(self) -> dict[str, Any]:
        return {"type": "boolean"}


def _check_size(value: float | int, largest: float | int) -> None:
    if type(value) is float and not isfinite(value):
        raise Refusal(Code.NOT_FINITE, "must be a finite number")
    if abs(value) > largest:
        raise Refusal(Code.TOO_LARGE, f"must lie between -{largest:g} and {largest:g}")


def _tightest(limits: dict[str, Any], declared: dict[str, Any]) -> dict[str, Any]:
    """The declared bounds, and the technical limit on each side that has none."""
    if "exclusiveMinimum" in declared:
        limits.pop("minimum")
    if "exclusiveMaximum" in declared:
        limits.pop("maximum")
    return limits | declared
