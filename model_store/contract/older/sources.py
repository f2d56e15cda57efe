"""Where a value comes from when an older contract is sent: data, so that Lambda runs no user code.

`was` is the feature's name in the older contract; None: it is called the same.
"""

from math import inf, nextafter
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from model_store.contract.features import FeatureBase, Integer, Number, Scalar
from model_store.contract.features.numeric import LARGEST_INTEGER, LARGEST_NUMBER
from model_store.contract.record import Record


class Renamed(Record):
    """The value as it was sent."""

    kind: Literal["renamed"] = "renamed"
    was: str | None = None

    def convert(self, value: Scalar, _into: FeatureBase) -> Scalar:
        return value


def _keeps_apart(scale: float) -> float:
    if scale == 0:
        raise ValueError("0 would make all values the same; Fixed(value=…) says that")
    if abs(scale) > LARGEST_NUMBER:
        raise ValueError(f"1 already would become more than a tensor holds, {LARGEST_NUMBER}")
    return scale


class Scaled(Record):
    """value * scale + offset: another unit. To 15 digits, so that 70 * 0.1 is 7.

    What no tensor could hold becomes the largest number that one can.
    """

    kind: Literal["scaled"] = "scaled"
    was: str | None = None
    scale: Annotated[float, AfterValidator(_keeps_apart)]
    offset: float = 0.0

    def convert(self, value: Scalar, into: FeatureBase) -> Scalar:
        exact = float(value) * self.scale + self.offset
        if isinstance(into, Integer):
            return int(_within(exact, LARGEST_INTEGER))
        rounded = _within(float(f"{exact:.15g}"), LARGEST_NUMBER)
        return _inside(rounded, into) if isinstance(into, Number) else rounded


class Mapped(Record):
    """A category for each of the older ones; what was unseen stays as it is."""

    kind: Literal["mapped"] = "mapped"
    was: str | None = None
    categories: dict[str, str]

    def convert(self, value: Scalar, _into: FeatureBase) -> Scalar:
        return self.categories.get(str(value), value)


class Fixed(Record):
    """The same for every row, for what the older contract does not have. None: missing."""

    kind: Literal["fixed"] = "fixed"
    value: Scalar | None


Source = Annotated[Renamed | Scaled | Mapped | Fixed, Field(discriminator="kind")]


def _within(value: float, largest: float) -> float:
    return max(-largest, min(largest, value))


def _inside(value: float, into: Number) -> float:
    """Rounding may put what is more than a bound onto it, but not past what is less."""
    if into.exclusive_minimum and value == into.minimum:
        return nextafter(value, inf)
    if into.exclusive_maximum and value == into.maximum:
        return nextafter(value, -inf)
    return value
