"""The history of one model, and what follows from it. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

Action = Literal["release", "rollback", "observed"]
FOUND = "found by Lambent; moved by something else, such as a plain sam deploy"


@dataclass(frozen=True)
class Event:
    """One move of the alias `live`.

    `sequence` counts from 1 per model; `source` and `target` are Lambda version numbers
    (`source` None for the first); `at` is an ISO 8601 time in UTC. "observed" is a move that
    Lambent did not make and only found, such as a plain `sam deploy`.
    """

    sequence: int
    action: Action
    source: str | None
    target: str
    model_version: str
    digest: str
    at: str
    who: str
    why: str = ""


def live_since(events: Sequence[Event], live: str) -> str | None:
    """When the version that is live now became so; None when no event tells."""
    return events[-1].at if events and events[-1].target == live else None


def rolled_back(events: Sequence[Event]) -> frozenset[str]:
    """Lambda versions that a rollback left, and that nobody made live again since."""
    left: set[str] = set()
    for event in events:
        if event.action == "rollback" and event.source is not None:
            left.add(event.source)
        left.discard(event.target)
    return frozenset(left)


def rolled_back_digests(events: Sequence[Event]) -> frozenset[str]:
    """Digests of models that a rollback left, and that are not live again since."""
    digests = {event.target: event.digest for event in events}
    left: set[str] = set()
    for event in events:
        if event.action == "rollback" and event.source in digests:
            left.add(digests[event.source])
        left.discard(event.digest)
    return frozenset(left)


def count_rollbacks(events: Sequence[Event]) -> int:
    return sum(event.action == "rollback" for event in events)


def previous(events: Sequence[Event], live: str) -> Event | None:
    """The latest move to a version that was live before and was not itself rolled back."""
    bad = rolled_back(events)
    return next((e for e in reversed(events) if e.target != live and e.target not in bad), None)


def with_observed(
    events: Sequence[Event], live: str, model_version: str, digest: str, at: str
) -> tuple[Event, ...]:
    """The events, and a last one of action "observed" if the alias is where they do not lead."""
    if events and events[-1].target == live:
        return tuple(events)
    last = events[-1] if events else None
    found = Event(
        sequence=last.sequence + 1 if last else 1,
        action="observed",
        source=last.target if last else None,
        target=live,
        model_version=model_version,
        digest=digest,
        at=at,
        who="unknown",
        why=FOUND,
    )
    return (*events, found)
