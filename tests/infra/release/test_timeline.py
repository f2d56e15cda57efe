"""What the history of the alias says about going back."""

from hypothesis import given
from hypothesis import strategies as st

from infra.release.timeline import (
    Event,
    count_detours,
    live_since,
    models_behind,
    previous,
    rolled_back,
    rolled_back_digests,
    with_observed,
)


def history(*moves: str) -> list[Event]:
    """ "+3" releases Lambda version 3, "-1" rolls back to 1, "?2" is a move found at 2; "!9" is a
    switch to 9, which only has the fallback, and ".3" one back to 3."""
    actions = {
        "+": "release",
        "-": "rollback",
        "?": "observed",
        "!": "fallback on",
        ".": "fallback off",
    }
    events: list[Event] = []
    for move in moves:
        source = events[-1].target if events else None
        target, at = move[1:], f"2030-01-01T00:00:{len(events):02}+00:00"
        events.append(
            Event(
                len(events) + 1,
                actions[move[0]],
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


def test_while_the_model_is_switched_off_one_goes_back_to_the_model_before_it() -> None:
    assert before("+1", "+2", "!9") == "1"
    assert before("+1", "!9") is None
    assert before("+1", "+2", "!9", ".2") == "1"
    assert rolled_back(history("+1", "+2", "!9", "-1")) == {"2"}


def test_a_fallback_only_version_is_never_gone_back_to() -> None:
    assert before("+1", "!9", ".1", "+2") == "1"
    assert before("+1", "!9", "+2") == "1"
    assert before("+1", "+2", "!9", "-1", "+3") == "1"


def test_a_switch_stands_in_for_what_was_live_even_if_it_was_switched_twice() -> None:
    assert models_behind(history("+1", "!9")) == {"9": "1"}
    assert models_behind(history("+1", "!9", "!8")) == {"9": "1", "8": "1"}
    assert models_behind(history("!9")) == {"9": ""}
    assert models_behind(history("+1", "!9", "+9")) == {}  # numbers start again after a destroy


def test_a_detour_is_what_led_away_and_not_back() -> None:
    """After each, a plain deploy has to be a new release; after on and off it need not be."""
    assert count_detours(history("+1", "+2", "-1")) == 1
    assert count_detours(history("+1", "!9")) == 1
    assert count_detours(history("+1", "!9", ".1")) == 0
    assert count_detours(history("+1", "!9", "+2", "?3")) == 1


def test_a_switch_that_nobody_wrote_down_is_told_as_one() -> None:
    (_, found) = with_observed(history("+1"), "9", "v1", "d", "later", fallback_only=True)
    assert (found.action, found.source, found.target) == ("fallback on", "1", "9")


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


MOVES = ["+1", "+2", "+3", "-1", "-2", "-3", "?1", "?2", "!8", "!9", ".1", ".2"]


@given(st.lists(st.sampled_from(MOVES), min_size=1))
def test_going_back_never_leads_to_what_is_live_or_was_rolled_back(moves: list[str]) -> None:
    events = history(*moves)
    found = previous(events, events[-1].target)
    if found is not None:
        assert found.target != events[-1].target
        assert found.target not in rolled_back(events) | {"8", "9"}
