"""Where models and their history are kept: buckets, keys, tables."""

from typing import Any

from infra.local.cloudformation.engine import TAGS
from infra.local.cloudformation.parameters import truthy
from infra.local.cloudformation.resource_type import (
    Call,
    Resource,
    ResourceType,
    Setting,
    answer,
    constant,
    formatted,
    physical_id,
)

# What CloudFormation calls otherwise than the API does.
API_NAMES = {
    "ServerSideEncryptionByDefault": "ApplyServerSideEncryptionByDefault",
    "SSEEnabled": "Enabled",
}


def _renamed(values: dict[str, Any]) -> dict[str, Any]:
    return {API_NAMES.get(name, name): value for name, value in values.items()}


def _location(resource: Resource) -> dict[str, str] | None:
    return None if resource.region == "us-east-1" else {"LocationConstraint": resource.region}


def _encryption(resource: Resource) -> dict[str, Any]:
    rules = resource.get("BucketEncryption")["ServerSideEncryptionConfiguration"]
    return {"Rules": [_renamed(rule) for rule in rules]}


def _lifecycle(resource: Resource) -> dict[str, Any]:
    rules = resource.get("LifecycleConfiguration")["Rules"]
    return {"Rules": [{"Filter": {"Prefix": ""}, **rule} for rule in rules]}


def _tag_set(resource: Resource) -> dict[str, Any]:
    return {"TagSet": resource.get("Tags")}


BUCKET = ResourceType(
    name="AWS::S3::Bucket",
    properties="BucketEncryption BucketName LifecycleConfiguration OwnershipControls "
    "PublicAccessBlockConfiguration Tags VersioningConfiguration",
    members={
        "BucketEncryption": "ServerSideEncryptionConfiguration",
        "LifecycleConfiguration": "Rules",
    },
    name_property="BucketName",
    lower_case_name=True,
    arguments={"Bucket": "BucketName"},
    create=Call("create_bucket", {"CreateBucketConfiguration": _location}),
    settings={
        "BucketEncryption": Setting(
            Call("put_bucket_encryption", {"ServerSideEncryptionConfiguration": _encryption}),
            "delete_bucket_encryption",
        ),
        "LifecycleConfiguration": Setting(
            Call("put_bucket_lifecycle_configuration", {"LifecycleConfiguration": _lifecycle}),
            "delete_bucket_lifecycle",
        ),
        "OwnershipControls": Setting(
            "put_bucket_ownership_controls", "delete_bucket_ownership_controls"
        ),
        "PublicAccessBlockConfiguration": Setting(
            "put_public_access_block", "delete_public_access_block"
        ),
        "Tags": Setting(Call("put_bucket_tagging", {"Tagging": _tag_set}), "delete_bucket_tagging"),
        "VersioningConfiguration": Setting(
            "put_bucket_versioning",
            Call(
                "put_bucket_versioning",
                {"VersioningConfiguration": constant({"Status": "Suspended"})},
            ),
        ),
    },
    delete=("delete_bucket",),
    attributes={
        "Arn": formatted("arn:aws:s3:::{id}"),
    },
)

BUCKET_POLICY = ResourceType(
    name="AWS::S3::BucketPolicy",
    properties="Bucket PolicyDocument",
    immutable="Bucket",
    id="Bucket",
    arguments={"Policy": "PolicyDocument"},
    create="put_bucket_policy",
    update=("put_bucket_policy",),
    delete=("delete_bucket_policy",),
)


def _rotate(resource: Resource, client: Any) -> None:
    wanted = truthy(resource.get("EnableKeyRotation"))
    change = client.enable_key_rotation if wanted else client.disable_key_rotation
    change(KeyId=resource.physical_id)


KEY = ResourceType(
    name="AWS::KMS::Key",
    properties="Description EnableKeyRotation KeyPolicy KeySpec KeyUsage MultiRegion "
    "PendingWindowInDays Tags",
    immutable="KeySpec KeyUsage MultiRegion",
    defaults={"Description": ""},
    id=answer("KeyMetadata.KeyId"),
    arguments={
        "KeyId": lambda resource: resource.physical_id or None,
        "Policy": "KeyPolicy",
        "PolicyName": constant("default"),
    },
    create="create_key",
    update=("update_key_description",),
    settings={
        "EnableKeyRotation": Setting(_rotate, _rotate),
        "KeyPolicy": Setting("put_key_policy", at_creation=False),
        "Tags": TAGS,
    },
    delete=("schedule_key_deletion",),
    attributes={"Arn": answer("KeyMetadata.Arn"), "KeyId": physical_id},
)

KEY_ALIAS = ResourceType(
    name="AWS::KMS::Alias",
    properties="AliasName TargetKeyId",
    immutable="AliasName",
    id="AliasName",
    create="create_alias",
    update=("update_alias",),
    delete=("delete_alias",),
)

TABLE_ARN = formatted("arn:aws:dynamodb:{region}:{account}:table/{id}")

TABLE = ResourceType(
    name="AWS::DynamoDB::Table",
    properties="AttributeDefinitions BillingMode DeletionProtectionEnabled KeySchema "
    "PointInTimeRecoverySpecification ProvisionedThroughput SSESpecification TableName Tags",
    immutable="AttributeDefinitions KeySchema",
    members={"PointInTimeRecoverySpecification": "PointInTimeRecoveryEnabled"},
    defaults={
        "BillingMode": "PROVISIONED",
        "DeletionProtectionEnabled": False,
        "PointInTimeRecoverySpecification": {"PointInTimeRecoveryEnabled": False},
        "SSESpecification": {"SSEEnabled": False},
    },
    name_property="TableName",
    longest_name=255,
    arguments={
        "ResourceArn": TABLE_ARN,
        "SSESpecification": lambda resource: _renamed(resource.get("SSESpecification")),
    },
    create="create_table",
    update=("update_table",),
    settings={
        "PointInTimeRecoverySpecification": Setting("update_continuous_backups"),
        "Tags": TAGS,
    },
    delete=("delete_table",),
    attributes={"Arn": TABLE_ARN},
)

STORAGE = (BUCKET, BUCKET_POLICY, KEY, KEY_ALIAS, TABLE)
