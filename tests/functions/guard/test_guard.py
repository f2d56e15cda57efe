"""A release that lights an alarm is taken back: once, soon after it, to what was good before."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from functions.guard.decision import COOL_DOWN, RollBack, Stay
from model_store.errors import AwsUnavailable
from model_store.history.table import Move
from model_store.history.timeline import rolled_back

from .cloud import SETTINGS, START, Cloud, lit


@pytest.fixture
def cloud() -> Cloud:
    """Version 1 was released, then 2 an hour later, which is live for a minute."""
    cloud = Cloud()
    cloud.release()
    cloud.passes(hours=1)
    cloud.release()
    cloud.passes(minutes=1)
    return cloud


def why(decision: RollBack | Stay) -> str:
    assert isinstance(decision, Stay)
    return decision.why


def alarm(cloud: Cloud, name: str = "errors", **ago: float) -> RollBack | Stay:
    """Lit so long ago, and delivered now."""
    return cloud.guard().act(lit(name, cloud.now - timedelta(**ago)))


@pytest.mark.parametrize("name", ["errors", "latency", "fallbacks"])
def test_an_alarm_after_a_release_takes_it_back(cloud: Cloud, name: str) -> None:
    decision = alarm(cloud, name)
    assert isinstance(decision, RollBack)
    assert cloud.live == "1"
    event = cloud.events[-1]
    assert (event.action, event.source, event.target) == ("automatic rollback", "2", "1")
    assert (event.who, event.left) == ("lambent guard", "digest-2")
    assert f"lambent-iris-{name} lit after the release" in event.why


def test_it_is_told_in_the_log_in_a_metric_and_to_the_topic(cloud: Cloud) -> None:
    alarm(cloud)
    (line,) = cloud.lines
    assert line["message"] == "rolled back"
    assert (line["from"]["version"], line["to"]["version"]) == ("2", "1")
    assert (line["service"], line["AutomaticRollbacks"]) == ("lambent-iris", 1)
    assert line["_aws"]["CloudWatchMetrics"][0]["Namespace"] == "Lambent"
    (message,) = cloud.messages
    assert message["TopicArn"] == SETTINGS.topic
    assert "lambent deploy iris@2 --again" in message["Message"]
    assert "live is 1 again (Lambda version 1), not 2" in message["Message"]


def test_without_a_topic_nobody_is_called(cloud: Cloud) -> None:
    guard = cloud.guard(replace(SETTINGS, topic=""))
    assert isinstance(guard.act(lit(at=cloud.now)), RollBack)
    assert cloud.messages == []


def test_a_topic_that_does_not_answer_undoes_nothing(cloud: Cloud) -> None:
    cloud.fails.append("Publish")
    assert isinstance(alarm(cloud), RollBack)
    assert (cloud.live, cloud.actions[-1]) == ("1", "automatic rollback")
    assert cloud.lines[-1]["message"] == "not told"


@pytest.mark.parametrize(
    "other",
    [
        lit("errors", START, "OK"),
        lit("errors", START, "INSUFFICIENT_DATA"),
        lit("throttles"),
        lit("canary-errors-2"),
        lit("judge"),
        replace(lit(), name="lambent-iris-2-errors"),
        replace(lit(), name="lambent-digits-errors"),
    ],
)
def test_an_alarm_that_is_out_or_about_something_else_moves_nothing(
    cloud: Cloud, other: Any
) -> None:
    assert "no lit alarm of the live version" in why(cloud.guard().act(other))
    assert (cloud.live, cloud.lines[-1]["message"]) == ("2", "stayed")


def test_what_was_lit_before_the_release_is_not_its_fault(cloud: Cloud) -> None:
    assert "before the release" in why(alarm(cloud, minutes=2))
    assert cloud.live == "2"


def test_a_release_is_guarded_for_a_day_and_no_longer(cloud: Cloud) -> None:
    cloud.passes(hours=24)
    assert "older than 24 hours (GuardHours)" in why(alarm(cloud))
    assert "switched off" in why(cloud.guard(replace(SETTINGS, hours=0)).act(lit(at=cloud.now)))
    assert cloud.live == "2"


def test_while_codedeploy_shifts_traffic_it_is_in_charge(cloud: Cloud) -> None:
    """fault row 41: two that move one alias at once would undo each other's work."""
    moved = {"functionName": "lambent-iris", "functionAlias": "live"}
    moved |= {"currentVersion": "1", "targetVersion": "2"}
    target = {"deploymentId": "d-0", "lambdaFunctionInfo": moved}
    cloud.deployments.append({"lambdaTarget": target})
    assert "CodeDeploy watches" in why(alarm(cloud))
    assert cloud.live == "2"


