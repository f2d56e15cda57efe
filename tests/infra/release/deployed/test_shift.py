"""Going back while a release is under way ends the release, and nothing goes on behind it."""

import re
from dataclasses import replace
from datetime import timedelta
from typing import Any, cast

import pytest

from infra.aws import Aws
from infra.errors import Conflict, Refused
from infra.release.deployed import shift as shifts
from infra.release.deployed.history import history_of
from infra.release.deployed.live import FALLBACK_ONLY, LambdaVersion
from infra.release.deployed.observed import observe
from infra.release.deployed.shift import NotStopped, end_shift, hold, told
from infra.release.stack.stacks import Stack
from infra.release.switch import fallback, rollback
from infra.release.switch.interrupt import plan_over_release
from model_store.history.shift import Pace, Shift
from model_store.history.table import Move
from tests.infra.release.conftest import StrictLambda, digest_of, lambda_version, put_stack
from tests.infra.release.shifting import SINCE, Shifting

MODEL = "scaled"
SHIFT = Shift("d-1", "2", "3", 0.1, SINCE)


def at_once(_seconds: float) -> None:
    """Nobody waits in a test."""


@pytest.fixture
def strict(aws: Aws) -> StrictLambda:
    """Version 2 is live; version 3 gets a tenth of the traffic."""
    functions = cast(StrictLambda, aws.lambda_)
    functions.live, functions.weights = "2", {"3": 0.1}
    history = history_of(aws)
    for number in (1, 2):
        source = str(number - 1) if number > 1 else None
        history.record(MODEL, Move("release", source, "ada"), lambda_version(number, str(number)))
    return functions


@pytest.fixture
def shifting(aws: Aws, strict: StrictLambda) -> Shifting:
    aws.__dict__["codedeploy"] = Shifting(strict, "2", "3")
    return cast(Shifting, aws.codedeploy)


def go_back(aws: Aws, to: str | None = None, why: str = "") -> rollback.RollbackPlan:
    observed = observe(aws, MODEL)
    plan = rollback.plan(MODEL, observed, to)
    rollback.apply(aws, plan, at_once)
    rollback.remember(aws, plan, observed.events, why)
    return plan


def force_back(aws: Aws) -> str:
    observed = observe(aws, MODEL)
    plan = rollback.plan(MODEL, observed, force=True)
    to_watch = rollback.apply(aws, plan, at_once)
    rollback.remember(aws, plan, observed.events, "")
    return to_watch


def hangs(shifting: Shifting) -> None:
    shifting.after = None


def denies(shifting: Shifting) -> None:
    shifting.denies = True


def test_a_rollback_stops_the_release_first(
    aws: Aws, strict: StrictLambda, shifting: Shifting
) -> None:
    """Fault rows 41 and 46: back at the version before, without weights, and written down."""
    plan = go_back(aws, why="wrong answers")
    assert shifting.calls.count("StopDeployment") == 1
    assert (strict.live, strict.weights, plan.target.number) == ("2", {}, "2")
    last = history_of(aws).events(MODEL)[-1]
    assert (last.action, last.source, last.target, last.why) == (
        "refused",
        "3",
        "2",
        "wrong answers",
    )
    assert last.left == digest_of("3")


def test_a_release_that_codedeploy_put_back_leaves_nothing_to_do(
    aws: Aws, strict: StrictLambda, shifting: Shifting
) -> None:
    end_shift(aws, MODEL, SHIFT, at_once)
    assert "UpdateAlias" not in strict.calls


