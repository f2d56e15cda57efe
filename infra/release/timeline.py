"""The history of one model, and what follows from it. Pure."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

Action = Literal["release", "rollback", "observed", "fallback on", "fallback off"]
FOUND = "found by Lambent; moved by something else, such as a plain sam deploy"


@dataclass(frozen=True)
class Event:
    """One move of the alias `live`.

    `sequence` counts from 1 per model; `source` and `target` are Lambda version numbers
    (`source` None for the first); `at` is an ISO 8601 time in UTC. "observed" is a move that
    Lambent did not make and only found, such as a plain `sam deploy`. "fallback on" leads to a
    version that answers from the fallback alone, for the model of `source`. `seal` hangs on the
    seal of the event before (infra.release.seal).
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
    seal: str = ""


def live_since(events: Sequence[Event], live: str) -> str | None:
    """When the version that is live now became so; None when no event tells."""
    return events[-1].at if events and events[-1].target == live else None


def models_behind(events: Sequence[Event]) -> dict[str, str]:
    """By the number of each fallback-only version, the Lambda version that it last stood in for;
    empty text where nobody knows."""
    behind: dict[str, str] = {}
    for event in events:
        _follow(behind, event)
    return behind


def _follow(behind: dict[str, str], event: Event) -> None:
    if event.action == "fallback on":
        source = event.source or ""
        behind[event.target] = behind.get(source, source)
    else:
        behind.pop(event.target, None)  # after a destroy the numbers start again


def rolled_back(events: Sequence[Event]) -> frozenset[str]:
    """Lambda versions that a rollback left, and that nobody made live again since.

    What is left while only the fallback answers is the version with the model.
    """
    left: set[str] = set()
    behind: dict[str, str] = {}
    for event in events:
        if event.action == "rollback" and event.source is not None:
            left.add(behind.get(event.source, event.source))
        _follow(behind, event)
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


def count_detours(events: Sequence[Event]) -> int:
    """How often the alias was led away from what the stack released: by rollbacks, and by a
    "fallback on" that no "fallback off" led back from."""
    moves = Counter(event.action for event in events)
    return moves["rollback"] + moves["fallback on"] - moves["fallback off"]


def previous(events: Sequence[Event], live: str) -> Event | None:
    """The latest move to a model that was live before and was not itself rolled back.

    While only the fallback answers, that is the one before the model that it stands in for.
    """
    behind = models_behind(events)
    shunned = rolled_back(events) | behind.keys() | {live, behind.get(live, live)}
    return next((e for e in reversed(events) if e.target not in shunned), None)


def with_observed(
    events: Sequence[Event],
    live: str,
    model_version: str,
    digest: str,
    at: str,
    *,
    fallback_only: bool = False,
) -> tuple[Event, ...]:
    """The events, and a last one that was found if the alias is where they do not lead."""
    if events and events[-1].target == live:
        return tuple(events)
    last = events[-1] if events else None
    found = Event(
        sequence=last.sequence + 1 if last else 1,
        action="fallback on" if fallback_only else "observed",
        source=last.target if last else None,
        target=live,
        model_version=model_version,
        digest=digest,
        at=at,
        who="unknown",
        why=FOUND,
    )
    return (*events, found)
