"""CodeDeploy's API over HTTP, in JSON 1.1: what each action reads of a request, and answers."""

import asyncio
import json
import uuid
from collections.abc import Callable
from concurrent.futures import Executor
from math import inf
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.types import Receive, Scope, Send

from infra.local.calls import region_of
from infra.local.codedeploy.deployment import Deployment, Event
from infra.local.codedeploy.groups import (
    PREFIX,
    STYLE,
    CodeDeployError,
    Group,
    Missing,
    NotSupported,
    configuration,
)
from infra.local.codedeploy.service import CodeDeploy

TARGET = "CodeDeploy_20141006."
PLATFORM = {"computePlatform": "Lambda"}
GROUP = (
    "alarmConfiguration applicationName autoRollbackConfiguration deploymentConfigName "
    "deploymentStyle serviceRoleArn"
)
Asked = dict[str, Any]
Told = dict[str, Any]


class CodeDeployApi:
    """ASGI application for requests whose X-Amz-Target begins with TARGET.

    `client`: service and region → boto3 client of the embedded AWS.
    """

    def __init__(
        self,
        client: Callable[[str, str], Any],
        clock: Callable[[], float],
        time_scale: float,
        executor: Executor,
        region: str,
    ) -> None:
        self._client, self._clock, self._time_scale = client, clock, time_scale
        self._executor, self._region = executor, region
        self._services: dict[str, CodeDeploy] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        action = request.headers["x-amz-target"].removeprefix(TARGET)
        service = self._service(region_of(request.headers, self._region))
        asked = json.loads(await request.body() or b"{}")
        loop = asyncio.get_running_loop()
        try:
            found = await loop.run_in_executor(self._executor, _answer, service, action, asked)
            response = JSONResponse(found)
        except CodeDeployError as error:
            response = JSONResponse({"__type": error.code, "message": str(error)}, 400)
        await response(scope, receive, send)

    def tick(self) -> None:
        for service in list(self._services.values()):
            service.tick()

    def _service(self, region: str) -> CodeDeploy:
        if region not in self._services:
            self._services[region] = CodeDeploy(
                lambda name: self._client(name, region),
                self._clock,
                self._time_scale,
                lambda: uuid.uuid4().hex,
            )
        return self._services[region]


def _answer(service: CodeDeploy, action: str, asked: Asked) -> Told:
    """Raises CodeDeployError; what is not supported is refused by name."""
    if action not in ACTIONS:
        raise NotSupported(f"the action {action}")
    known, act = ACTIONS[action]
    if unknown := sorted(name for name in asked.keys() - set(known.split()) if asked[name]):
        raise NotSupported(f"the member {', '.join(unknown)} of {action}")
    with service.lock:
        return act(service, asked)


def _create_application(service: CodeDeploy, asked: Asked) -> Told:
    service.applications.create(asked["applicationName"], asked.get("computePlatform"))
    return {}


def _delete_application(service: CodeDeploy, asked: Asked) -> Told:
    service.applications.by_name.pop(asked["applicationName"], None)
    return {}


def _create_group(service: CodeDeploy, asked: Asked) -> Told:
    name = asked.pop("deploymentGroupName")
    settings = {"deploymentConfigName": f"{PREFIX}AllAtOnce", **asked}
    service.applications.add(Group(settings.pop("applicationName"), name, settings))
    return {}


def _update_group(service: CodeDeploy, asked: Asked) -> Told:
    """Members that are left out stay as they are."""
    name = asked.pop("currentDeploymentGroupName")
    before = service.applications.group(asked.pop("applicationName"), name)
    service.applications.put(Group(before.application, name, {**before.settings, **asked}))
    return {}


def _delete_group(service: CodeDeploy, asked: Asked) -> Told:
    groups = service.applications.groups(asked["applicationName"])
    groups.pop(asked["deploymentGroupName"], None)
    return {}


def _get_config(service: CodeDeploy, asked: Asked) -> Told:
    name = asked["deploymentConfigName"]
    routing = configuration(name).told(service.time_scale)
    about = {"deploymentConfigName": name, "trafficRoutingConfig": routing, **PLATFORM}
    return {"deploymentConfigInfo": about}


