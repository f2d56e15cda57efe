"""The history of one model, and what follows from it. Pure."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from model_store.history.event import Action, Event, Served

FOUND = "found by Lambent; moved by something else, such as a plain sam deploy"
ROLLBACKS = {"rollback", "automatic rollback"}
TWINS = {"fallback on", "shadow on"}
"""Moves to another Lambda version for the same model."""
STACK = {"release", "observed"}
"""Moves to versions that a stack has made; after a destroy their numbers start again."""


def moves(events: Sequence[Event]) -> tuple[Event, ...]:
    """The events that moved the alias: a refusal left it where it was."""
    return tuple(event for event in events if event.action != "refused")


def live_since(events: Sequence[Event], live: str) -> str | None:
    """When the version that is live now became so; None when no event tells."""
    moved = moves(events)
    return moved[-1].at if moved and moved[-1].target == live else None


def models_behind(events: Sequence[Event]) -> dict[str, str]:
    """By the number of each twin, the Lambda version that it last stood in for; empty text where
    nobody knows."""
    behind: dict[str, str] = {}
    for event in events:
        _follow(behind, event)
    return behind


def _follow(behind: dict[str, str], event: Event) -> None:
    if event.action in TWINS:
        source = event.source or ""
        behind[event.target] = behind.get(source, source)
    elif event.action in STACK:
        behind.pop(event.target, None)


def rolled_back(events: Sequence[Event]) -> frozenset[str]:
    """Lambda versions that a rollback left or that were refused, and that nobody made live since.

    What is left while a twin is live is the version behind it.
    """
    left: set[str] = set()
    behind: dict[str, str] = {}
    for event in events:
        if event.source is not None and event.action in {*ROLLBACKS, "refused"}:
            left.add(behind.get(event.source, event.source))
        _follow(behind, event)
        left.discard(event.target)
    return frozenset(left)


def left_by(events: Sequence[Event]) -> Mapping[str, Event]:
    """By digest, models that a rollback left or that were refused, and that are not live since;
    with the last event that did so."""
    digests = {event.target: event.digest for event in moves(events)}
    left: dict[str, Event] = {}
    for event in events:
        if event.action in {*ROLLBACKS, "refused"}:
            left[event.left or digests.get(event.source or "", "")] = event
        left.pop(event.digest, None)
    left.pop("", None)
    return left


def rolled_back_digests(events: Sequence[Event]) -> frozenset[str]:
    """Digests of models that a rollback left or that were refused, and that are not live since."""
    return frozenset(left_by(events))


def count_detours(events: Sequence[Event]) -> int:
    """How often the alias was led away from what the stack released: by rollbacks, and by a
    switch ("fallback on", "shadow on") that no other led back from."""
    count = Counter(event.action for event in events)
    away = count["rollback"] + count["automatic rollback"]
    away += count["fallback on"] - count["fallback off"]
    return away + count["shadow on"] - count["shadow off"]


def previous(events: Sequence[Event], live: str) -> Event | None:
    """The latest move to a model that was live before and was not itself rolled back or refused.

    While a twin is live, that is the one before the model that it stands in for.
    """
    return next(earlier(events, live), None)


def earlier(events: Sequence[Event], live: str) -> Iterator[Event]:
    """The moves to all such models, the latest first: where one rollback after the other leads."""
    behind = models_behind(events)
    shunned = rolled_back(events) | behind.keys() | {live, behind.get(live, live)}
    return (event for event in reversed(moves(events)) if event.target not in shunned)


def with_observed(events: Sequence[Event], live: Served, at: str) -> tuple[Event, ...]:
    """The events, and a last one that was found if the alias is where they do not lead."""
    if events and events[-1].target == live.number:
        return tuple(events)
    last = events[-1] if events else None
    found = Event(
        sequence=last.sequence + 1 if last else 1,
        action=_found(live),
        source=last.target if last else None,
        target=live.number,
        model_version=live.model_version,
        digest=live.digest,
        at=at,
        who="unknown",
        why=FOUND,
    )
    return (*events, found)


def _found(live: Served) -> Action:
    """How somebody else's move to this version looks."""
    if live.is_fallback_only:
        return "fallback on"
    return "shadow on" if live.is_shadowing else "observed"
