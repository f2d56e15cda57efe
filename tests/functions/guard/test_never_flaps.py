"""However alarms, releases, rollbacks and switches interleave: what is live never flaps."""

from datetime import timedelta
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from functions.guard.decision import COOL_DOWN, RollBack
from model_store.errors import AwsUnavailable
from model_store.history.seal import first_broken
from model_store.history.table import Move
from model_store.history.timeline import (
    STACK,
    models_behind,
    previous,
    rolled_back,
    rolled_back_digests,
    with_observed,
)

from .cloud import Cloud, lit


class Traffic(RuleBasedStateMachine):
    """People move the alias, with and without writing it down; alarms come at any time."""

    def __init__(self) -> None:
        super().__init__()
        self.cloud = Cloud()
        self.cloud.release()
        self.moved_at: list[Any] = []
        self.released_since_the_guard_moved = True

    @rule(model=st.sampled_from("abc"), written=st.booleans())
    def somebody_releases(self, model: str, written: bool) -> None:
        self.cloud.release(model, written=written)
        self.cloud.passes(minutes=1)
        self.released_since_the_guard_moved = True

    @precondition(lambda self: len(self.cloud.events) % 3 == 0)
    @rule(model=st.sampled_from("abc"))
    def a_release_is_refused(self, model: str) -> None:
        number = self.cloud.add_version(model)
        live = self.cloud.served(self.cloud.live)
        self.cloud.table.reconciled("iris", live)
        self.cloud.table.record("iris", Move("refused", number, "hook", "", model), live)

    @rule(written=st.booleans())
    def somebody_rolls_back(self, written: bool) -> None:
        back = previous(self.cloud.events, self.cloud.live)
        if back:
            self.cloud.move("rollback", back.target, written=written)
            self.cloud.passes(minutes=1)

    @precondition(lambda self: len(self.cloud.events) % 3 == 0)
    @rule(data=st.data())
    def somebody_moves_the_alias_by_hand(self, data: st.DataObject) -> None:
        self.cloud.point(data.draw(st.sampled_from(sorted(self.cloud.versions))))
        self.released_since_the_guard_moved = True

    @precondition(lambda self: len(self.cloud.events) % 3 == 0)
    @rule(
        switch=st.sampled_from([("fallback on", "FALLBACK_ONLY"), ("shadow on", "SHADOW")]),
        written=st.booleans(),
    )
    def somebody_switches(self, switch: Any, written: bool) -> None:
        live = self.cloud.served(self.cloud.live)
        action, name = switch
        twin = self.cloud.add_version(live.model_version, **{f"LAMBENT_{name}": "on"})
        self.cloud.move(action, twin, written=written)

    @precondition(lambda self: models_behind(self.cloud.events).get(self.cloud.live))
    @rule()
    def somebody_switches_back(self) -> None:
        self.cloud.move("fallback off", models_behind(self.cloud.events)[self.cloud.live])

    @rule(minutes=st.sampled_from([5, 30, 60]))
    def time_passes(self, minutes: int) -> None:
        self.cloud.passes(minutes=minutes)

    @rule(
        name=st.sampled_from(["errors", "latency", "fallbacks"]),
        ago=st.sampled_from([0, 0, 0, 3, 60]),
        dies=st.booleans(),
        deliveries=st.integers(1, 3),
    )
    def an_alarm_is_lit(self, name: str, ago: int, dies: bool, deliveries: int) -> None:
        self.cloud.passes(seconds=1)
        alarm = lit(name, self.cloud.now - timedelta(minutes=ago))
        self.cloud.fails[:] = ["PutItem"] if dies else []
        for _ in range(deliveries):
            self.deliver(alarm)
        self.cloud.fails.clear()

    def deliver(self, alarm: Any) -> None:
        before, told = self.cloud.live, self.cloud.events
        good = previous(with_observed(told, self.cloud.served(before), ""), before)
        try:
            decision = self.cloud.guard().act(alarm)
        except AwsUnavailable:
            decision = None
        if self.cloud.live == before:
            return
        source, target = self.cloud.served(before), self.cloud.served(self.cloud.live)
        assert decision is None or isinstance(decision, RollBack)
        assert self.released_since_the_guard_moved, "twice for one release"
        assert target.number not in rolled_back(told)
        assert target.digest not in rolled_back_digests(told) - {source.digest}
        assert not target.is_fallback_only
        assert not target.is_shadowing
        assert not source.is_fallback_only
        assert good is not None
        assert target.number == good.target
        if self.moved_at:
            assert self.cloud.now - self.moved_at[-1] >= COOL_DOWN
        self.moved_at.append(self.cloud.now)
        self.released_since_the_guard_moved = False

    @invariant()
    def the_history_is_whole(self) -> None:
        assert first_broken(self.cloud.events) is None

    @invariant()
    def it_was_released_before_it_was_taken_back(self) -> None:
        """In the history too: between two automatic rollbacks there is a release."""
        since = None
        for event in self.cloud.events:
            if event.action == "automatic rollback":
                assert since in STACK
            if event.action not in {"refused", "shadow on"}:
                since = event.action


TestTraffic = Traffic.TestCase
TestTraffic.settings = settings(max_examples=60, stateful_step_count=25)
