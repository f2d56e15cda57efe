"""What one signal says about a candidate."""

from dataclasses import dataclass
from enum import StrEnum


class Verdict(StrEnum):
    WORSE = "worse"
    FINE = "fine"
    NOT_YET = "not yet"


@dataclass(frozen=True)
class Finding:
    """`what`: a readable clause with the numbers that the verdict rests on."""

    signal: str
    verdict: Verdict
    what: str
