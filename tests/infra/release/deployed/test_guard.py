"""What is refused before anything is built."""

from dataclasses import replace

import pytest

from infra.errors import Refused
from infra.release.deployed.guard import check_fallback, check_not_rolled_back, check_stack
from infra.release.deployed.live import FALLBACK_ONLY, Live
from model_store.artifact.reference import ModelReference
from model_store.history.event import Event
from tests.infra.release.conftest import digest_of, event, lambda_version, live_at, stack

RELEASED = (event(1, "release", None, 1, "1"), event(2, "release", 1, 2, "2"))
ROLLED_BACK = (*RELEASED, event(3, "rollback", 2, 1, "1"))
BAD = ModelReference("scaled", "2")


@pytest.mark.parametrize(
    "status", ["CREATE_COMPLETE", "UPDATE_COMPLETE", "UPDATE_ROLLBACK_COMPLETE"]
)
def test_a_stack_at_rest_is_fine(status: str) -> None:
    check_stack(stack(status=status))


def test_no_stack_is_fine() -> None:
    check_stack(None)


@pytest.mark.parametrize(
    ("status", "way_out"),
    [
        ("CREATE_IN_PROGRESS", "Wait until it is done"),
        ("UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS", "Wait until it is done"),
        ("UPDATE_ROLLBACK_FAILED", "continue-update-rollback --stack-name lambent-scaled"),
        ("ROLLBACK_COMPLETE", "lambent destroy scaled"),
        ("ROLLBACK_FAILED", "lambent destroy scaled"),
        ("DELETE_FAILED", "lambent destroy scaled"),
    ],
)
def test_a_stack_that_takes_no_update_is_refused_with_its_own_way_out(
    status: str, way_out: str
) -> None:
    with pytest.raises(Refused) as refusal:
        check_stack(stack(status=status))
    assert status in refusal.value.what
    assert way_out in refusal.value.next_step


def test_a_model_that_was_rolled_back_is_refused_with_who_and_why() -> None:
    with pytest.raises(Refused) as refusal:
        check_not_rolled_back(BAD, digest_of("2"), ROLLED_BACK)
    assert "by ada, because: worse; scaled@1 was live since" in refusal.value.what
    assert "lambent deploy scaled@1;" in refusal.value.next_step
    assert refusal.value.next_step.endswith("lambent deploy scaled@2 --again")


def test_a_model_whose_release_was_refused_does_not_come_back_by_accident_either() -> None:
    refused = event(2, "refused", 2, 1, "1")
    events = (RELEASED[0], replace(refused, left=digest_of("2"), why="golden example 3"))
    with pytest.raises(Refused, match=r"was refused on .* because: golden example 3; scaled@1"):
        check_not_rolled_back(BAD, digest_of("2"), events)


def test_a_refusal_does_not_hide_who_switched_the_model_off() -> None:
    live, events = switched_off()
    events = (*events, event(4, "refused", 4, 3, "2"))
    with pytest.raises(Refused, match="odd answers"):
        check_fallback(BAD, live, events, named=False)


def test_the_same_version_with_other_bytes_is_another_model() -> None:
    check_not_rolled_back(BAD, digest_of("mended"), ROLLED_BACK)


def test_what_was_released_again_since_is_good() -> None:
    check_not_rolled_back(BAD, digest_of("2"), (*ROLLED_BACK, event(4, "release", 1, 3, "2")))


@pytest.mark.parametrize("events", [(), RELEASED])
def test_without_a_rollback_nothing_is_refused(events: tuple[Event, ...]) -> None:
    check_not_rolled_back(BAD, digest_of("2"), events)


def switched_off(why: str = "odd answers") -> tuple[Live, tuple[Event, ...]]:
    version = replace(lambda_version(3, "2"), environment=FALLBACK_ONLY)
    switch = replace(event(3, "fallback on", 2, 3, "2"), why=why)
    return Live(version, {}, "r"), (*RELEASED, switch)


def test_a_model_that_was_switched_off_is_not_released_by_accident() -> None:
    live, events = switched_off()
    with pytest.raises(
        Refused, match=r"by ada, because: odd answers.*fallback scaled off; or"
    ) as e:
        check_fallback(BAD, live, events, named=False)
    assert "lambent deploy scaled@2" in e.value.next_step


def test_whoever_names_the_version_ends_the_fallback() -> None:
    live, events = switched_off()
    check_fallback(BAD, live, events, named=True)
    check_fallback(BAD, live_at(2, "2"), RELEASED, named=False)
    check_fallback(BAD, None, (), named=False)
