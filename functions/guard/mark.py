"""What the alias itself tells about who moved it last: it changes in the same call as the move, so
that a run that dies before the history is written leaves a trace. Pure."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from model_store.history.event import Event
from model_store.history.live import Alias
from model_store.history.timeline import moves

WHO = "lambent guard"
LONGEST = 256
"""Characters that Lambda takes as the description of an alias."""
_MARK = re.compile(
    rf"{WHO}, (?P<at>\S+): (?P<source>\d+) to (?P<target>\d+) "
    r"after event (?P<after>\d+): (?P<why>.*)",
    re.DOTALL,
)


@dataclass(frozen=True)
class Mark:
    """The guard moved the alias from `source` to `target` when the last event was `after`."""

    at: datetime
    source: str
    target: str
    after: int
    why: str

    def __str__(self) -> str:
        when, move = self.at.isoformat(timespec="seconds"), f"{self.source} to {self.target}"
        return f"{WHO}, {when}: {move} after event {self.after}: {self.why}"[:LONGEST]


def read_mark(alias: Alias) -> Mark | None:
    """The guard's last move of this alias, which other moves leave there; None before its first."""
    found = _MARK.fullmatch(alias.description)
    if found is None:
        return None
    at, after = datetime.fromisoformat(found["at"]), int(found["after"])
    return Mark(at, found["source"], found["target"], after, found["why"])


def unwritten(alias: Alias, events: Sequence[Event]) -> Mark | None:
    """The move that led to what is live, if the history does not tell that the guard made it."""
    mark = read_mark(alias)
    if mark is None or mark.target != alias.number:
        return None
    since = (event for event in moves(events) if event.sequence > mark.after)
    return mark if all(event.action == "observed" for event in since) else None
