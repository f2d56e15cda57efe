"""What ends a deployment, in the words of AWS where they are known."""

from collections.abc import Iterable
from typing import NamedTuple


class Trouble(NamedTuple):
    """The status that a deployment ends with, AWS's error code, and the message.

    `event` is what a deployment group calls it where it says what is rolled back.
    """

    status: str
    code: str
    message: str
    event: str


def _failed(code: str, message: str) -> Trouble:
    return Trouble("Failed", code, message, "DEPLOYMENT_FAILURE")


def invalid(what: str) -> Trouble:
    return _failed(
        "INVALID_LAMBDA_CONFIGURATION",
        "The deployment failed because the AppSpec file that specifies the AWS Lambda deployment "
        f"configuration is missing or has an invalid configuration. {what}",
    )


def alarmed(names: Iterable[str]) -> Trouble:
    message = (
        "One or more alarms have been activated according to the Amazon CloudWatch metrics you "
        "selected, and the affected deployments have been stopped. Activated alarms: "
    )
    return Trouble("Stopped", "ALARM_ACTIVE", message + _listed(names), "DEPLOYMENT_STOP_ON_ALARM")


def unreadable(names: Iterable[str]) -> Trouble:
    message = "The deployment was stopped because these alarms could not be looked at: "
    code = "CODEDEPLOY_RESOURCE_CANNOT_BE_FOUND"
    return Trouble("Stopped", code, message + _listed(names), "DEPLOYMENT_STOP_ON_ALARM")


MOVED = invalid(
    "The Lambda function alias version does not match the current version in AppSpec file."
)
SAME = invalid("The target version is the current version.")
HOOK_FAILED = _failed(
    "HOOK_EXECUTION_FAILURE",
    "The deployment failed because one or more of the lifecycle event validation functions failed.",
)
STOPPED = Trouble(
    "Stopped",
    "MANUAL_STOP",
    "The deployment was stopped by a user request.",
    "DEPLOYMENT_STOP_ON_REQUEST",
)


def _listed(names: Iterable[str]) -> str:
    return " ".join(f"<{name}>" for name in names)
