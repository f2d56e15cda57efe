"""Features whose values have an order: numbers and dates."""

from typing import Any, Generic, Self, TypeVar

from pydantic import model_validator

from model_store.contract.features.base import FeatureBase, Flag, Reading
from model_store.contract.markers import Treatment
from model_store.contract.violations import Code, Refusal

Bound = TypeVar("Bound", int, float, str)


class Ranged(FeatureBase, Generic[Bound]):
    """Bounds are inclusive unless said otherwise; None is no bound."""

    minimum: Bound | None = None
    maximum: Bound | None = None
    exclusive_minimum: bool = False
    exclusive_maximum: bool = False
    out_of_range: Treatment = "reject"

    @property
    def may_fall_back(self) -> bool:
        return self.out_of_range == "fallback"

    def range_text(self) -> str:
        """E.g. "at least 20 and less than 80 mm"; empty without bounds."""
        lower = "more than" if self.exclusive_minimum else "at least"
        upper = "less than" if self.exclusive_maximum else "at most"
        bounds = ((lower, self.minimum), (upper, self.maximum))
        text = " and ".join(
            f"{word} {_spell(bound)}" for word, bound in bounds if bound is not None
        )
        return f"{text} {self.unit}" if text and self.unit else text

    @model_validator(mode="after")
    def _bounds_are_ordered(self) -> Self:
        if self.minimum is not None and self.maximum is not None and self.minimum > self.maximum:
            raise ValueError("the minimum is above the maximum")
        return self

    def _within(self, value: Bound) -> Reading:
        if self._inside(value):
            return value, None
        if self.out_of_range == "reject":
            raise Refusal(Code.OUT_OF_RANGE, f"must be {self.range_text()}")
        return value, Flag(self.name, "out_of_range", self.out_of_range)

    def _inside(self, value: Bound) -> bool:
        low, high = self.minimum, self.maximum
        if low is not None and (value < low or (self.exclusive_minimum and value == low)):
            return False
        return high is None or not (value > high or (self.exclusive_maximum and value == high))

    def _notes(self) -> list[str]:
        text = self.range_text()
        if not text or self.out_of_range == "reject":
            return []
        return [f"Expected: {text}; other values are answered with a {self.out_of_range}"]

    def _range_schema(self) -> dict[str, Any]:
        lower = "exclusiveMinimum" if self.exclusive_minimum else "minimum"
        upper = "exclusiveMaximum" if self.exclusive_maximum else "maximum"
        bounds = {lower: self.minimum, upper: self.maximum}
        # A bound that is not enforced would make the schema refuse what the API accepts.
        prefix = "" if self.out_of_range == "reject" else "x-expected-"
        return {f"{prefix}{key}": bound for key, bound in bounds.items() if bound is not None}


def _spell(bound: object) -> str:
    return f"{bound:.15g}" if isinstance(bound, float) else str(bound)
