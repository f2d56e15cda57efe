"""A chain of hashes: whatever is changed in it, or taken out of it, shows."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from model_store.history.event import Event
from model_store.history.seal import first_broken, sealed

from .events import event

OLD_SEAL = "f4eafb4f0f35bdedf5bf4d4a48f8fbca44cdffb0b2be4b48c30509d1deb140e0"


def chain(length: int) -> list[Event]:
    events: list[Event] = []
    for number in range(1, length + 1):
        moved = event(number, "release", str(number - 1), str(number))
        events.append(sealed(moved, events[-1] if events else None))
    return events


def test_what_was_written_in_order_is_whole() -> None:
    assert [first_broken(chain(length)) for length in (0, 1, 5)] == [None] * 3


@pytest.mark.parametrize(
    "change",
    [
        {"why": "no reason"},
        {"who": "somebody else"},
        {"digest": "0" * 64},
        {"at": "2031-01-01"},
        {"action": "rollback"},
        {"left": "0" * 64},
        {"seal": ""},
    ],
)
def test_a_changed_event_is_told_by_its_number(change: dict[str, str]) -> None:
    events = chain(5)
    events[2] = replace(events[2], **change)
    assert first_broken(events) == 3


def test_a_changed_event_that_is_sealed_again_breaks_the_next() -> None:
    events = chain(5)
    events[2] = sealed(replace(events[2], why="no reason"), events[1])
    assert first_broken(events) == 4


@given(length=st.integers(2, 8), data=st.data())
def test_an_event_that_is_taken_out_leaves_a_gap(length: int, data: st.DataObject) -> None:
    events = chain(length)
    del events[data.draw(st.integers(0, length - 2))]
    assert first_broken(events) is not None


def test_two_that_changed_places_do_not_fit() -> None:
    first, second, third = chain(3)
    assert first_broken([first, third, second]) == 3


def test_an_event_from_before_there_was_a_field_left_is_still_whole() -> None:
    """This seal was written by Lambent 0.1.0."""
    event = Event(1, "release", None, "1", "1.0", "d" * 64, "2026-11-22T00:00:00+00:00", "ada")
    assert sealed(event, None).seal == OLD_SEAL
    assert first_broken([replace(event, seal=OLD_SEAL)]) is None
