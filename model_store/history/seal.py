"""The history is a chain of hashes: what was changed or taken out in it can be told. Pure.

Haber & Stornetta, How to Time-Stamp a Digital Document (1991). Who may write the whole table can
seal it anew, or cut off its end: keep the last seal that a command printed where they cannot.
"""

from collections.abc import Sequence
from dataclasses import asdict, replace
from typing import Any

from model_store.canonical import canonical_json, sha256_hex
from model_store.history.event import Event

ADDED_LATER = {"left"}
"""Fields that older events do not have; while empty they are neither sealed nor stored."""


def facts(event: Event) -> dict[str, Any]:
    """What the event says, without its seal."""
    fields = asdict(event).items()
    return {
        name: value
        for name, value in fields
        if name != "seal" and (value or name not in ADDED_LATER)
    }


def sealed(event: Event, before: Event | None) -> Event:
    """The event with the hash of itself and of the seal before it."""
    previous = before.seal if before else ""
    chained = {"previous": previous, "event": facts(event)}
    return replace(event, seal=sha256_hex(canonical_json(chained)))


def first_broken(events: Sequence[Event]) -> int | None:
    """The sequence number of the first event that is not what was sealed, or that follows a gap;
    None if the chain is whole."""
    before: Event | None = None
    for place, event in enumerate(events, start=1):
        if event.sequence != place or sealed(event, before).seal != event.seal:
            return event.sequence
        before = event
    return None
