"""A deployment moves an alias's traffic as time passes, and back when something is wrong."""

import itertools

import pytest
from botocore.exceptions import ClientError

from infra.local.codedeploy.groups import Group
from infra.local.codedeploy.service import CodeDeploy

LINEAR = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9]


def weights(share):
    return "1", {"2": share}


def test_a_canary_shift_from_the_first_tenth_to_the_end(shifting):
    shifting.group()
    deployment = shifting.start()
    assert (shifting.info(deployment)["status"], shifting.alias) == ("Created", ("1", {}))
    shifting.after(0)
    assert (shifting.info(deployment)["status"], shifting.alias) == ("InProgress", weights(0.1))
    shifting.after(4.9)
    assert shifting.alias == weights(0.1)
    shifting.after(0.1)
    assert (shifting.info(deployment)["status"], shifting.alias) == ("Succeeded", ("2", {}))
    assert set(shifting.events(deployment).values()) == {"Succeeded"}


def test_a_linear_shift_step_by_step(shifting):
    shifting.group()
    shifting.start("Linear10PercentEvery1Minute")
    seen = []
    for minutes in (0, *[1] * 8):
        shifting.after(minutes)
        seen.append(shifting.alias)
    assert seen == [weights(share) for share in LINEAR]
    shifting.after(1)
    assert shifting.alias == ("2", {})


def test_all_at_once_needs_one_step(shifting):
    shifting.group()
    shifting.start("AllAtOnce")
    shifting.after(0)
    assert shifting.alias == ("2", {})


def test_an_alarm_that_is_lit_meanwhile_ends_it(shifting):
    alarm = shifting.alarm("OK")
    shifting.group(alarms=[alarm])
    deployment = shifting.start()
    shifting.after(1)
    shifting.light(alarm)
    shifting.after(1)
    info = shifting.info(deployment)
    assert (info["status"], shifting.alias) == ("Stopped", ("1", {}))
    assert info["errorInformation"]["code"] == "ALARM_ACTIVE"
    assert f"Activated alarms: <{alarm}>" in info["errorInformation"]["message"]
    assert shifting.events(deployment) == {
        "BeforeAllowTraffic": "Succeeded",
        "AllowTraffic": "Failed",
        "AfterAllowTraffic": "Skipped",
    }
    assert shifting.target(deployment)["lambdaFunctionInfo"]["targetVersionWeight"] == 0


def test_the_rollback_is_a_deployment_of_its_own_which_each_names(shifting):
    alarm = shifting.alarm("ALARM")
    shifting.group(alarms=[alarm])
    failed = shifting.start()
    shifting.after()
    back = shifting.info(failed)["rollbackInfo"]["rollbackDeploymentId"]
    info = shifting.info(back)
    assert (info["creator"], info["status"]) == ("codeDeployRollback", "Succeeded")
    assert info["rollbackInfo"]["rollbackTriggeringDeploymentId"] == failed


def test_an_alarm_that_is_lit_already_lets_nothing_through(shifting):
    """fault row 45: no promotion."""
    shifting.group(alarms=[shifting.alarm("ALARM")])
    shifting.start("AllAtOnce")
    shifting.after()
    assert shifting.alias == ("1", {})


def test_an_alarm_that_does_not_exist_lets_nothing_through(shifting):
    """fault row 45: no promotion."""
    shifting.group(alarms=["no-such-alarm"])
    deployment = shifting.start("AllAtOnce")
    shifting.after()
    info = shifting.info(deployment)
    assert (info["status"], shifting.alias) == ("Stopped", ("1", {}))
    assert "<no-such-alarm>" in info["errorInformation"]["message"]


def test_an_alarm_that_is_deleted_meanwhile_ends_it(shifting):
    """fault row 45: no promotion."""
    alarm = shifting.alarm("OK")
    shifting.group(alarms=[alarm])
    shifting.start()
    shifting.after()
    shifting.cloud("cloudwatch").delete_alarms(AlarmNames=[alarm])
    shifting.after(5)
    assert shifting.alias == ("1", {})


