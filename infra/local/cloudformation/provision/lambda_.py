"""AWS::Lambda: functions."""

import io
import zipfile
from typing import Any

from infra.local.cloudformation.provision.record import Call, Resource, ResourceType
from infra.local.cloudformation.provision.sources import (
    absent,
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


TYPES = (FUNCTION,)
