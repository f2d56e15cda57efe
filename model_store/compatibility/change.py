"""One difference between two versions, as a caller meets it."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Literal


class Kind(StrEnum):
    """silent: nothing is refused, but the same request or answer means something else."""

    COMPATIBLE = "compatible"
    SILENT = "silent"
    BREAKING = "breaking"


class Mode(StrEnum):
    """backward: who calls the old version is served by the new one. forward: the reverse, which a
    rollback needs. The words are those of Avro and of schema registries."""

    BACKWARD = "backward"
    FORWARD = "forward"
    FULL = "full"


Asks = Literal["major", "consent", "nothing"]
"""What a change that is not compatible asks of its owner: a raised major version of the contract,
a word when it is deployed, or only that it is told."""

_ORDER = tuple(Kind)


@dataclass(frozen=True, slots=True)
class Change:
    """`where` names the feature or the part, `rule` what was looked at, `what` how it differs.

    backward, forward: what it does to callers of the old version, and to those of the new one
    after going back. is_addition: the new version knows more, and nothing else is different.
    """

    where: str
    rule: str
    what: str
    way_out: str
    backward: Kind
    forward: Kind
    is_addition: bool = False
    asks: Asks = "major"

    def kind(self, mode: Mode = Mode.BACKWARD, *, strict: bool = False) -> Kind:
        """Additions are compatible in every mode, unless strict."""
        if self.is_addition and not strict:
            return Kind.COMPATIBLE
        sides = {
            Mode.BACKWARD: (self.backward,),
            Mode.FORWARD: (self.forward,),
            Mode.FULL: (self.backward, self.forward),
        }
        return worst(*sides[mode])


def worst(*kinds: Kind) -> Kind:
    """Compatible when there is none."""
    return max(kinds, key=_ORDER.index, default=Kind.COMPATIBLE)
