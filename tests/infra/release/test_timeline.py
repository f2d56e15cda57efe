"""What the history of the alias says about going back."""

from hypothesis import given
from hypothesis import strategies as st

from infra.release.timeline import (
    Event,
    live_since,
    previous,
    rolled_back,
    rolled_back_digests,
    with_observed,
)


def history(*moves: str) -> list[Event]:
    """ "+3" releases Lambda version 3, "-1" rolls back to 1, "?2" is a move found at 2."""
    actions = {"+": "release", "-": "rollback", "?": "observed"}
    events: list[Event] = []
    for move in moves:
        source = events[-1].target if events else None
        target, at = move[1:], f"2030-01-01T00:00:{len(events):02}+00:00"
        events.append(
            Event(
                len(events) + 1,
                actions[move[0]],  # type: ignore[arg-type]
                source,
                target,
                f"v{target}",
                f"digest-{target}",
                at,
                "someone",
            )
        )
    return events


def before(*moves: str) -> str | None:
    events = history(*moves)
    found = previous(events, events[-1].target)
    return found.target if found else None


def test_before_the_first_release_there_was_nothing() -> None:
    assert before("+1") is None


def test_a_release_goes_back_to_the_release_before() -> None:
    assert before("+1", "+2", "+3") == "2"


def test_the_highest_number_may_never_have_been_live() -> None:
    """Lambda versions 2 and 3 were published and never released."""
    assert before("+1", "+4") == "1"


def test_what_was_rolled_back_is_not_gone_back_to() -> None:
    assert before("+1", "+2", "-1", "+3") == "1"
    assert before("+1", "+2", "+3", "-2") == "1"
    assert before("+1", "+2", "-1") is None


def test_what_was_released_again_after_its_rollback_may_be_gone_back_to() -> None:
    assert before("+1", "+2", "-1", "+2", "+3") == "2"
    assert rolled_back(history("+1", "+2", "-1", "+2")) == frozenset()


def test_a_move_that_lambent_only_found_counts_as_live() -> None:
    assert before("+1", "?2", "+3") == "2"


def test_the_digest_of_what_was_rolled_back_is_remembered_until_it_is_live_again() -> None:
    assert rolled_back_digests(history("+1", "+2", "-1")) == {"digest-2"}
    assert rolled_back_digests(history("+1", "+2", "-1", "+2")) == frozenset()


def test_since_is_the_time_of_the_last_move_if_it_led_here() -> None:
    assert live_since(history("+1", "+2"), "2") == "2030-01-01T00:00:01+00:00"
    assert live_since(history("+1", "+2"), "1") is None


def test_a_move_that_nobody_wrote_down_is_noted_once() -> None:
    known = with_observed(history("+1"), "2", "v2", "digest-2", "later")
    assert [(e.action, e.source, e.target) for e in known[1:]] == [("observed", "1", "2")]
    assert with_observed(known, "2", "v2", "digest-2", "later") == known


@given(st.lists(st.sampled_from(["+1", "+2", "+3", "-1", "-2", "-3", "?1", "?2"]), min_size=1))
def test_going_back_never_leads_to_what_is_live_or_was_rolled_back(moves: list[str]) -> None:
    events = history(*moves)
    found = previous(events, events[-1].target)
    if found is not None:
        assert found.target != events[-1].target
        assert found.target not in rolled_back(events)
