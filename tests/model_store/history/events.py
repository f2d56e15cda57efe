"""Histories to read, and what Lambda versions serve."""

from dataclasses import dataclass
from typing import Any

from model_store.history.event import Event

SIGNS: dict[str, Any] = {
    "+": "release",
    "-": "rollback",
    "~": "automatic rollback",
    "x": "refused",
    "?": "observed",
    "!": "fallback on",
    ".": "fallback off",
    "^": "shadow on",
    "_": "shadow off",
}


@dataclass(frozen=True)
class Version:
    """A Lambda version that serves the model version of the same number."""

    number: str
    is_fallback_only: bool = False
    is_shadowing: bool = False

    @property
    def model_version(self) -> str:
        return f"v{self.number}"

    @property
    def digest(self) -> str:
        return f"digest-{self.number}"


def event(sequence: int, action: str, source: str | None, target: str, **changes: str) -> Event:
    version, kind = Version(target), next(k for k in SIGNS.values() if k == action)
    at = f"2030-01-01T00:{sequence // 60:02}:{sequence % 60:02}+00:00"
    fields: dict[str, Any] = {"model_version": version.model_version, "digest": version.digest}
    return Event(sequence, kind, source, target, **{**fields, "at": at, "who": "ada", **changes})


def history(*moves: str) -> list[Event]:
    """ "+3" releases Lambda version 3, "-1" rolls back to 1, "~1" does so by itself, "x3" refuses
    3, "?2" is a move found at 2; "!9" and ".3" switch the fallback on and off, "^9" and "_3" the
    shadow; a twin such as 9 has a digest of its own here."""
    events: list[Event] = []
    for move in moves:
        action, number, live = SIGNS[move[0]], move[1:], events[-1].target if events else None
        place = len(events) + 1
        if action == "refused":
            left = Version(number).digest
            events.append(event(place, action, number, live or "", left=left))
        else:
            events.append(event(place, action, live, number))
    return events