@pytest.mark.parametrize(("ago", "kind"), [(-1, Stay), (0, Stay), (9, Stay), (11, RollBack)])
def test_what_a_stopped_release_did_is_not_held_against_the_one_before_it(
    cloud: Cloud, ago: int, kind: type[RollBack | Stay]
) -> None:
    """Its callers' errors are among what the alarms of the live version count, and go on to be
    for some minutes: no good version may be left because a bad one was stopped."""
    cloud.passes(hours=1)
    moved = {"functionName": "lambent-iris", "functionAlias": "live"}
    moved |= {"currentVersion": "2", "targetVersion": "3"}
    ended: dict[str, Any] = {"deploymentId": "d-0", "lambdaFunctionInfo": moved}
    ended["lifecycleEvents"] = [{"lifecycleEventName": "AllowTraffic", "startTime": cloud.now}]
    ended["lastUpdatedAt"] = cloud.now - timedelta(minutes=ago)
    cloud.stopped.append({"lambdaTarget": ended})
    assert isinstance(alarm(cloud), kind)


def test_traffic_that_somebody_splits_is_left_to_them(cloud: Cloud) -> None:
    cloud.weights = {"1": 0.5}
    assert "whoever split it" in why(alarm(cloud))


@pytest.mark.parametrize("action", ["rollback", "fallback off", "shadow off", "automatic rollback"])
def test_what_is_live_by_a_rollback_or_a_switch_stays(cloud: Cloud, action: Any) -> None:
    cloud.release()
    cloud.passes(minutes=1)
    cloud.move(action, "2")
    cloud.passes(minutes=1)
    assert f"since a {action}, not since a release" in why(alarm(cloud))
    assert cloud.live == "2"


def start_shadow(cloud: Cloud, model: str, *, written: bool = True) -> str:
    twin = cloud.add_version(model, LAMBENT_SHADOW="digits@2")
    return cloud.move("shadow on", twin, written=written)


@pytest.mark.parametrize("written", [True, False])
@pytest.mark.parametrize("shadows", [1, 2])
def test_a_release_whose_requests_are_copied_to_a_shadow_is_taken_back(
    cloud: Cloud, written: bool, shadows: int
) -> None:
    """What answers is the release: it is as young, and leads as far back."""
    for _ in range(shadows - 1):
        start_shadow(cloud, "2")
    start_shadow(cloud, "2", written=written)
    cloud.passes(minutes=3)
    assert isinstance(alarm(cloud), RollBack)
    assert (cloud.live, cloud.events[-1].left) == ("1", "digest-2")
    assert rolled_back(cloud.events) == {"2"}


def test_a_shadow_makes_an_old_release_no_younger(cloud: Cloud) -> None:
    cloud.passes(hours=24)
    start_shadow(cloud, "2")
    cloud.passes(minutes=1)
    assert "older than 24 hours" in why(alarm(cloud))


def test_a_shadow_of_what_was_rolled_back_to_leaves_nothing(cloud: Cloud) -> None:
    cloud.release()
    cloud.move("rollback", "2")
    start_shadow(cloud, "2")
    cloud.passes(minutes=1)
    assert "since a rollback, not since a release" in why(alarm(cloud))


