"""Calendar days."""

import re
from datetime import date
from typing import Annotated, Any, Literal

from pydantic import AfterValidator

from model_store.contract.features.base import Reading
from model_store.contract.features.ranged import Ranged
from model_store.contract.violations import Code, Refusal

EPOCH = date(1970, 1, 1).toordinal()
ISO_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def days_since_epoch(iso: str) -> float:
    """Whole days from 1970-01-01 to an ISO date, negative before it."""
    return float(date.fromisoformat(iso).toordinal() - EPOCH)


def _checked(iso: str) -> str:
    if not ISO_DATE.fullmatch(iso):
        raise ValueError("not a date")
    date.fromisoformat(iso)
    return iso


IsoDate = Annotated[str, AfterValidator(_checked)]


class Date(Ranged[str]):
    """A calendar day as YYYY-MM-DD; the model sees days since 1970-01-01."""

    kind: Literal["date"] = "date"
    minimum: IsoDate | None = None
    maximum: IsoDate | None = None

    def _read(self, value: object) -> Reading:
        if type(value) is not str:
            raise Refusal(Code.WRONG_TYPE, "must be a string with a date, YYYY-MM-DD")
        try:
            _checked(value)
        except ValueError:
            raise Refusal(Code.INVALID_DATE, "must be a calendar day, YYYY-MM-DD") from None
        return self._within(value)  # ISO dates sort as text

    def _notes(self) -> list[str]:
        return super()._notes() or [text.capitalize() for text in [self.range_text()] if text]

    def _value_schema(self) -> dict[str, Any]:
        bounds = {"x-minimum": self.minimum, "x-maximum": self.maximum}
        stated = {key: bound for key, bound in bounds.items() if bound is not None}
        return {"type": "string", "format": "date", **stated}