def test_a_missing_alarm_is_passed_over_where_the_group_says_so(shifting):
    watched = {"enabled": True, "alarms": [{"name": "no"}], "ignorePollAlarmFailure": True}
    shifting.group(alarmConfiguration=watched)
    shifting.start("AllAtOnce")
    shifting.after()
    assert shifting.alias == ("2", {})


def test_stopping_puts_the_alias_back_at_once(shifting):
    """fault rows 41 and 46: the shift is stopped first, and leaves no weights behind."""
    shifting.group()
    deployment = shifting.start()
    shifting.after()
    shifting.codedeploy.stop_deployment(deploymentId=deployment, autoRollbackEnabled=True)
    info = shifting.info(deployment)
    assert (info["status"], shifting.alias) == ("Stopped", ("1", {}))
    assert info["errorInformation"]["code"] == "MANUAL_STOP"
    shifting.after(5)
    assert shifting.alias == ("1", {})
    with pytest.raises(ClientError, match="DeploymentAlreadyCompletedException"):
        shifting.codedeploy.stop_deployment(deploymentId=deployment)


@pytest.mark.parametrize(("wish", "left"), [(None, weights(0.1)), (True, ("1", {}))])
def test_stopping_rolls_back_as_the_group_says_unless_it_is_asked_to(shifting, wish, left):
    shifting.group(rolls_back_on=["DEPLOYMENT_FAILURE"])
    deployment = shifting.start()
    shifting.after()
    asked = {} if wish is None else {"autoRollbackEnabled": wish}
    shifting.codedeploy.stop_deployment(deploymentId=deployment, **asked)
    assert shifting.alias == left


@pytest.mark.parametrize(
    ("asked", "moved"), [({"current": "3"}, "1"), ({"target": "1"}, "1"), ({}, "3")]
)
def test_versions_that_do_not_fit_the_alias_are_refused(shifting, asked, moved):
    shifting.move(moved)
    shifting.group()
    deployment = shifting.start("AllAtOnce", **asked)
    shifting.after()
    info = shifting.info(deployment)
    assert (info["status"], shifting.alias) == ("Failed", (moved, {}))
    assert info["errorInformation"]["code"] == "INVALID_LAMBDA_CONFIGURATION"


def test_an_alias_that_is_moved_by_hand_meanwhile_stays_where_it_was_put(shifting):
    shifting.group()
    deployment = shifting.start()
    shifting.after()
    shifting.move("3")
    shifting.after(5)
    info = shifting.info(deployment)
    assert (info["status"], shifting.alias) == ("Failed", ("3", {}))
    assert "does not match the current version in AppSpec" in info["errorInformation"]["message"]
    assert "somebody else" in info["rollbackInfo"]["rollbackMessage"]


def test_an_alias_that_is_moved_at_that_very_moment_is_not_overwritten(shifting):
    """Looking at the alias and moving it is one step."""

    class Interfering:
        def __getattr__(self, name):
            return getattr(shifting.cloud("lambda"), name)

        def get_alias(self, **named):
            found = shifting.cloud("lambda").get_alias(**named)
            shifting.move("3")
            return found

    settings = {"deploymentConfigName": "CodeDeployDefault.LambdaAllAtOnce"}
    numbers = itertools.count(100_000_000)
    service = CodeDeploy(lambda _: Interfering(), shifting.clock, 1.0, lambda: f"{next(numbers)}")
    deployment = service.create(Group("app", "group", settings), shifting.revision(), None)
    service.tick()
    assert (deployment.status, shifting.alias) == ("Failed", ("3", {}))


@pytest.mark.parametrize("asked", [{}, {"group": "other"}, {"alias": "next"}])
def test_two_at_once_are_refused_in_one_group_and_on_one_alias(shifting, asked):
    shifting.group()
    shifting.group("other")
    first = shifting.start()
    with pytest.raises(ClientError, match="A conflicting deployment is in progress") as refused:
        shifting.start(**asked)
    assert refused.value.response["Error"]["Code"] == "DeploymentLimitExceededException"
    shifting.codedeploy.stop_deployment(deploymentId=first)
    shifting.start(**asked)