def test_who_moved_the_alias_to_another_models_twin_by_hand_is_not_overruled(
    cloud: Cloud,
) -> None:
    twin = cloud.add_version("1", LAMBENT_SHADOW="digits@2")
    cloud.point(twin)
    cloud.passes(minutes=1)
    assert "does not know" in why(alarm(cloud))
    assert cloud.live == twin


@pytest.mark.parametrize("written", [True, False])
def test_a_model_that_was_switched_off_stays_so(cloud: Cloud, written: bool) -> None:
    """Its fallback answers alone, and lights the alarm on fallbacks, as it should."""
    twin = cloud.add_version("2", LAMBENT_FALLBACK_ONLY="on")
    cloud.move("fallback on", twin, written=written)
    cloud.passes(minutes=3)
    assert isinstance(alarm(cloud, "fallbacks"), Stay)
    assert cloud.live == twin


def test_an_alarm_that_is_delivered_twice_goes_back_once(cloud: Cloud) -> None:
    assert isinstance(alarm(cloud), RollBack)
    assert "automatic rollback, not since a release" in why(alarm(cloud))
    assert cloud.actions == ["release", "release", "automatic rollback"]


def test_of_two_alarms_at_once_the_slower_one_moves_nothing(cloud: Cloud) -> None:
    """fault row 40: the alias is compared and set; the loser says who won."""
    faster = cloud.guard()
    cloud.meanwhile["UpdateAlias"] = lambda: faster.act(lit("latency", cloud.now))
    assert "live is version 1" in why(alarm(cloud))
    assert cloud.actions == ["release", "release", "automatic rollback"]
    assert len(cloud.messages) == 1


def test_an_operator_who_is_faster_wins(cloud: Cloud) -> None:
    """fault row 40"""
    cloud.release()
    cloud.passes(minutes=1)
    cloud.meanwhile["UpdateAlias"] = lambda: cloud.move("rollback", "1")
    assert "live is version 1" in why(alarm(cloud))
    assert (cloud.live, cloud.actions[-1]) == ("1", "rollback")


def test_a_second_delivery_may_write_the_history_first(cloud: Cloud) -> None:
    other = cloud.guard()
    cloud.meanwhile["PutItem"] = lambda: other.act(lit("latency", cloud.now))
    assert isinstance(alarm(cloud), RollBack)
    assert cloud.actions == ["release", "release", "automatic rollback"]


def test_a_run_that_died_before_the_history_was_written_is_finished_by_the_next(
    cloud: Cloud,
) -> None:
    cloud.fails.append("PutItem")
    with pytest.raises(AwsUnavailable):
        alarm(cloud)
    assert (cloud.live, cloud.actions) == ("1", ["release", "release"])
    assert isinstance(alarm(cloud), RollBack)  # Lambda delivers it again
    assert cloud.actions == ["release", "release", "automatic rollback"]
    assert cloud.events[-1].left == "digest-2"
    assert len(cloud.messages) == 1


def test_the_reason_of_an_alarm_may_have_many_lines(cloud: Cloud) -> None:
    """Whoever may set an alarm's state writes it; it must not hide the guard's own move."""
    cloud.fails.append("PutItem")
    with pytest.raises(AwsUnavailable):
        cloud.guard().act(replace(lit(at=cloud.now), reason="five\nerrors\n"))
    assert isinstance(alarm(cloud), RollBack)
    assert cloud.actions[-1] == "automatic rollback"


def test_it_is_finished_even_if_another_command_has_noted_the_move_already(cloud: Cloud) -> None:
    cloud.fails.append("PutItem")
    with pytest.raises(AwsUnavailable):
        alarm(cloud)
    cloud.table.reconciled("iris", cloud.served("1"))
    alarm(cloud)
    alarm(cloud)
    assert cloud.actions[2:] == ["observed", "observed", "automatic rollback"]
    assert rolled_back(cloud.events) == {"2"}


def test_a_version_that_was_left_and_is_gone_stops_nobody(cloud: Cloud) -> None:
    cloud.fails.append("PutItem")
    with pytest.raises(AwsUnavailable):
        alarm(cloud)
    del cloud.versions["2"]
    assert isinstance(alarm(cloud), Stay)


