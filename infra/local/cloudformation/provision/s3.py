"""AWS::S3: buckets and bucket policies."""

import json
from collections.abc import Callable
from typing import Any

from infra.local.cloudformation.provision.record import Call, Resource, ResourceType
from infra.local.cloudformation.provision.sources import (
    changed,
    dropped,
    formatted,
    name_from,
    physical_id,
    tag_list,
)

ON_BUCKET = {"Bucket": physical_id}


def _encryption(resource: Resource) -> dict[str, Any]:
    rules = resource.get("BucketEncryption")["ServerSideEncryptionConfiguration"]
    return {"Rules": [_renamed(rule, ENCRYPTION_NAMES) for rule in rules]}


def _lifecycle(resource: Resource) -> dict[str, Any]:
    rules = resource.get("LifecycleConfiguration")["Rules"]
    return {"Rules": [_lifecycle_rule(rule) for rule in rules]}


def _lifecycle_rule(rule: dict[str, Any]) -> dict[str, Any]:
    known = _renamed(rule, LIFECYCLE_NAMES)
    known["Filter"] = {"Prefix": known.pop("Prefix", "")}
    if "ExpirationInDays" in known:
        known["Expiration"] = {"Days": known.pop("ExpirationInDays")}
    return known


def _renamed(values: dict[str, Any], names: dict[str, str]) -> dict[str, Any]:
    return {names.get(name, name): value for name, value in values.items()}


ENCRYPTION_NAMES = {"ServerSideEncryptionByDefault": "ApplyServerSideEncryptionByDefault"}
LIFECYCLE_NAMES = {"Id": "ID"}


def _cors(resource: Resource) -> dict[str, Any]:
    rules = resource.get("CorsConfiguration")["CorsRules"]
    return {
        "CORSRules": [_renamed(rule, {"Id": "ID", "MaxAge": "MaxAgeSeconds"}) for rule in rules]
    }


def _setting(
    prop: str, put: str, argument: str, value: Callable[[Resource], Any], delete: str
) -> tuple[Call, ...]:
    """Put when the template says it, delete when it no longer does."""
    bucket = name_from("BucketName")
    return (
        Call(
            put,
            {"Bucket": bucket, argument: value},
            when=lambda resource: resource.get(prop) is not None and resource.changed(prop),
        ),
        Call(delete, {"Bucket": bucket}, when=dropped(prop)),
    )


def _same(prop: str) -> Callable[[Resource], Any]:
    return lambda resource: resource.get(prop)


SETTINGS = (
    *_setting(
        "BucketEncryption",
        "put_bucket_encryption",
        "ServerSideEncryptionConfiguration",
        _encryption,
        "delete_bucket_encryption",
    ),
    *_setting(
        "PublicAccessBlockConfiguration",
        "put_public_access_block",
        "PublicAccessBlockConfiguration",
        _same("PublicAccessBlockConfiguration"),
        "delete_public_access_block",
    ),
    *_setting(
        "OwnershipControls",
        "put_bucket_ownership_controls",
        "OwnershipControls",
        _same("OwnershipControls"),
        "delete_bucket_ownership_controls",
    ),
    *_setting(
        "LifecycleConfiguration",
        "put_bucket_lifecycle_configuration",
        "LifecycleConfiguration",
        _lifecycle,
        "delete_bucket_lifecycle",
    ),
    *_setting(
        "CorsConfiguration", "put_bucket_cors", "CORSConfiguration", _cors, "delete_bucket_cors"
    ),
    *_setting(
        "Tags",
        "put_bucket_tagging",
        "Tagging",
        lambda resource: {"TagSet": tag_list(resource)},
        "delete_bucket_tagging",
    ),
    Call(
        "put_bucket_versioning",
        {
            "Bucket": name_from("BucketName"),
            "VersioningConfiguration": lambda resource: resource.get(
                "VersioningConfiguration", {"Status": "Suspended"}
            ),
        },
        when=changed("VersioningConfiguration"),
    ),
)

BUCKET = ResourceType(
    name="AWS::S3::Bucket",
    service="s3",
    properties="BucketEncryption BucketName CorsConfiguration LifecycleConfiguration "
    "OwnershipControls PublicAccessBlockConfiguration Tags VersioningConfiguration",
    immutable="BucketName",
    members={
        "BucketEncryption": "ServerSideEncryptionConfiguration",
        "CorsConfiguration": "CorsRules",
        "LifecycleConfiguration": "Rules",
    },
    name_property="BucketName",
    lower_case_name=True,
    physical_id=name_from("BucketName"),
    create=(
        Call(
            "create_bucket",
            {
                "Bucket": name_from("BucketName"),
                "CreateBucketConfiguration": lambda resource: (
                    None
                    if resource.region == "us-east-1"
                    else {"LocationConstraint": resource.region}
                ),
            },
        ),
        *SETTINGS,
    ),
    update=SETTINGS,
    delete=(Call("delete_bucket", ON_BUCKET),),
    attributes={
        "Arn": formatted("arn:aws:s3:::{id}"),
        "DomainName": formatted("{id}.s3.amazonaws.com"),
        "RegionalDomainName": formatted("{id}.s3.{region}.amazonaws.com"),
    },
)

PUT_POLICY = Call(
    "put_bucket_policy",
    {
        "Bucket": "Bucket",
        "Policy": lambda resource: json.dumps(
            {"Version": "2012-10-17", **resource.get("PolicyDocument")}
        ),
    },
)

BUCKET_POLICY = ResourceType(
    name="AWS::S3::BucketPolicy",
    service="s3",
    properties="Bucket PolicyDocument",
    immutable="Bucket",
    required="Bucket PolicyDocument",
    physical_id=lambda resource: str(resource.get("Bucket")),
    create=(PUT_POLICY,),
    update=(PUT_POLICY,),
    delete=(Call("delete_bucket_policy", {"Bucket": "Bucket"}),),
)

TYPES = (BUCKET, BUCKET_POLICY)
