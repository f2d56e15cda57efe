"""By which contract the rows of a request are read: the path says its major version."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from functions.inference.errors import NoSuchContract
from model_store.artifact.manifest import Manifest
from model_store.artifact.standby import Standby
from model_store.contract import (
    Code,
    Contract,
    InvalidRow,
    Row,
    Upcast,
    Violation,
    normalise,
    predictions_path,
    upcast,
)

_MAJOR = re.compile("0|[1-9][0-9]{0,8}")


@dataclass(frozen=True, slots=True)
class Served:
    """A contract that callers know. contract: None while it is not known; of a row, nothing is
    read then.

    newest: what the model takes, where that is another contract; older: how rows get there.
    """

    contract: Contract | None = None
    newest: Contract | None = None
    older: Upcast | None = None

    def read(self, instance: object, *, hints: bool = True) -> Row:
        """A row as the model takes it; raises InvalidRow in the words of the caller's contract."""
        if self.contract is None:
            return _unread(instance)
        row = normalise(self.contract, instance, hints=hints)
        if self.older and self.newest:
            return upcast(row, self.older, self.newest)
        return row

    def read_plain(self, body: bytes, most: int) -> list[Row] | None:
        """At most so many rows of a body, as the model takes them; None where `read` must have a
        look."""
        if self.contract is None or self.older:
            return None
        read = self.contract.plain.read(body, most)
        return None if read is None else [Row(values) for values in read]


UNKNOWN = Served()


def own(known: Manifest | Standby | None) -> Served:
    """The contract of the model itself."""
    return Served(known.contract) if known else UNKNOWN


def majors_of(known: Manifest | Standby | None) -> tuple[int, ...]:
    """What is served, the newest first; empty if that is not known."""
    if known is None:
        return ()
    return known.majors or ((known.contract.major,) if known.contract else ())


def all_served(known: Manifest | Standby | None) -> dict[int, Served]:
    """By major version, the newest first; empty if that is not known."""
    return {major: _served(known, major) for major in majors_of(known)}


def _served(known: Manifest | Standby | None, major: int) -> Served:
    if known is None or known.contract is None:
        return UNKNOWN
    if known.contract.major == major:
        return Served(known.contract)
    older = known.accepted(major) if isinstance(known, Manifest) else None
    return Served(older.contract, known.contract, older) if older else UNKNOWN


@dataclass(slots=True)
class Paths:
    """The contracts of a path's major version, looked up once for what is known of the model."""

    _known: Manifest | Standby | None = None
    _served: dict[str, Served] = field(default_factory=dict)

    def served_at(self, known: Manifest | Standby | None, major: str) -> Served:
        """Raises NoSuchContract. While nothing is known of the model, any may be served."""
        if known is not self._known:
            self._known = known
            self._served = {str(number): served for number, served in all_served(known).items()}
        if found := self._served.get(major):
            return found
        if self._served or not _MAJOR.fullmatch(major):
            raise NoSuchContract([*map(predictions_path, majors_of(known))])
        return UNKNOWN


def _unread(instance: object) -> Row:
    if isinstance(instance, Mapping):
        return Row({})
    raise InvalidRow("unknown", [Violation((), Code.NOT_AN_OBJECT, "must be a JSON object")])
