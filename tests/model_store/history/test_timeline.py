"""What the history of the alias says about going back."""

from hypothesis import given
from hypothesis import strategies as st

from model_store.history.timeline import (
    count_detours,
    left_by,
    live_since,
    models_behind,
    moves,
    previous,
    rolled_back,
    rolled_back_digests,
    with_observed,
)

from .events import Version, history


def before(*told: str) -> str | None:
    events = history(*told)
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
    (_, found) = with_observed(history("+1"), Version("9", is_fallback_only=True), "later")
    assert (found.action, found.source, found.target) == ("fallback on", "1", "9")
    (_, found) = with_observed(history("+1"), Version("9", is_shadowing=True), "later")
    assert (found.action, found.target) == ("shadow on", "9")


def test_the_digest_of_what_was_rolled_back_is_remembered_until_it_is_live_again() -> None:
    assert rolled_back_digests(history("+1", "+2", "-1")) == {"digest-2"}
    assert rolled_back_digests(history("+1", "+2", "-1", "+2")) == frozenset()


def test_since_is_the_time_of_the_last_move_if_it_led_here() -> None:
    assert live_since(history("+1", "+2"), "2") == "2030-01-01T00:00:02+00:00"
    assert live_since(history("+1", "+2"), "1") is None


def test_a_move_that_nobody_wrote_down_is_noted_once() -> None:
    known = with_observed(history("+1"), Version("2"), "later")
    assert [(e.action, e.source, e.target) for e in known[1:]] == [("observed", "1", "2")]
    assert with_observed(known, Version("2"), "later") == known


def test_an_automatic_rollback_counts_like_one_by_hand() -> None:
    assert before("+1", "+2", "+3", "~2") == "1"
    assert rolled_back(history("+1", "+2", "~1")) == {"2"}
    assert rolled_back_digests(history("+1", "+2", "~1")) == {"digest-2"}
    assert count_detours(history("+1", "+2", "~1")) == 1


def test_a_refused_version_counts_as_rolled_back_although_it_never_was_live() -> None:
    assert rolled_back(history("+1", "x2")) == {"2"}
    assert rolled_back_digests(history("+1", "x2")) == {"digest-2"}
    assert rolled_back_digests(history("+1", "x2", "+2")) == frozenset()
    assert before("+1", "+2", "x3") == "1"


def test_a_refusal_moves_nothing() -> None:
    events = history("+1", "+2", "x3")
    assert moves(events) == tuple(events[:2])
    assert live_since(events, "2") == events[1].at
    assert count_detours(events) == 0
    assert with_observed(events, Version("2"), "later") == tuple(events)


def test_who_wants_a_model_again_is_told_by_what_it_was_left_last() -> None:
    events = history("+1", "+2", "-1", "+2", "~1", "x3")
    assert left_by(events) == {"digest-2": events[4], "digest-3": events[5]}


def test_a_shadow_is_a_twin_of_the_version_that_it_was_made_from() -> None:
    assert models_behind(history("+1", "+2", "^9")) == {"9": "2"}
    assert before("+1", "+2", "^9") == "1"
    assert before("+1", "+2", "^9", "+3") == "2"
    assert before("+1", "+2", "^9", "_2") == "1"
    assert before("+1", "^9", "!8") is None
    assert rolled_back(history("+1", "+2", "^9", "~1")) == {"2"}
    assert count_detours(history("+1", "^9")) == 1
    assert count_detours(history("+1", "^9", "_1")) == 0


MOVES = [f"{sign}{number}" for sign in "+-~x?._" for number in (1, 2, 3)]
MOVES += [f"{sign}{number}" for sign in "!^" for number in (8, 9)]


@given(st.lists(st.sampled_from(MOVES)).map(lambda told: ["+1", *told]))
def test_going_back_never_leads_to_what_is_live_or_was_rolled_back(told: list[str]) -> None:
    events = history(*told)
    found = previous(events, events[-1].target)
    if found is not None:
        assert found.target != events[-1].target
        assert found.target not in rolled_back(events) | {"8", "9"}
