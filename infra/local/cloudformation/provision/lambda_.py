"""AWS::Lambda: functions, versions, aliases, permissions."""

import io
import zipfile
from typing import Any

from infra.local.cloudformation.errors import ResourceFailed
from infra.local.cloudformation.provision.record import Call, Custom, Resource, ResourceType
from infra.local.cloudformation.provision.sources import (
    absent,
    answer,
    changed,
    formatted,
    given,
    name_from,
    physical_id,
    same,
    tags,
    tags_gone,
)

ARN = "arn:aws:lambda:{region}:{account}:function:{id}"
CONFIGURATION = (
    "Description EphemeralStorage Environment Handler LoggingConfig MemorySize Role Runtime "
    "SnapStart Timeout TracingConfig"
)


def _code(resource: Resource) -> dict[str, Any]:
    """Inline source becomes the one-file archive that CloudFormation makes of it."""
    code = dict(resource.get("Code", {}))
    if "ZipFile" in code:
        code["ZipFile"] = _archive(code["ZipFile"])
    return code


def _archive(source: str) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr(zipfile.ZipInfo("index.py"), source)
    return buffer.getvalue()


def _configuration(resource: Resource) -> dict[str, Any]:
    """Every setting, so that what the template no longer says goes back to its default."""
    return {
        **DEFAULTS,
        **{
            name: resource.get(name)
            for name in CONFIGURATION.split()
            if resource.get(name) is not None
        },
    }


DEFAULTS: dict[str, Any] = {
    "Description": "",
    "EphemeralStorage": {"Size": 512},
    "Environment": {"Variables": {}},
    "MemorySize": 128,
    "SnapStart": {"ApplyOn": "None"},
    "Timeout": 3,
    "TracingConfig": {"Mode": "PassThrough"},
}


def _setting(name: str) -> Any:
    return lambda resource: _configuration(resource).get(name)


def _function_of(resource: Resource) -> tuple[str, str | None]:
    """Name and qualifier, from a name, name:qualifier or an ARN of either."""
    parts = str(resource.get("FunctionName")).split(":function:")[-1].split(":")
    return parts[0], parts[1] if len(parts) > 1 else None


def _function_name(resource: Resource) -> str:
    return _function_of(resource)[0]


FUNCTION = ResourceType(
    name="AWS::Lambda::Function",
    service="lambda",
    properties=f"{CONFIGURATION} Architectures Code FunctionName PackageType "
    "ReservedConcurrentExecutions Tags",
    immutable="FunctionName PackageType",
    members={"Code": "S3Bucket S3Key S3ObjectVersion ZipFile"},
    required="Code Role",
    name_property="FunctionName",
    longest_name=64,
    physical_id=name_from("FunctionName"),
    create=(
        Call(
            "create_function",
            {
                **same(f"{CONFIGURATION} Architectures PackageType"),
                "FunctionName": name_from("FunctionName"),
                "Code": _code,
                "Tags": tags,
            },
        ),
        Call(
            "put_function_concurrency",
            {"FunctionName": physical_id, **same("ReservedConcurrentExecutions")},
            when=given("ReservedConcurrentExecutions"),
        ),
    ),
    update=(
        Call(
            "update_function_configuration",
            {"FunctionName": physical_id}
            | {name: _setting(name) for name in CONFIGURATION.split()},
            when=changed(*CONFIGURATION.split()),
        ),
        Call(
            "update_function_code",
            {
                "FunctionName": physical_id,
                "Architectures": "Architectures",
                "ZipFile": lambda resource: _code(resource).get("ZipFile"),
                "S3Bucket": lambda resource: _code(resource).get("S3Bucket"),
                "S3Key": lambda resource: _code(resource).get("S3Key"),
                "S3ObjectVersion": lambda resource: _code(resource).get("S3ObjectVersion"),
            },
            when=changed("Code", "Architectures"),
        ),
        Call(
            "put_function_concurrency",
            {"FunctionName": physical_id, **same("ReservedConcurrentExecutions")},
            when=given("ReservedConcurrentExecutions"),
        ),
        Call(
            "delete_function_concurrency",
            {"FunctionName": physical_id},
            when=absent("ReservedConcurrentExecutions"),
        ),
        Call(
            "untag_resource",
            {"Resource": formatted(ARN), "TagKeys": tags_gone},
            when=lambda resource: bool(tags_gone(resource)),
        ),
        Call("tag_resource", {"Resource": formatted(ARN), "Tags": tags}, when=given("Tags")),
    ),
    delete=(Call("delete_function", {"FunctionName": physical_id}),),
    attributes={"Arn": formatted(ARN)},
)


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

TYPES = (FUNCTION, VERSION, ALIAS, PERMISSION)
