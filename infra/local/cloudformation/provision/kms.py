"""AWS::KMS: keys and their aliases."""

import json

from infra.local.cloudformation.parameters import truthy
from infra.local.cloudformation.provision.record import Call, Resource, ResourceType, Source
from infra.local.cloudformation.provision.sources import (
    answer,
    constant,
    given,
    physical_id,
    same,
    tags,
)


def _tags(resource: Resource) -> list[dict[str, str]] | None:
    found = tags(resource) or {}
    return [{"TagKey": key, "TagValue": value} for key, value in found.items()] or None


def _policy(resource: Resource) -> str | None:
    document = resource.get("KeyPolicy")
    return json.dumps(document) if isinstance(document, dict) else document


KEY_ID = answer("create_key.KeyMetadata.KeyId")


def _key(resource: Resource) -> str:
    return resource.physical_id or str(KEY_ID(resource))


ROTATE = Call(
    "enable_key_rotation",
    {"KeyId": _key},
    when=lambda resource: truthy(resource.get("EnableKeyRotation", False)),
)
SCHEDULE: dict[str, Source] = {"KeyId": _key, "PendingWindowInDays": "PendingWindowInDays"}
DISABLE = Call(
    "disable_key", {"KeyId": _key}, when=lambda resource: not truthy(resource.get("Enabled", True))
)

KEY = ResourceType(
    name="AWS::KMS::Key",
    service="kms",
    properties="Description EnableKeyRotation Enabled KeyPolicy KeySpec KeyUsage MultiRegion "
    "PendingWindowInDays Tags",
    immutable="KeySpec KeyUsage MultiRegion",
    physical_id=lambda resource: str(KEY_ID(resource)),
    create=(
        Call(
            "create_key",
            {**same("Description KeySpec KeyUsage MultiRegion"), "Policy": _policy, "Tags": _tags},
        ),
        ROTATE,
        DISABLE,
    ),
    update=(
        Call(
            "update_key_description",
            {"KeyId": _key, "Description": lambda resource: resource.get("Description", "")},
        ),
        Call(
            "put_key_policy",
            {"KeyId": _key, "PolicyName": constant("default"), "Policy": _policy},
            when=given("KeyPolicy"),
        ),
        ROTATE,
        Call(
            "disable_key_rotation",
            {"KeyId": _key},
            when=lambda resource: not truthy(resource.get("EnableKeyRotation", False)),
        ),
        DISABLE,
        Call(
            "enable_key",
            {"KeyId": _key},
            when=lambda resource: truthy(resource.get("Enabled", True)),
        ),
        Call("tag_resource", {"KeyId": _key, "Tags": _tags}, when=given("Tags")),
    ),
    delete=(Call("schedule_key_deletion", SCHEDULE),),
    read=Call("describe_key", {"KeyId": _key}),
    attributes={
        "Arn": answer("describe_key.KeyMetadata.Arn"),
        "KeyId": physical_id,
    },
)

ALIAS = ResourceType(
    name="AWS::KMS::Alias",
    service="kms",
    properties="AliasName TargetKeyId",
    immutable="AliasName",
    required="AliasName TargetKeyId",
    physical_id=lambda resource: str(resource.get("AliasName")),
    create=(Call("create_alias", same("AliasName TargetKeyId")),),
    update=(Call("update_alias", same("AliasName TargetKeyId")),),
    delete=(Call("delete_alias", {"AliasName": physical_id}),),
)

TYPES = (KEY, ALIAS)