def test_a_release_by_plain_sam_is_guarded_and_noted(cloud: Cloud) -> None:
    cloud.release(written=False)
    cloud.passes(minutes=1)
    assert isinstance(alarm(cloud), RollBack)
    assert cloud.actions[2:] == ["observed", "automatic rollback"]
    assert (cloud.live, cloud.events[-1].source) == ("2", "3")


def test_a_release_by_plain_sam_is_as_old_as_its_lambda_version(cloud: Cloud) -> None:
    cloud.release(written=False)
    cloud.passes(hours=25)
    assert "older than 24 hours" in why(alarm(cloud))
    assert cloud.actions == ["release", "release"]


def test_who_moved_the_alias_back_by_hand_is_not_overruled(cloud: Cloud) -> None:
    cloud.release()
    cloud.point("2")
    cloud.passes(minutes=1)
    assert "back to version 2 by hand" in why(alarm(cloud))


def test_it_never_goes_to_what_was_rolled_back_or_refused(cloud: Cloud) -> None:
    cloud.move("rollback", "1", left="digest-2")
    refused = Move("refused", cloud.add_version(), "lambent canary", "slow", "digest-3")
    cloud.table.record("iris", refused, cloud.served("1"))
    cloud.release()
    cloud.passes(minutes=1)
    decision = alarm(cloud)
    assert isinstance(decision, RollBack)
    assert (decision.source.number, decision.target.number) == ("4", "1")


def test_the_first_release_has_nothing_to_go_back_to() -> None:
    cloud = Cloud()
    cloud.release()
    cloud.passes(minutes=1)
    assert "nothing earlier was live" in why(alarm(cloud))


def test_a_twin_that_copies_requests_is_no_target_though_its_switch_was_not_written_down() -> None:
    cloud = Cloud()
    cloud.release()
    twin = cloud.add_version("1", LAMBENT_SHADOW="on")
    cloud.move("shadow on", twin, written=False)
    off = cloud.add_version("1", LAMBENT_FALLBACK_ONLY="on")
    cloud.move("fallback on", off)
    cloud.move("fallback off", twin)
    cloud.release("2")
    cloud.passes(minutes=1)
    assert "copies requests to a shadow" in why(alarm(cloud))
    assert cloud.served(cloud.live).model_version == "2"


def test_a_version_that_is_gone_is_no_target(cloud: Cloud) -> None:
    """fault row 42"""
    del cloud.versions["1"]
    assert "version 1, which was live before, is gone" in why(alarm(cloud))
    assert cloud.live == "2"


def test_after_one_automatic_rollback_the_next_release_is_left_to_people_for_an_hour(
    cloud: Cloud,
) -> None:
    """fault row 23, threat ML02: who can light alarms (a burst of poisoned input) takes back one
    release an hour, never to anything but what was good before."""
    alarm(cloud)
    cloud.passes(minutes=10)
    cloud.release()
    cloud.passes(minutes=1)
    assert "less than an hour ago" in why(alarm(cloud))
    cloud.passes(seconds=COOL_DOWN.total_seconds())
    assert isinstance(alarm(cloud), RollBack)
    assert cloud.live == "1"


def test_whoever_keeps_lighting_alarms_leads_nobody_further_back(cloud: Cloud) -> None:
    """fault row 23, threat ML02: two days of poisoned input move the alias once, by one step."""
    cloud.release()
    moved = set()
    for _ in range(2 * 24 * 6):
        cloud.passes(minutes=10)
        for name in ("errors", "latency", "fallbacks"):
            alarm(cloud, name)
        moved.add(cloud.live)
    assert moved == {"2"}
    assert cloud.actions.count("automatic rollback") == 1


def test_without_the_history_nothing_moves(cloud: Cloud) -> None:
    cloud.fails.append("Query")
    with pytest.raises(AwsUnavailable, match="history table"):
        alarm(cloud)
    assert cloud.live == "2"
