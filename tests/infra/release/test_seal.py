"""A chain of hashes: whatever is changed in it, or taken out of it, shows."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from infra.release.seal import first_broken, sealed
from infra.release.timeline import Event

from .conftest import event


def chain(length: int) -> list[Event]:
    events: list[Event] = []
    for number in range(1, length + 1):
        moved = event(number, "release", number - 1 or None, number, str(number))
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
