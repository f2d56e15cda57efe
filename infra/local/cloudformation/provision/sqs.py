"""AWS::SQS: queues."""

import json
from typing import Any

from infra.local.cloudformation.provision.record import (
    Call,
    Resource,
    ResourceType,
    answer,
    constant,
    name_from,
    physical_id,
    tags,
)

SETTINGS = (
    "DelaySeconds KmsMasterKeyId MaximumMessageSize MessageRetentionPeriod "
    "ReceiveMessageWaitTimeSeconds RedrivePolicy SqsManagedSseEnabled VisibilityTimeout"
)


def _attributes(resource: Resource) -> dict[str, Any]:
    found = {name: resource.get(name) for name in SETTINGS.split()}
    return {
        name: json.dumps(value) if isinstance(value, dict) else value
        for name, value in found.items()
        if value is not None
    }


QUEUE = ResourceType(
    name="AWS::SQS::Queue",
    service="sqs",
    properties=f"{SETTINGS} QueueName Tags",
    name_property="QueueName",
    longest_name=80,
    physical_id=answer("create_queue.QueueUrl"),
    create=(
        Call(
            "create_queue",
            {"QueueName": name_from("QueueName"), "Attributes": _attributes, "tags": tags()},
        ),
    ),
    delete=(Call("delete_queue", {"QueueUrl": physical_id}),),
    read=Call(
        "get_queue_attributes",
        {"QueueUrl": physical_id, "AttributeNames": constant(["QueueArn"])},
    ),
    attributes={
        "Arn": answer("get_queue_attributes.Attributes.QueueArn"),
        "QueueName": lambda resource: resource.physical_id.rsplit("/", 1)[1],
        "QueueUrl": physical_id,
    },
)

TYPES = (QUEUE,)
