"""AWS::Logs: log groups."""

from infra.local.cloudformation.provision.record import Call, ResourceType
from infra.local.cloudformation.provision.sources import (
    absent,
    dropped,
    formatted,
    given,
    name_from,
    physical_id,
    tags,
    tags_gone,
)

ARN = "arn:aws:logs:{region}:{account}:log-group:{id}"
RETENTION = Call(
    "put_retention_policy",
    {"logGroupName": name_from("LogGroupName"), "retentionInDays": "RetentionInDays"},
    when=given("RetentionInDays"),
)

LOG_GROUP = ResourceType(
    name="AWS::Logs::LogGroup",
    service="logs",
    properties="KmsKeyId LogGroupName RetentionInDays Tags",
    immutable="LogGroupName",
    name_property="LogGroupName",
    longest_name=512,
    physical_id=name_from("LogGroupName"),
    create=(
        Call(
            "create_log_group",
            {"logGroupName": name_from("LogGroupName"), "kmsKeyId": "KmsKeyId", "tags": tags},
        ),
        RETENTION,
    ),
    update=(
        RETENTION,
        Call(
            "delete_retention_policy",
            {"logGroupName": physical_id},
            when=absent("RetentionInDays"),
        ),
        Call(
            "associate_kms_key",
            {"logGroupName": physical_id, "kmsKeyId": "KmsKeyId"},
            when=lambda resource: resource.get("KmsKeyId") and resource.changed("KmsKeyId"),
        ),
        Call("disassociate_kms_key", {"logGroupName": physical_id}, when=dropped("KmsKeyId")),
        Call(
            "untag_resource",
            {"resourceArn": formatted(ARN), "tagKeys": tags_gone},
            when=lambda resource: bool(tags_gone(resource)),
        ),
        Call("tag_resource", {"resourceArn": formatted(ARN), "tags": tags}, when=given("Tags")),
    ),
    delete=(Call("delete_log_group", {"logGroupName": physical_id}),),
    attributes={"Arn": formatted(ARN + ":*")},
)

TYPES = (LOG_GROUP,)
