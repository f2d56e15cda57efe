"""Deployments as CodeDeploy's API tells them: pure, from record to members of its answers."""

from typing import Any

from infra.local.codedeploy.deployment import Deployment, Event
from infra.local.codedeploy.groups import STYLE

Told = dict[str, Any]
PLATFORM = {"computePlatform": "Lambda"}


def info(deployment: Deployment) -> Told:
    """A DeploymentInfo."""
    trouble = deployment.trouble
    error = trouble and {"code": trouble.code, "message": trouble.message}
    group = deployment.group
    return _known(
        applicationName=group.application,
        deploymentGroupName=group.name,
        deploymentConfigName=deployment.config,
        deploymentId=deployment.id,
        # The content is always null on AWS as well.
        revision={
            "revisionType": "AppSpecContent",
            "appSpecContent": {"sha256": deployment.revision.sha256},
        },
        status=deployment.status,
        errorInformation=error,
        createTime=deployment.created,
        startTime=deployment.started,
        completeTime=deployment.ended,
        creator=deployment.creator,
        autoRollbackConfiguration=group.settings.get("autoRollbackConfiguration"),
        rollbackInfo=deployment.rollback or None,
        deploymentStyle=STYLE,
        **PLATFORM,
    )


def target_id(deployment: Deployment) -> str:
    return f"{deployment.revision.function}:{deployment.revision.alias}"


def target(deployment: Deployment) -> Told:
    """A DeploymentTarget."""
    spec, times = deployment.revision, [deployment.created, deployment.started, deployment.ended]
    for event in deployment.events:
        times += [event.started, event.ended]
    status = {"Created": "Pending", "Stopped": "Failed"}.get(deployment.status, deployment.status)
    function = {
        "functionName": spec.function,
        "functionAlias": spec.alias,
        "currentVersion": spec.current,
        "targetVersion": spec.target,
        "targetVersionWeight": deployment.share,
    }
    lambda_target = {
        "deploymentId": deployment.id,
        "targetId": target_id(deployment),
        "status": status,
        "lastUpdatedAt": max(time for time in times if time is not None),
        "lifecycleEvents": [_event(event) for event in deployment.events],
        "lambdaFunctionInfo": function,
    }
    return {"deploymentTargetType": "LambdaFunction", "lambdaTarget": lambda_target}


def _event(event: Event) -> Told:
    diagnostics = {"errorCode": "ScriptFailed", "message": event.diagnostics}
    return _known(
        lifecycleEventName=event.name,
        status=event.status,
        startTime=event.started,
        endTime=event.ended,
        diagnostics=diagnostics if event.diagnostics else None,
    )


def _known(**members: Any) -> Told:
    return {name: value for name, value in members.items() if value is not None}
