"""Hooks are asked before and after the shift; without their word nothing goes on."""

import json

import pytest
from botocore.exceptions import ClientError

REPORTS = """
import boto3

def handler(event, context):
    boto3.client("codedeploy").put_lifecycle_event_hook_execution_status(
        deploymentId=event["DeploymentId"],
        lifecycleEventHookExecutionId=event["LifecycleEventHookExecutionId"],
        status="{status}",
    )
"""
SILENT = "def handler(event, context):\n    print('asked', __import__('json').dumps(event))\n"
HOUR = 60


@pytest.fixture
def reporting(stepped_cloud):
    """A hook that reports this status."""
    return lambda status: stepped_cloud.function(REPORTS.format(status=status), Timeout=60)


@pytest.fixture
def silent(stepped_cloud, eventually):
    """A hook that says nothing, and what it was asked last."""
    name = stepped_cloud.function(SILENT)

    def asked():
        lines = []

        def told():
            lines[:] = [line for line in stepped_cloud.log(name).splitlines() if "asked" in line]
            return bool(lines)

        eventually(told)
        return json.loads(lines[-1].partition("asked ")[2])

    return name, asked


def test_nothing_moves_before_the_hook_has_agreed(shifting, silent):
    name, asked = silent
    shifting.group()
    deployment = shifting.start("AllAtOnce", hooks={"BeforeAllowTraffic": name})
    shifting.after()
    event = asked()
    assert event.keys() == {"DeploymentId", "LifecycleEventHookExecutionId"}
    assert event["DeploymentId"] == deployment
    shifting.after(1)
    assert shifting.alias == ("1", {})
    report = {
        "deploymentId": deployment,
        "lifecycleEventHookExecutionId": event["LifecycleEventHookExecutionId"],
        "status": "Succeeded",
    }
    shifting.codedeploy.put_lifecycle_event_hook_execution_status(**report)
    shifting.after()
    assert shifting.alias == ("2", {})
    with pytest.raises(ClientError, match="LifecycleEventAlreadyCompletedException"):
        shifting.codedeploy.put_lifecycle_event_hook_execution_status(**report)


def test_a_hook_reports_from_within_its_function(shifting, reporting, eventually):
    shifting.group()
    hooks = {"BeforeAllowTraffic": reporting("Succeeded")}
    deployment = shifting.start("AllAtOnce", hooks=hooks)

    def shifted():
        shifting.after()
        return shifting.info(deployment)["status"] == "Succeeded"

    eventually(shifted)
    assert shifting.alias == ("2", {})


@pytest.mark.parametrize("event", ["BeforeAllowTraffic", "AfterAllowTraffic"])
def test_a_hook_that_refuses_puts_the_alias_back(shifting, reporting, eventually, event):
    shifting.group()
    deployment = shifting.start("AllAtOnce", hooks={event: reporting("Failed")})

    def failed():
        shifting.after()
        return shifting.info(deployment)["status"] == "Failed"

    eventually(failed)
    assert shifting.alias == ("1", {})
    assert shifting.events(deployment)[event] == "Failed"
    error = shifting.info(deployment)["errorInformation"]
    assert error["code"] == "HOOK_EXECUTION_FAILURE"
    assert "lifecycle event validation functions failed" in error["message"]


def test_once_all_traffic_has_moved_others_may_move_the_alias_on(shifting, silent):
    shifting.group()
    deployment = shifting.start("AllAtOnce", hooks={"AfterAllowTraffic": silent[0]})
    shifting.after()
    assert shifting.alias == ("2", {})
    shifting.move("3")
    shifting.after(1)
    assert (shifting.info(deployment)["status"], shifting.alias) == ("InProgress", ("3", {}))


def test_a_hook_that_says_nothing_for_an_hour_has_failed(shifting, silent):
    shifting.group()
    deployment = shifting.start("AllAtOnce", hooks={"BeforeAllowTraffic": silent[0]})
    shifting.after()
    shifting.after(HOUR)
    assert shifting.info(deployment)["status"] == "InProgress"
    shifting.after(0.1)
    assert (shifting.info(deployment)["status"], shifting.alias) == ("Failed", ("1", {}))


def test_a_hook_that_does_not_exist_has_failed(shifting):
    shifting.group()
    deployment = shifting.start("AllAtOnce", hooks={"BeforeAllowTraffic": "no-such-function"})
    shifting.after()
    info = shifting.info(deployment)
    assert (info["status"], shifting.alias) == ("Failed", ("1", {}))
    assert info["errorInformation"]["code"] == "HOOK_EXECUTION_FAILURE"


def test_a_report_that_fits_nothing_is_refused(shifting, silent):
    shifting.group()
    deployment = shifting.start(hooks={"BeforeAllowTraffic": silent[0]})

    def report(execution, status):
        shifting.codedeploy.put_lifecycle_event_hook_execution_status(
            deploymentId=deployment, lifecycleEventHookExecutionId=execution, status=status
        )

    with pytest.raises(ClientError, match="InvalidLifecycleEventHookExecutionIdException"):
        report("unheard-of", "Succeeded")
    with pytest.raises(ClientError, match="InvalidLifecycleEventHookExecutionStatusException"):
        report("unheard-of", "Skipped")
