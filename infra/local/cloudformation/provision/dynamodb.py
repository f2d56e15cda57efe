"""AWS::DynamoDB: tables."""

from infra.local.cloudformation.provision.record import Call, Resource, ResourceType
from infra.local.cloudformation.provision.sources import (
    answer,
    given,
    name_from,
    physical_id,
    same,
    tag_list,
)

# CloudFormation's name for the member → the API's
SSE_NAMES = {"SSEEnabled": "Enabled"}
TABLE_ARN = "arn:aws:dynamodb:{region}:{account}:table/{id}"


def _encryption(resource: Resource) -> dict[str, object] | None:
    settings = resource.get("SSESpecification")
    return settings and {SSE_NAMES.get(name, name): value for name, value in settings.items()}


def _billing(resource: Resource) -> str:
    return str(resource.get("BillingMode", "PROVISIONED"))


BACKUPS = Call(
    "update_continuous_backups",
    {"TableName": name_from("TableName"), **same("PointInTimeRecoverySpecification")},
    when=given("PointInTimeRecoverySpecification"),
)
TTL = Call(
    "update_time_to_live",
    {"TableName": name_from("TableName"), **same("TimeToLiveSpecification")},
    when=lambda resource: (
        resource.changed("TimeToLiveSpecification")
        and resource.get("TimeToLiveSpecification") is not None
    ),
)

TABLE = ResourceType(
    name="AWS::DynamoDB::Table",
    service="dynamodb",
    properties="AttributeDefinitions BillingMode DeletionProtectionEnabled GlobalSecondaryIndexes "
    "KeySchema PointInTimeRecoverySpecification ProvisionedThroughput SSESpecification "
    "StreamSpecification TableName Tags TimeToLiveSpecification",
    immutable="AttributeDefinitions GlobalSecondaryIndexes KeySchema StreamSpecification TableName "
    "Tags",
    required="KeySchema",
    name_property="TableName",
    longest_name=255,
    physical_id=name_from("TableName"),
    create=(
        Call(
            "create_table",
            {
                **same(
                    "AttributeDefinitions DeletionProtectionEnabled GlobalSecondaryIndexes "
                    "KeySchema ProvisionedThroughput StreamSpecification"
                ),
                "TableName": name_from("TableName"),
                "BillingMode": _billing,
                "SSESpecification": _encryption,
                "Tags": tag_list,
            },
        ),
        BACKUPS,
        TTL,
    ),
    update=(
        Call(
            "update_table",
            {
                **same("DeletionProtectionEnabled ProvisionedThroughput"),
                "TableName": physical_id,
                "BillingMode": _billing,
                "SSESpecification": _encryption,
            },
        ),
        BACKUPS,
        TTL,
    ),
    delete=(Call("delete_table", {"TableName": physical_id}),),
    read=Call("describe_table", {"TableName": physical_id}),
    attributes={
        "Arn": answer("describe_table.Table.TableArn"),
        "StreamArn": answer("describe_table.Table.LatestStreamArn"),
    },
)

TYPES = (TABLE,)
