"""A release under way: what CodeDeploy says about moving the traffic of an alias.

Which alias a deployment moves is told by its target: GetDeployment's AppSpec is always null.
https://docs.aws.amazon.com/codedeploy/latest/APIReference/API_LambdaFunctionInfo.html
"""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from model_store.aws import translated
from model_store.errors import AwsFailed

RUNNING = ["Created", "Queued", "InProgress", "Ready"]
ENDED_BADLY = ["Failed", "Stopped"]


@dataclass(frozen=True)
class Shift:
    """A running deployment that moves an alias from one Lambda version to another.

    `share`: of the traffic that `target` gets now, 0 to 1. `since`: when traffic was first
    allowed; None while a hook is still asked.
    """

    deployment: str
    source: str
    target: str
    share: float
    since: datetime | None


@dataclass(frozen=True)
class Pace:
    """`percent` of the traffic moves at once; after `minutes` the rest (canary), or as much
    again, and so on (linear). Minutes may be fractions."""

    kind: Literal["AllAtOnce", "TimeBasedCanary", "TimeBasedLinear"]
    percent: int = 100
    minutes: float = 0.0

    @property
    def seconds(self) -> float:
        """From the first request on the new version to the last on the old one."""
        steps = math.ceil(100 / self.percent) - 1 if self.kind == "TimeBasedLinear" else 1
        return 60 * self.minutes * steps


def shift_of(target: Mapping[str, Any], function: str, alias: str = "live") -> Shift | None:
    """From a deployment target; None when it moves another alias or function. Pure."""
    described = target.get("lambdaTarget", {})
    moved = described.get("lambdaFunctionInfo", {})
    if (moved.get("functionName"), moved.get("functionAlias")) != (function, alias):
        return None
    events = {event["lifecycleEventName"]: event for event in described.get("lifecycleEvents", ())}
    return Shift(
        described["deploymentId"],
        str(moved["currentVersion"]),
        str(moved["targetVersion"]),
        float(moved.get("targetVersionWeight", 0.0)),
        events.get("AllowTraffic", {}).get("startTime"),
    )


def pace_of(configuration: Mapping[str, Any]) -> Pace:
    """From a deploymentConfigInfo. Pure."""
    routing = configuration["trafficRoutingConfig"]
    if routing["type"] == "TimeBasedCanary":
        canary = routing["timeBasedCanary"]
        return Pace(routing["type"], canary["canaryPercentage"], canary["canaryInterval"])
    if routing["type"] == "TimeBasedLinear":
        linear = routing["timeBasedLinear"]
        return Pace(routing["type"], linear["linearPercentage"], linear["linearInterval"])
    return Pace("AllAtOnce")


# There are no type stubs for CodeDeploy among the pinned ones: hence Any.
def find_shift(codedeploy: Any, function: str, alias: str = "live") -> Shift | None:
    """The running deployment that moves this alias; one call when none runs in the account.

    Raises AwsError.
    """
    with translated(f"deployments of {function}:{alias}"):
        targets = _targets(codedeploy, includeOnlyStatuses=RUNNING)
        shifts = (shift_of(target, function, alias) for target in targets)
        return next((shift for shift in shifts if shift), None)


def last_failure(
    codedeploy: Any, function: str, since: datetime, alias: str = "live"
) -> datetime | None:
    """When a release of this alias that had got traffic last failed or was stopped, of those that
    began after `since`. What a hook refused has met no caller.

    Raises AwsError.
    """
    asked = {"includeOnlyStatuses": ENDED_BADLY, "createTimeRange": {"start": since}}
    with translated(f"deployments of {function}:{alias}"):
        ends = (
            each["lambdaTarget"]["lastUpdatedAt"]
            for each in _targets(codedeploy, **asked)
            if (shift := shift_of(each, function, alias)) and shift.since
        )
        return max(ends, default=None)


def read_pace(codedeploy: Any, deployment: str) -> Pace:
    """How fast a deployment moves traffic. Raises AwsError."""
    with translated(f"deployment {deployment}"):
        about = codedeploy.get_deployment(deploymentId=deployment)["deploymentInfo"]
        name = about["deploymentConfigName"]
        found = codedeploy.get_deployment_config(deploymentConfigName=name)
        return pace_of(found["deploymentConfigInfo"])


def stop(codedeploy: Any, deployment: str) -> bool:
    """Ask for the traffic to be taken back; False if the deployment had ended by then.

    Raises AwsError.
    """
    try:
        with translated(f"deployment {deployment}"):
            codedeploy.stop_deployment(deploymentId=deployment, autoRollbackEnabled=True)
    except AwsFailed as error:
        if error.code != "DeploymentAlreadyCompletedException":
            raise
        return False
    return True


def targets_of(codedeploy: Any, deployment: str) -> Iterator[Mapping[str, Any]]:
    """What a deployment moves, as `shift_of` reads it: of Lambda there is exactly one target.

    More are of another platform, to be had by 25 at once; so is what CodeDeploy has only queued,
    for an alias has no queue. Neither may keep anybody from finding a release.
    """
    try:
        names = codedeploy.list_deployment_targets(deploymentId=deployment)["targetIds"]
    except codedeploy.exceptions.DeploymentNotStartedException:
        return
    if len(names) == 1:
        found = codedeploy.batch_get_deployment_targets(deploymentId=deployment, targetIds=names)
        yield from found["deploymentTargets"]


def _targets(codedeploy: Any, **asked: Any) -> Iterator[Mapping[str, Any]]:
    """Of all deployments of the account that ListDeployments finds."""
    pages = codedeploy.get_paginator("list_deployments").paginate(**asked)
    for deployment in (name for page in pages for name in page["deployments"]):
        yield from targets_of(codedeploy, deployment)
