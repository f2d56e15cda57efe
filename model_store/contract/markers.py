"""What a user writes beside a type: `Annotated[float, Unit("mm"), OutOfRange("flag")]`."""

from dataclasses import dataclass
from typing import Literal

Treatment = Literal["reject", "flag", "fallback"]
"""What to do with a value the model never saw: refuse the row, answer and say so, or fall back."""


@dataclass(frozen=True)
class Unit:
    """The unit in which the value is sent, shown in the API's documentation."""

    name: str


@dataclass(frozen=True)
class Sensitive:
    """Personal data: kept out of baselines and golden examples."""


@dataclass(frozen=True)
class OutOfRange:
    """What to do with a value outside ge/gt/le/lt. Without this marker the row is refused."""

    treatment: Treatment


@dataclass(frozen=True)
class Category:
    """How a Literal or Enum is read: what to do with an unseen value, which spellings are equal."""

    unseen: Treatment = "reject"
    fold_case: bool = True
    trim: bool = True
