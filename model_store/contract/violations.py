"""Why a row is refused, in words that never contain what was sent."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum

from model_store.errors import ContractError


class Code(StrEnum):
    """Stable, machine-readable reasons for refusing a value."""

    NOT_AN_OBJECT = "not_an_object"
    MISSING = "missing"
    UNKNOWN_FIELD = "unknown_field"
    WRONG_TYPE = "wrong_type"
    NOT_FINITE = "not_finite"
    TOO_LARGE = "too_large"
    OUT_OF_RANGE = "out_of_range"
    UNSEEN_CATEGORY = "unseen_category"
    TOO_LONG = "too_long"
    INVALID_TEXT = "invalid_text"
    INVALID_DATE = "invalid_date"
    NOT_STRICTER = "not_stricter"
    NOT_OFFERED = "not_offered"


@dataclass(frozen=True, slots=True)
class Violation:
    """One thing wrong with one row; `path` leads to it, e.g. `("instances", 3, "sex")`."""

    path: tuple[str | int, ...]
    code: Code
    message: str

    @property
    def pointer(self) -> str:
        """RFC 6901 JSON pointer of the path."""
        return "".join(f"/{str(p).replace('~', '~0').replace('/', '~1')}" for p in self.path)

    def under(self, *prefix: str | int) -> "Violation":
        return replace(self, path=(*prefix, *self.path))


class Refusal(Exception):
    """One value is not acceptable; raised by a feature, turned into a Violation by the row."""

    def __init__(self, code: Code, message: str) -> None:
        super().__init__(code, message)
        self.code, self.message = code, message


class InvalidRow(ContractError):
    """A row that breaks the contract. `violations` says how, without any value that was sent."""

    def __init__(self, contract: str, violations: Iterable[Violation]) -> None:
        self.violations = tuple(violations)
        found = "; ".join(f"{v.pointer or 'row'} {v.message}" for v in self.violations)
        super().__init__(f"contract {contract}", found, "Correct these fields and send it again")
