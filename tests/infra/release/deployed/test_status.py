"""What follows from what was found; reading it is tested where models are deployed."""

from dataclasses import replace
from typing import Any

import pytest

from infra.release.deployed.live import FALLBACK_ONLY, LambdaVersion, Live
from infra.release.deployed.status import Status
from infra.release.stack.stacks import Stack
from tests.infra.release.conftest import digest_of, event, lambda_version, live_at, stack

RELEASED = (event(1, "release", None, 1, "1"), event(2, "release", 1, 2, "2"))
ROLLED_BACK = (*RELEASED, event(3, "rollback", 2, 1, "1"))


def status(**found: Any) -> Status:
    """Version 2 is live, as its stack pins it."""
    fields: dict[str, Any] = {
        "model": "scaled",
        "live": live_at(2, "2"),
        "stack": pinning("2"),
        "api_url": None,
        "events": RELEASED,
        "published": ("1", "2", "3"),
        "alarms": (),
        "troubles": (),
    }
    return Status(**fields | found)


def pinning(version: str, **parameters: str) -> Stack:
    return stack({"ModelVersion": version, "ModelDigest": digest_of(version), **parameters})


def test_what_is_published_and_not_live() -> None:
    """Fault row 38: published, and then nothing happened."""
    assert status().not_live == ("1", "3")
    assert status(live=None).not_live == ("1", "2", "3")


def test_since_when_and_what_was_before() -> None:
    found = status()
    assert found.since == RELEASED[1].at
    assert found.previous == RELEASED[0]


def test_a_move_that_the_history_lacks_has_no_time() -> None:
    assert status(live=live_at(7, "2")).since is None


def test_without_a_live_version_nothing_is_told_of_it() -> None:
    found = status(live=None)
    assert (found.since, found.previous, found.drift) == (None, None, None)


def test_what_the_stack_pins_is_no_drift() -> None:
    assert status().drift is None
    assert status(stack=None).drift is None
    assert status(stack=stack({})).drift is None


def test_drift_names_both_models() -> None:
    assert status(stack=pinning("3")).drift == "the stack pins scaled@3, live is 2"


def test_drift_after_a_rollback_says_how_to_settle_it() -> None:
    drift = status(live=live_at(1, "1"), events=ROLLED_BACK).drift
    assert drift == (
        "the stack pins scaled@2, live is 1 (rolled back; settle it with: lambent deploy scaled@1)"
    )


@pytest.mark.parametrize(("memory", "said"), [("512", None), ("1024", "says MemorySize 1024")])
def test_drift_names_settings_that_differ(memory: str, said: str | None) -> None:
    plain = lambda_version(2, "2")
    live = LambdaVersion(plain.number, "2", plain.digest, settings={"MemorySize": "512"})
    drift = status(live=Live(live, {}, "r"), stack=pinning("2", MemorySize=memory)).drift
    assert drift == (said and f"the stack {said}, live has 512")


def test_it_tells_who_switched_the_model_off_and_which_it_was() -> None:
    only = replace(lambda_version(3, "2"), environment=FALLBACK_ONLY)
    switch = event(3, "fallback on", 2, 3, "2")
    found = status(live=Live(only, {}, "r"), events=(*RELEASED, switch))
    assert found.is_fallback_only
    assert (found.switched_off, found.stands_in_for) == (switch, "2")
    assert found.previous == RELEASED[0]
    assert found.drift is None


def test_while_the_model_answers_nobody_has_switched_it_off() -> None:
    found = status()
    assert (found.is_fallback_only, found.switched_off, found.stands_in_for) == (False, None, None)
    assert status(live=None).stands_in_for is None


def test_without_the_history_nobody_knows_who_switched_it_off() -> None:
    only = replace(lambda_version(3, "2"), environment=FALLBACK_ONLY)
    found = status(live=Live(only, {}, "r"), events=())
    assert found.is_fallback_only
    assert (found.switched_off, found.stands_in_for) == (None, None)


def test_a_refusal_is_told_until_something_goes_live() -> None:
    refusal = event(3, "refused", 3, 2, "2")
    assert status(events=(*RELEASED, refusal)).refused == refusal
    assert status(events=(*RELEASED, refusal, event(4, "release", 2, 4, "4"))).refused is None
    assert status(events=()).refused is None