def test_weights_that_codedeploy_left_are_cleared(
    aws: Aws, strict: StrictLambda, shifting: Shifting, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Fault row 46."""
    monkeypatch.setattr(Shifting, "_end", lambda self: setattr(self, "status", "Stopped"))
    end_shift(aws, MODEL, SHIFT, at_once)
    assert (strict.live, strict.weights) == ("2", {})


def test_a_release_that_was_done_before_it_was_stopped_is_taken_back(
    aws: Aws, strict: StrictLambda, shifting: Shifting
) -> None:
    shifting.ends = "Succeeded"
    go_back(aws)
    assert (strict.live, strict.weights) == ("2", {})
    assert history_of(aws).events(MODEL)[-1].action == "refused"


@pytest.mark.parametrize(
    ("trouble", "told"), [(hangs, "still runs after"), (denies, "StopDeployment")]
)
def test_a_release_that_does_not_stop_is_said(
    aws: Aws, strict: StrictLambda, shifting: Shifting, trouble: Any, told: str
) -> None:
    """Fault row 41: the alias is not moved under CodeDeploy's hands, and the way out is named."""
    trouble(shifting)
    with pytest.raises(NotStopped, match=f"{told}.*lambent rollback scaled --force"):
        go_back(aws)
    assert "UpdateAlias" not in strict.calls


@pytest.mark.parametrize("trouble", [hangs, denies])
def test_a_forced_rollback_takes_traffic_from_a_release_that_does_not_stop(
    aws: Aws, strict: StrictLambda, shifting: Shifting, trouble: Any
) -> None:
    """Fault row 41: and says what CodeDeploy may still do."""
    trouble(shifting)
    assert "CodeDeploy may still move traffic" in force_back(aws)
    assert (strict.live, strict.weights) == ("2", {})
    assert shifting.calls.count("StopDeployment") == 1
    last = history_of(aws).events(MODEL)[-1]
    assert (last.action, last.source, last.target) == ("refused", "3", "2")


def test_a_forced_rollback_still_stops_the_release_where_it_can(
    aws: Aws, strict: StrictLambda, shifting: Shifting
) -> None:
    assert force_back(aws) == ""
    assert (shifting.status, strict.weights) == ("Stopped", {})


def test_who_moved_the_alias_meanwhile_wins(
    aws: Aws, strict: StrictLambda, shifting: Shifting
) -> None:
    """Fault row 40."""

    def kill_switch(self: Shifting) -> None:
        self.status, strict.live, strict.weights = "Stopped", "1", {}

    shifting.__dict__["_end"] = kill_switch.__get__(shifting)
    with pytest.raises(Conflict, match="somebody else moved it to version 1"):
        end_shift(aws, MODEL, SHIFT, at_once)
    assert strict.live == "1"


def test_two_who_stop_it_at_once_both_succeed_and_one_is_written_down(
    aws: Aws, strict: StrictLambda, shifting: Shifting
) -> None:
    """Fault row 40."""
    seen = [observe(aws, MODEL) for _ in range(2)]
    for observed, why in zip(seen, ("ada", "grace"), strict=True):
        plan = rollback.plan(MODEL, observed)
        rollback.apply(aws, plan, at_once)
        rollback.remember(aws, plan, observed.events, why)
    refused = [e.why for e in history_of(aws).events(MODEL) if e.action == "refused"]
    assert (strict.live, refused) == ("2", ["ada"])


def test_going_further_back_has_to_wait_until_the_release_is_ended(
    aws: Aws, strict: StrictLambda, shifting: Shifting
) -> None:
    with pytest.raises(Refused, match=r"lambent rollback scaled; then.*--to 1"):
        go_back(aws, "1")
    assert go_back(aws, "2").target.number == "2"


def test_a_release_whose_hook_is_still_asked_is_stopped_as_well(
    aws: Aws, strict: StrictLambda
) -> None:
    """It has no weight yet, and would move the alias in a moment."""
    strict.weights = {}
    aws.__dict__["codedeploy"] = Shifting(strict, "2", "3")
    assert not rollback.plan(MODEL, observe(aws, MODEL)).changes_nothing
    go_back(aws)
    assert aws.codedeploy.calls.count("StopDeployment") == 1


def unreachable(aws: Aws) -> None:
    aws.__dict__["codedeploy"] = Aws("http://localhost:1", "us-east-1").codedeploy


def test_while_nobody_knows_whether_codedeploy_shares_traffic_out_it_is_refused(
    aws: Aws, strict: StrictLambda
) -> None:
    """Fault row 41: the way out is named."""
    unreachable(aws)
    with pytest.raises(
        Refused, match=r"lambent rollback scaled --force.* lambent fallback scaled on"
    ):
        go_back(aws)
    assert strict.weights == {"3": 0.1}


def test_a_forced_rollback_gives_the_main_version_all_traffic_without_codedeploy(
    aws: Aws, strict: StrictLambda
) -> None:
    """Fault row 41: what shares traffic out may be a release, which is not live yet."""
    unreachable(aws)
    assert "CodeDeploy may still move traffic" in force_back(aws)
    assert (strict.live, strict.weights) == ("2", {})


def test_without_weights_a_rollback_needs_no_codedeploy(aws: Aws, strict: StrictLambda) -> None:
    """Fault row 43, one service further."""
    strict.weights = {}
    unreachable(aws)
    go_back(aws)
    assert strict.live == "1"


def test_a_rollback_without_a_release_under_way_asks_codedeploy_once(
    aws: Aws, strict: StrictLambda, shifting: Shifting
) -> None:
    strict.weights, shifting.status = {}, "Succeeded"
    go_back(aws)
    assert shifting.calls == ["ListDeployments"]


def test_a_version_is_held_until_cloudformation_is_done(
    aws: Aws, strict: StrictLambda, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Undoing the release, CloudFormation may point the alias back."""
    looks = iter(["UPDATE_ROLLBACK_IN_PROGRESS"] * 2 + ["UPDATE_ROLLBACK_COMPLETE"])

    def stack(_aws: Aws, name: str) -> Stack:
        status = next(looks)
        if status.endswith("COMPLETE"):
            strict.live, strict.weights = "2", {}
        return Stack(name, status, {}, {})

    monkeypatch.setattr(shifts, "find_stack", stack)
    strict.live = "1"
    hold(aws, MODEL, "1", at_once)
    assert strict.live == "1"


def test_what_is_held_is_left_alone_where_nothing_moved_it(aws: Aws, strict: StrictLambda) -> None:
    strict.weights = {}
    put_stack(aws, MODEL, {"ModelDigest": "0", "ReleaseDigest": "0"}, "2")
    hold(aws, MODEL, "2", at_once)
    assert "UpdateAlias" not in strict.calls


@pytest.mark.parametrize(
    ("shift", "pace", "line"),
    [
        (Shift("d-1", "2", "3", 0.0, None), None, "version 3 is asked before it gets traffic"),
        (SHIFT, Pace("TimeBasedCanary", 10, 5.0), "10% of the traffic .* version 3, .* 3 min"),
        (SHIFT, Pace("TimeBasedLinear", 10, 1.0), "the rest in about 7 min"),
        (SHIFT, Pace("AllAtOnce"), "the rest in about 0 min"),
    ],
)
def test_how_far_a_release_is(shift: Shift, pace: Any, line: str) -> None:
    assert re.search(line, told(shift, pace, SINCE + timedelta(minutes=2)))


def add_twin(strict: StrictLambda) -> None:
    """A fallback-only version of 2."""
    twin = replace(strict.versions[1], number="4", environment=switched_off(strict.versions[1]))
    strict.versions.append(twin)


def switch_off(aws: Aws, tell: Any = lambda _: None) -> None:
    """As `lambent fallback scaled on` does."""
    observed = observe(aws, MODEL)
    assert observed.shift is not None
    plan, observed = plan_over_release(
        aws,
        MODEL,
        observed,
        observed.shift,
        why="nonsense",
        force=True,
        sleep=at_once,
        tell=tell,
    )
    target = fallback.apply(aws, plan, sleep=at_once, tell=lambda _: None)
    fallback.remember(aws, plan, target, observed.events, "nonsense")


def switched_off(version: LambdaVersion) -> dict[str, str]:
    pinned = {"LAMBENT_VERSION": version.model_version, "LAMBENT_DIGEST": version.digest}
    return {**pinned, "LAMBENT_STANDBY": version.standby, **FALLBACK_ONLY}


def test_the_kill_switch_stops_a_release_and_switches_off_what_was_before(
    aws: Aws, strict: StrictLambda, shifting: Shifting
) -> None:
    """Fault row 41: CodeDeploy would go on to move traffic to the new version."""
    add_twin(strict)
    switch_off(aws)
    assert (strict.live, strict.weights) == ("4", {})
    assert [(e.action, e.source, e.target) for e in history_of(aws).events(MODEL)[2:]] == [
        ("refused", "3", "2"),
        ("fallback on", "2", "4"),
    ]


@pytest.mark.parametrize("trouble", [hangs, denies])
def test_the_kill_switch_works_though_codedeploy_does_not_stop(
    aws: Aws, strict: StrictLambda, shifting: Shifting, trouble: Any
) -> None:
    """Fault row 41: what callers meet is worse than a CodeDeploy that fails."""
    trouble(shifting)
    add_twin(strict)
    heard = list[str]()
    switch_off(aws, heard.append)
    assert (strict.live, strict.weights) == ("4", {})
    assert "CodeDeploy may still move traffic" in heard[-1]
    assert history_of(aws).events(MODEL)[-1].action == "fallback on"


def test_a_kill_switch_that_has_nowhere_to_go_names_the_way_back(
    aws: Aws, strict: StrictLambda, shifting: Shifting
) -> None:
    """A fallback-only version is published from $LATEST, which is the release's until it ends."""
    shifting.denies = True
    with pytest.raises(Refused, match="lambent rollback scaled --force"):
        switch_off(aws)
    assert strict.weights == {"3": 0.1}
