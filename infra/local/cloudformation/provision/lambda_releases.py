"""AWS::Lambda: versions of functions, aliases that point at them, and who may invoke those."""

from typing import Any

from infra.local.cloudformation.errors import ResourceFailed
from infra.local.cloudformation.provision.record import Call, Custom, Resource, ResourceType
from infra.local.cloudformation.provision.sources import answer, physical_id, same


def _function_of(resource: Resource) -> tuple[str, str | None]:
    """Name and qualifier, from a name, name:qualifier or an ARN of either."""
    parts = str(resource.get("FunctionName")).split(":function:")[-1].split(":")
    return parts[0], parts[1] if len(parts) > 1 else None


def _function_name(resource: Resource) -> str:
    return _function_of(resource)[0]


def _publish(resource: Resource, client: Any) -> dict[str, Any]:
    """Publishing an unchanged function gives an old version again: CloudFormation refuses that."""
    versions = client.list_versions_by_function(FunctionName=_function_name(resource))["Versions"]
    known = {version["Version"] for version in versions}
    published = client.publish_version(
        FunctionName=_function_name(resource),
        **{
            name: resource.get(name)
            for name in ("CodeSha256", "Description")
            if resource.get(name) is not None
        },
    )
    if published["Version"] in known:
        raise ResourceFailed(
            f"A version for this Lambda function exists ( {published['Version']} ). "
            "Modify the function to create a new version."
        )
    result: dict[str, Any] = published
    return result


VERSION = ResourceType(
    name="AWS::Lambda::Version",
    service="lambda",
    properties="CodeSha256 Description FunctionName",
    required="FunctionName",
    physical_id=answer("publish.FunctionArn"),
    create=(Custom("publish", _publish),),
    delete=(
        Call(
            "delete_function",
            {
                "FunctionName": _function_name,
                "Qualifier": lambda resource: resource.physical_id.rsplit(":", 1)[1],
            },
        ),
    ),
    attributes={
        "FunctionArn": physical_id,
        "Version": lambda resource: resource.physical_id.rsplit(":", 1)[1],
    },
)


def _weights(resource: Resource) -> dict[str, Any]:
    """An update that says nothing of weights clears them."""
    routing = resource.get("RoutingConfig") or {}
    return {
        "AdditionalVersionWeights": {
            weight["FunctionVersion"]: weight["FunctionWeight"]
            for weight in routing.get("AdditionalVersionWeights", [])
        }
    }


ALIAS_CALL = {
    **same("Description FunctionVersion Name"),
    "FunctionName": _function_name,
    "RoutingConfig": _weights,
}

ALIAS = ResourceType(
    name="AWS::Lambda::Alias",
    service="lambda",
    properties="Description FunctionName FunctionVersion Name RoutingConfig",
    immutable="FunctionName Name",
    members={"RoutingConfig": "AdditionalVersionWeights"},
    required="FunctionName FunctionVersion Name",
    physical_id=answer("create_alias.AliasArn"),
    create=(Call("create_alias", ALIAS_CALL),),
    update=(Call("update_alias", ALIAS_CALL),),
    delete=(Call("delete_alias", {"FunctionName": _function_name, "Name": "Name"}),),
    attributes={"AliasArn": physical_id},
)

PERMISSION = ResourceType(
    name="AWS::Lambda::Permission",
    service="lambda",
    properties="Action EventSourceToken FunctionName Principal SourceAccount SourceArn",
    required="Action FunctionName Principal",
    physical_id=lambda resource: resource.generated_name,
    create=(
        Call(
            "add_permission",
            {
                **same("Action EventSourceToken Principal SourceAccount SourceArn"),
                "FunctionName": _function_name,
                "Qualifier": lambda resource: _function_of(resource)[1],
                "StatementId": lambda resource: resource.generated_name,
            },
        ),
    ),
    delete=(
        Call(
            "remove_permission",
            {
                "FunctionName": _function_name,
                "Qualifier": lambda resource: _function_of(resource)[1],
                "StatementId": physical_id,
            },
        ),
    ),
    attributes={"Id": physical_id},
)

TYPES = (VERSION, ALIAS, PERMISSION)
