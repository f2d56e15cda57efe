"""AWS::CodeDeploy, and how it moves an alias in the place of CloudFormation."""

from collections.abc import Callable, Mapping
from typing import Any

from infra.local.cloudformation.errors import ResourceFailed
from infra.local.cloudformation.resource_type import Resource, ResourceType, physical_id
from infra.local.cloudformation.types_lambda import ALIAS, function_name
from infra.local.codedeploy.deployment import Revision

APPLICATION = ResourceType(
    name="AWS::CodeDeploy::Application",
    properties="ApplicationName ComputePlatform",
    name_property="ApplicationName",
    longest_name=100,
    create="create_application",
    delete=("delete_application",),
)

DEPLOYMENT_GROUP = ResourceType(
    name="AWS::CodeDeploy::DeploymentGroup",
    properties="AlarmConfiguration ApplicationName AutoRollbackConfiguration "
    "DeploymentConfigName DeploymentGroupName DeploymentStyle ServiceRoleArn",
    immutable="ApplicationName",
    # What the template no longer says goes back to these.
    defaults={
        "AlarmConfiguration": {"Enabled": False, "Alarms": []},
        "AutoRollbackConfiguration": {"Enabled": False, "Events": []},
        "DeploymentConfigName": "CodeDeployDefault.LambdaAllAtOnce",
    },
    name_property="DeploymentGroupName",
    longest_name=100,
    arguments={"currentDeploymentGroupName": physical_id},
    create="create_deployment_group",
    update=("update_deployment_group",),
    delete=("delete_deployment_group",),
)

CODEDEPLOY = (APPLICATION, DEPLOYMENT_GROUP)
POLICY = "CodeDeployLambdaAliasUpdate"
HOOKS = {
    "BeforeAllowTrafficHook": "BeforeAllowTraffic",
    "AfterAllowTrafficHook": "AfterAllowTraffic",
}


def takes_over(update_policy: Mapping[str, Any], resource: Resource) -> bool:
    """Whether CodeDeploy makes this update: an alias is to have another version."""
    return POLICY in update_policy and "FunctionVersion" in resource.changed()


def shift(
    update_policy: Mapping[str, Any],
    resource: Resource,
    client: Any,
    pause: Callable[[], None],
) -> None:
    """Returns once the alias is where it is wanted. CodeDeploy puts back what it cannot finish."""
    if others := resource.changed() - {"FunctionVersion"}:
        raise ResourceFailed(
            f"the embedded AWS cannot change {', '.join(sorted(others))} of {ALIAS.name} in one "
            "update with its FunctionVersion under an UpdatePolicy"
        )
    policy = update_policy[POLICY]
    revision = Revision(
        function=function_name(resource),
        alias=resource.get("Name"),
        current=resource.previous["FunctionVersion"],
        target=resource.get("FunctionVersion"),
        hooks={event: policy[name] for name, event in HOOKS.items() if name in policy},
    )
    content = {"content": revision.content, "sha256": revision.sha256}
    deployment = client.create_deployment(
        applicationName=policy["ApplicationName"],
        deploymentGroupName=policy["DeploymentGroupName"],
        revision={"revisionType": "AppSpecContent", "appSpecContent": content},
    )
    _wait(client, deployment["deploymentId"], pause)


def _wait(client: Any, deployment_id: str, pause: Callable[[], None]) -> None:
    while True:
        found = client.get_deployment(deploymentId=deployment_id)["deploymentInfo"]
        if found["status"] == "Succeeded":
            return
        if error := found.get("errorInformation"):
            raise ResourceFailed(
                f'Resource handler returned message: "{deployment_id} failed. {error["message"]}" '
                "(HandlerErrorCode: InternalFailure)"
            )
        pause()
