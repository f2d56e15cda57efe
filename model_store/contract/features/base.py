"""What every kind of feature has in common."""

from dataclasses import dataclass
from typing import Annotated, Any, Literal, Self

from pydantic import Field, model_validator

from model_store.contract.record import Record
from model_store.contract.violations import Code, Refusal

Scalar = bool | int | float | str
FlagReason = Literal["unseen_category", "out_of_range"]


class Required(Record):
    """A missing value is refused."""

    policy: Literal["required"] = "required"


class Allow(Record):
    """A missing value reaches the model as NaN, or as an empty string."""

    policy: Literal["allow"] = "allow"


class Default(Record):
    """A missing value is replaced."""

    policy: Literal["default"] = "default"
    value: Scalar


Missing = Annotated[Required | Allow | Default, Field(discriminator="policy")]


@dataclass(frozen=True, slots=True)
class Flag:
    """A value the model never saw the like of, and what the contract says to do about it."""

    feature: str
    reason: FlagReason
    action: Literal["flag", "fallback"]


Reading = tuple[Scalar | None, Flag | None]


class FeatureBase(Record):
    """One named input of the model. Missing means null or absent, everywhere."""

    kind: str
    name: Annotated[str, Field(pattern=r"^[A-Za-z_][A-Za-z0-9_]{0,63}$")]
    description: str = ""
    unit: str | None = None
    sensitive: bool = False
    missing: Missing = Required()

    def read(self, value: object) -> Reading:
        """The normalised value and its flag; raises Refusal. Reading twice changes nothing."""
        if self._is_missing(value):
            return self._absent()
        return self._read(value)

    def json_schema(self) -> dict[str, Any]:
        """JSON Schema (2020-12) of what a client may send for this feature."""
        schema = self._value_schema()
        if text := self._documentation():
            schema["description"] = text
        if self.unit:
            schema["x-unit"] = self.unit
        if not isinstance(self.missing, Required):
            schema["type"] = [schema["type"], "null"]
            if "enum" in schema:
                schema["enum"] = [*schema["enum"], None]
        if isinstance(self.missing, Default):
            schema["default"] = self.missing.value
        return schema

    @property
    def may_be_null(self) -> bool:
        """Whether a normalised row can hold None for this feature."""
        return isinstance(self.missing, Allow)

    @property
    def may_fall_back(self) -> bool:
        """Whether some value of this feature is answered by the fallback."""
        return False

    @model_validator(mode="after")
    def _default_keeps_the_contract(self) -> Self:
        if isinstance(self.missing, Default):
            try:
                _, flag = self._read(self.missing.value)
            except Refusal as refusal:
                raise ValueError(f"the default {refusal.message}") from None
            if flag:
                raise ValueError(f"the default is {flag.reason}")
        return self

    def _is_missing(self, value: object) -> bool:
        return value is None

    def _absent(self) -> Reading:
        if isinstance(self.missing, Required):
            raise Refusal(Code.MISSING, "is required")
        if isinstance(self.missing, Default):
            return self._read(self.missing.value)
        return None, None

    def _documentation(self) -> str:
        notes = [self.description, *self._notes()]
        return " ".join(f"{note.rstrip('.')}." for note in notes if note)

    def _notes(self) -> list[str]:
        return []

    def _read(self, value: object) -> Reading:
        raise NotImplementedError

    def _value_schema(self) -> dict[str, Any]:
        raise NotImplementedError