def _create_deployment(service: CodeDeploy, asked: Asked) -> Told:
    group = service.applications.group(asked["applicationName"], asked["deploymentGroupName"])
    created = service.create(group, asked["revision"], asked.get("deploymentConfigName"))
    return {"deploymentId": created.id}


def _list_deployments(service: CodeDeploy, asked: Asked) -> Told:
    application, group = asked.get("applicationName"), asked.get("deploymentGroupName")
    if application and not group:
        code, message = "DeploymentGroupNameRequiredException", "Name the deployment group too."
        raise CodeDeployError(code, message)
    if group and not application:
        code, message = "ApplicationNameRequiredException", "Name the application too."
        raise CodeDeployError(code, message)
    if application and group:
        service.applications.group(application, group)
    statuses, made = asked.get("includeOnlyStatuses"), asked.get("createTimeRange") or {}
    start, end = made.get("start", 0), made.get("end", inf)
    found = [
        deployment.id
        for deployment in service.deployments()
        if (not statuses or deployment.status in statuses)
        and start <= deployment.created <= end
        and (not group or deployment.group.named(application, group))
    ]
    return {"deployments": found}


def _get_deployment(service: CodeDeploy, asked: Asked) -> Told:
    return {"deploymentInfo": _info(service.deployment(asked["deploymentId"]))}


def _list_targets(service: CodeDeploy, asked: Asked) -> Told:
    return {"targetIds": [_target_id(service.deployment(asked["deploymentId"]))]}


def _get_target(service: CodeDeploy, asked: Asked) -> Told:
    deployment = service.deployment(asked["deploymentId"])
    if asked["targetId"] != _target_id(deployment):
        raise Missing("DeploymentTarget", asked["targetId"])
    return {"deploymentTarget": _target(deployment)}


def _batch_get_targets(service: CodeDeploy, asked: Asked) -> Told:
    named = [{"deploymentId": asked["deploymentId"], "targetId": id} for id in asked["targetIds"]]
    return {"deploymentTargets": [_get_target(service, one)["deploymentTarget"] for one in named]}


def _stop(service: CodeDeploy, asked: Asked) -> Told:
    service.stop(asked["deploymentId"], asked.get("autoRollbackEnabled"))
    return {"status": "Succeeded", "statusMessage": "The deployment has stopped."}


def _report(service: CodeDeploy, asked: Asked) -> Told:
    execution = asked["lifecycleEventHookExecutionId"]
    service.report(asked["deploymentId"], execution, asked["status"])
    return {"lifecycleEventHookExecutionId": execution}


# Action → the members that it reads, and what it does.
ACTIONS: dict[str, tuple[str, Callable[[CodeDeploy, Asked], Told]]] = {
    "CreateApplication": ("applicationName computePlatform", _create_application),
    "DeleteApplication": ("applicationName", _delete_application),
    "CreateDeploymentGroup": (f"{GROUP} deploymentGroupName", _create_group),
    "UpdateDeploymentGroup": (f"{GROUP} currentDeploymentGroupName", _update_group),
    "DeleteDeploymentGroup": ("applicationName deploymentGroupName", _delete_group),
    "GetDeploymentConfig": ("deploymentConfigName", _get_config),
    "CreateDeployment": (
        "applicationName deploymentConfigName deploymentGroupName revision",
        _create_deployment,
    ),
    "ListDeployments": (
        "applicationName createTimeRange deploymentGroupName includeOnlyStatuses",
        _list_deployments,
    ),
    "GetDeployment": ("deploymentId", _get_deployment),
    "ListDeploymentTargets": ("deploymentId", _list_targets),
    "GetDeploymentTarget": ("deploymentId targetId", _get_target),
    "BatchGetDeploymentTargets": ("deploymentId targetIds", _batch_get_targets),
    "StopDeployment": ("autoRollbackEnabled deploymentId", _stop),
    "PutLifecycleEventHookExecutionStatus": (
        "deploymentId lifecycleEventHookExecutionId status",
        _report,
    ),
}


def _info(deployment: Deployment) -> Told:
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


def _target_id(deployment: Deployment) -> str:
    return f"{deployment.revision.function}:{deployment.revision.alias}"


def _target(deployment: Deployment) -> Told:
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
        "targetId": _target_id(deployment),
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
