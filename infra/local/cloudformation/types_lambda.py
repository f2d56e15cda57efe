"""AWS::Lambda: functions, their versions, aliases that point at them, and who may invoke those."""

import io
import zipfile
from typing import Any

from infra.local.cloudformation.engine import TAGS
from infra.local.cloudformation.errors import ResourceFailed
from infra.local.cloudformation.resource_type import (
    Call,
    Resource,
    ResourceType,
    Setting,
    answer,
    formatted,
    name_of,
    physical_id,
)

FUNCTION_ARN = formatted("arn:aws:lambda:{region}:{account}:function:{id}")


def _code(resource: Resource) -> dict[str, Any]:
    """Inline source becomes the one-file archive that CloudFormation makes of it."""
    code = dict(resource.get("Code"))
    if "ZipFile" in code:
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w") as archive:
            archive.writestr(zipfile.ZipInfo("index.py"), code["ZipFile"])
        code["ZipFile"] = buffer.getvalue()
    return code


def _update_code(resource: Resource, client: Any) -> None:
    architectures = {"Architectures": resource.get("Architectures", ["x86_64"])}
    client.update_function_code(
        FunctionName=resource.physical_id, **_code(resource), **architectures
    )


FUNCTION = ResourceType(
    name="AWS::Lambda::Function",
    properties="Architectures Code Description Environment EphemeralStorage FunctionName Handler "
    "LoggingConfig MemorySize PackageType ReservedConcurrentExecutions Role Runtime SnapStart "
    "Tags Timeout TracingConfig",
    members={"Code": "S3Bucket S3Key S3ObjectVersion ZipFile"},
    immutable="PackageType",
    # What the template no longer says goes back to these.
    defaults={
        "Description": "",
        "EphemeralStorage": {"Size": 512},
        "Environment": {"Variables": {}},
        "LoggingConfig": {"LogFormat": "Text"},
        "MemorySize": 128,
        "SnapStart": {"ApplyOn": "None"},
        "Timeout": 3,
        "TracingConfig": {"Mode": "PassThrough"},
    },
    name_property="FunctionName",
    longest_name=64,
    arguments={"Resource": FUNCTION_ARN},
    create=Call("create_function", {"Code": _code}),
    update=("update_function_configuration",),
    settings={
        "Architectures": Setting(_update_code, _update_code, at_creation=False),
        "Code": Setting(_update_code, at_creation=False),
        "ReservedConcurrentExecutions": Setting(
            "put_function_concurrency", "delete_function_concurrency"
        ),
        "Tags": TAGS,
    },
    delete=("delete_function",),
    attributes={"Arn": FUNCTION_ARN},
)


def _function_of(resource: Resource) -> list[str]:
    """Name, then perhaps qualifier, from a name, name:qualifier or an ARN of either."""
    return str(resource.get("FunctionName")).split(":function:")[-1].split(":")


def function_name(resource: Resource) -> str:
    """From a FunctionName property, which may be an ARN."""
    return _function_of(resource)[0]


def _qualifier(resource: Resource) -> str | None:
    return next(iter(_function_of(resource)[1:]), None)


def _version(resource: Resource) -> str:
    return resource.physical_id.rsplit(":", 1)[1]


def _publish(resource: Resource, client: Any) -> dict[str, Any]:
    """Publishing an unchanged function gives an old version again: CloudFormation refuses that."""
    function = function_name(resource)
    versions = client.list_versions_by_function(FunctionName=function)["Versions"]
    optional = {name: resource.get(name) for name in ("CodeSha256", "Description")}
    published: dict[str, Any] = client.publish_version(
        FunctionName=function, **{name: value for name, value in optional.items() if value}
    )
    if published["Version"] in {version["Version"] for version in versions}:
        raise ResourceFailed(
            f"A version for this Lambda function exists ( {published['Version']} ). "
            "Modify the function to create a new version."
        )
    return published


VERSION = ResourceType(
    name="AWS::Lambda::Version",
    properties="CodeSha256 Description FunctionName",
    id=answer("FunctionArn"),
    create=_publish,
    delete=(Call("delete_function", {"FunctionName": function_name, "Qualifier": _version}),),
    attributes={"FunctionArn": physical_id, "Version": _version},
)


def _weights(resource: Resource) -> dict[str, Any]:
    """An update that says nothing of weights clears them."""
    weights = (resource.get("RoutingConfig") or {}).get("AdditionalVersionWeights", [])
    return {
        "AdditionalVersionWeights": {
            weight["FunctionVersion"]: weight["FunctionWeight"] for weight in weights
        }
    }


ALIAS = ResourceType(
    name="AWS::Lambda::Alias",
    properties="Description FunctionName FunctionVersion Name RoutingConfig",
    members={"RoutingConfig": "AdditionalVersionWeights"},
    immutable="FunctionName Name",
    id=answer("AliasArn"),
    arguments={"FunctionName": function_name, "RoutingConfig": _weights},
    create="create_alias",
    update=("update_alias",),
    delete=("delete_alias",),
)

PERMISSION = ResourceType(
    name="AWS::Lambda::Permission",
    properties="Action FunctionName Principal SourceAccount SourceArn",
    id=name_of,
    arguments={
        "FunctionName": function_name,
        "Qualifier": _qualifier,
        "StatementId": name_of,
    },
    create="add_permission",
    delete=("remove_permission",),
)

LAMBDA = (FUNCTION, VERSION, ALIAS, PERMISSION)
