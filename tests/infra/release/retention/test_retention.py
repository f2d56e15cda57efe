"""Which versions stay: whatever happens, a rollback leads where it led before the prune."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from infra.errors import AwsUnavailable, NotFound, Refused
from infra.release.deployed.live import FALLBACK_ONLY, SHADOW, LambdaVersion, Live
from infra.release.deployed.observed import Observed
from infra.release.retention.prune import Inventory, plan
from infra.release.retention.retention import judge
from infra.release.switch import rollback
from infra.release.switch.twins import find_original
from model_store.errors import LambentError
from model_store.history.event import Action, Event
from model_store.history.seal import sealed
from model_store.history.shift import Shift
from tests.infra.release.conftest import event, lambda_version, live_at, stack

MODEL = "scaled"


def versions(*numbers: int) -> list[LambdaVersion]:
    return [lambda_version(number, str(number)) for number in numbers]


def released(*numbers: int) -> list[Event]:
    events: list[Event] = []
    for place, (source, number) in enumerate(zip([None, *numbers], numbers, strict=False), 1):
        made = event(place, "release", source, number, str(number))
        events.append(sealed(made, events[-1] if events else None))
    return events


def now(live: int, existing: Any, events: list[Event], **more: Any) -> Observed:
    return Observed(live_at(live, str(live)), existing, events, **more)


def told(observed: Observed, keep: int = 10, **in_use: str) -> dict[str, str]:
    """By number: why it stays; with a minus in front, why it does not."""
    found = judge(observed, in_use, keep)
    return {v.version.number: ("" if v.stays else "-") + v.why for v in found}


def test_the_versions_that_rollbacks_lead_to_stay_and_those_further_away_do_not() -> None:
    observed = now(5, versions(1, 2, 3, 4, 5), released(1, 2, 3, 4, 5))
    assert told(observed, keep=2) == {
        "1": "-more than 2 back",
        "2": "-more than 2 back",
        "3": "a rollback leads there",
        "4": "a rollback leads there",
        "5": "live",
    }


def test_what_was_rolled_back_refused_or_never_live_goes() -> None:
    events = [
        *released(1, 2, 4),
        event(4, "rollback", 4, 2, "2"),
        replace(event(5, "refused", 5, 2, "2"), left=lambda_version(5, "5").digest),
    ]
    assert told(now(2, versions(1, 2, 3, 4, 5), events)) == {
        "1": "a rollback leads there",
        "2": "live",
        "3": "-never live",
        "4": "-rolled back or refused",
        "5": "-rolled back or refused",
    }


def test_what_is_newer_than_the_history_stays() -> None:
    """Somebody has published it and is about to make it live, such as the kill switch."""
    found = told(now(1, versions(1, 2, 3), released(1)))
    assert found["2"] == found["3"] == "not known to the history yet"


def test_what_lambda_or_cloudformation_needs_stays() -> None:
    observed = now(3, versions(1, 2, 3), [*released(1, 2), *released(3)], draft=None)
    observed = replace(observed, live=live_at(3, "3", {"2": 0.1}))
    found = told(observed, keep=1, **{"1": "alias beta"})
    assert (found["1"], found["2"]) == ("alias beta", "gets part of the traffic")


def twin(number: int, of: int, **environment: str) -> LambdaVersion:
    return replace(lambda_version(of, str(of)), number=str(number), environment=environment)


def test_what_stands_behind_a_switch_stays_and_old_switches_go() -> None:
    events = [
        *released(1, 2),
        event(3, "fallback on", 2, 3, "2"),
        event(4, "fallback off", 3, 2, "2"),
        event(5, "shadow on", 2, 4, "2"),
    ]
    off, copying = twin(3, 2, **FALLBACK_ONLY), twin(4, 2, **{SHADOW: "1"})
    live = Live(copying, {}, "revision-1")
    found = told(Observed(live, [*versions(1, 2), off, copying], events), keep=1)
    assert found == {
        "1": "gets copies of requests",
        "2": "4, which is live, stands in for it",
        "3": "the kill switch leads there",
        "4": "live",
    }
    back = Observed(live_at(2, "2"), [*versions(1, 2), off, copying], [
        *events, event(6, "shadow off", 4, 2, "2")
    ])  # fmt: skip
    assert told(back)["4"] == "-made by a switch, and not live"


def test_where_nobody_knows_what_stands_behind_a_switch_all_with_its_model_stay() -> None:
    same = [replace(lambda_version(1, "1"), number=number) for number in ("1", "2")]
    off = twin(3, 1, **FALLBACK_ONLY)
    observed = Observed(Live(off, {}, "r"), [*same, off], [])
    assert all(not why.startswith("-") for why in told(observed).values())


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"events": None, "trouble": "DynamoDB is down"}, AwsUnavailable),
        ({"shift_trouble": "CodeDeploy is down"}, AwsUnavailable),
        ({"shift": Shift("d-1", "1", "2", 0.1, None)}, Refused),
        ({"draft": twin(0, 1, **FALLBACK_ONLY)}, Refused),
    ],
)
def test_while_something_moves_or_is_unknown_nothing_is_planned(
    changes: dict[str, Any], error: type[Exception]
) -> None:
    """Fault row 41: a release under way is not disturbed."""
    observed = replace(now(2, versions(1, 2), released(1, 2)), **changes)
    with pytest.raises(error):
        plan(MODEL, Inventory(observed, {}))


def test_while_the_stack_is_busy_nothing_is_planned() -> None:
    observed = now(2, versions(1, 2), released(1, 2))
    with pytest.raises(Refused, match="being changed by somebody else"):
        plan(MODEL, Inventory(observed, {}, stack(status="UPDATE_IN_PROGRESS")))


def test_a_model_released_anew_after_a_destroy_is_judged_by_its_own_versions() -> None:
    """The numbers start again: version 2 of now is not the version 2 that was live."""
    before = released(1, 2)
    fresh = [lambda_version(1, "7"), lambda_version(2, "8")]
    events = [*before, event(3, "release", 2, 1, "7")]
    live = Live(fresh[0], {}, "revision-1")
    assert told(Observed(live, fresh, events)) == {
        "1": "live",
        "2": "not known to the history yet",
    }


def test_a_history_that_was_lost_leaves_every_older_version_where_it_is() -> None:
    """No event is no proof that a version was never live."""
    for events in ([], [event(1, "observed", None, 3, "3")]):
        assert told(now(3, versions(1, 2, 3), events)) == {
            "1": "older than the history",
            "2": "older than the history",
            "3": "live",
        }


def test_nothing_is_deleted_by_a_history_that_was_changed() -> None:
    """Somebody took out the release of version 2, to which a rollback leads."""
    whole = released(1, 2, 3)
    forged = [whole[0], replace(whole[2], sequence=2)]
    with pytest.raises(Refused, match="incomplete, from event 2 on"):
        plan(MODEL, Inventory(now(3, versions(1, 2, 3), forged), {}), keep=1)
    assert plan(MODEL, Inventory(now(3, versions(1, 2, 3), whole), {}), keep=1).deletes


class Life(RuleBasedStateMachine):
    """A model's releases, rollbacks, switches and prunes, in any order."""

    @initialize()
    def first_release(self) -> None:
        self.versions: list[LambdaVersion] = []
        self.events: list[Event] = []
        self.highest = 0
        self.live = self._publish(new_model=True)
        self._move("release", None)

    @rule(new_model=st.booleans())
    def release(self, new_model: bool) -> None:
        source, self.live = self.live.number, self._publish(new_model=new_model)
        self._move("release", source)

    @rule()
    def refused_release(self) -> None:
        candidate = self._publish(new_model=True)
        self._move("refused", candidate.number, left=candidate.digest)

    @rule()
    def published_by_hand(self) -> None:
        self._publish(new_model=True)

    @rule(action=st.sampled_from(["rollback", "automatic rollback"]))
    def roll_back(self, action: Action) -> None:
        found = self._target()
        if isinstance(found, LambdaVersion):
            source, self.live = self.live.number, found
            self._move(action, source)

    @precondition(lambda self: not self.live.is_switched)
    @rule(switch=st.sampled_from(["fallback", "shadow"]), reuse=st.booleans())
    def switch_on(self, switch: str, reuse: bool) -> None:
        source, wanted = self.live, FALLBACK_ONLY if switch == "fallback" else {SHADOW: "1"}
        ready = [v for v in self.versions if (v.digest, v.environment) == (source.digest, wanted)]
        self.live = ready[-1] if reuse and ready else self._publish(new_model=False, **wanted)
        self._move("fallback on" if switch == "fallback" else "shadow on", source.number)

    @precondition(lambda self: self.live.is_switched)
    @rule()
    def switch_off(self) -> None:
        twin = self.live
        self.live, _ = find_original(MODEL, self._observed())
        self._move("fallback off" if twin.is_fallback_only else "shadow off", twin.number)

    @rule()
    def moved_by_hand(self) -> None:
        self.live = next(v for v in reversed(self.versions) if not v.is_switched)

    @rule(keep=st.integers(1, 3))
    def prune(self, keep: int) -> None:
        before, stood_for = self._target(), self._original()
        depth = self._depth()
        deleted = plan(MODEL, Inventory(self._observed(), {}), keep).deletes
        self.versions = [version for version in self.versions if version not in deleted]
        assert self._target() == before
        assert self._original() == stood_for
        assert self._depth() >= min(depth, keep)

    @invariant()
    def what_is_live_exists(self) -> None:
        assert self.live in self.versions

    def _publish(self, *, new_model: bool, **environment: str) -> LambdaVersion:
        self.highest += 1
        model = str(self.highest) if new_model else self.live.model_version
        made = replace(lambda_version(self.highest, model), environment=environment)
        self.versions.append(made)
        return made

    def _move(self, action: Action, source: str | None, left: str = "") -> None:
        place, live = len(self.events) + 1, self.live
        at = f"2030-01-01T00:00:00.{place:06}+00:00"
        made = (live.number, live.model_version, live.digest, at, "ada", "", left)
        last = self.events[-1] if self.events else None
        self.events.append(sealed(Event(place, action, source, *made), last))

    def _observed(self) -> Observed:
        return Observed(Live(self.live, {}, "r"), self.versions, self.events)

    def _target(self) -> LambdaVersion | type[LambentError]:
        """What `lambent rollback` would do now."""
        try:
            return rollback.plan(MODEL, self._observed()).target
        except (Refused, NotFound) as error:
            return type(error)

    def _original(self) -> LambdaVersion | None:
        return find_original(MODEL, self._observed())[0] if self.live.is_switched else None

    def _depth(self) -> int:
        """How many rollbacks in a row would find a version that exists."""
        events, live, versions = list(self.events), self.live, self.versions
        depth = 0
        while isinstance(found := self._target(), LambdaVersion):
            depth += 1
            source, self.live = self.live.number, found
            self._move("rollback", source)
        self.events, self.live, self.versions = events, live, versions
        return depth


Life.TestCase.settings = settings(max_examples=150, stateful_step_count=30)
TestLife = Life.TestCase
