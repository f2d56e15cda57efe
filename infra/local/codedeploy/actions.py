"""The actions of CodeDeploy's API: what each reads of a request, and what it answers."""

from collections.abc import Callable
from math import inf
from typing import Any

from infra.local.codedeploy import told
from infra.local.codedeploy.errors import CodeDeployError, Missing, NotSupported
from infra.local.codedeploy.groups import Group, configuration
from infra.local.codedeploy.service import CodeDeploy
from infra.local.codedeploy.traffic import PREFIX

GROUP = (
    "alarmConfiguration applicationName autoRollbackConfiguration deploymentConfigName "
    "deploymentStyle serviceRoleArn"
)
Asked = dict[str, Any]
Told = dict[str, Any]


def answer(service: CodeDeploy, action: str, asked: Asked) -> Told:
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
    about = {"deploymentConfigName": name, "trafficRoutingConfig": routing, **told.PLATFORM}
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
    return {"deploymentInfo": told.info(service.deployment(asked["deploymentId"]))}


def _list_targets(service: CodeDeploy, asked: Asked) -> Told:
    return {"targetIds": [told.target_id(service.deployment(asked["deploymentId"]))]}


def _get_target(service: CodeDeploy, asked: Asked) -> Told:
    deployment = service.deployment(asked["deploymentId"])
    if asked["targetId"] != told.target_id(deployment):
        raise Missing("DeploymentTarget", asked["targetId"])
    return {"deploymentTarget": told.target(deployment)}


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
