"""AWS::SNS: topics and subscriptions, for the actions of alarms."""

from infra.local.cloudformation.provision.record import Call, Resource, ResourceType
from infra.local.cloudformation.provision.sources import (
    answer,
    constant,
    item,
    name_from,
    physical_id,
    same,
    tag_list,
)

TOPIC_ATTRIBUTES = ("DisplayName", "KmsMasterKeyId")


def _attributes(resource: Resource) -> list[str]:
    return [name for name in TOPIC_ATTRIBUTES if resource.changed(name)]


SET_ATTRIBUTES = Call(
    "set_topic_attributes",
    {
        "TopicArn": lambda resource: (
            resource.physical_id or answer("create_topic.TopicArn")(resource)
        ),
        "AttributeName": item,
        "AttributeValue": lambda resource: resource.get(resource.item, ""),
    },
    each=_attributes,
)

TOPIC = ResourceType(
    name="AWS::SNS::Topic",
    service="sns",
    properties="DisplayName KmsMasterKeyId Tags TopicName",
    immutable="Tags TopicName",
    name_property="TopicName",
    longest_name=256,
    physical_id=answer("create_topic.TopicArn"),
    create=(
        Call("create_topic", {"Name": name_from("TopicName"), "Tags": tag_list}),
        SET_ATTRIBUTES,
    ),
    update=(SET_ATTRIBUTES,),
    delete=(Call("delete_topic", {"TopicArn": physical_id}),),
    attributes={
        "TopicArn": physical_id,
        "TopicName": lambda resource: resource.physical_id.rsplit(":", 1)[1],
    },
)

SUBSCRIPTION = ResourceType(
    name="AWS::SNS::Subscription",
    service="sns",
    properties="Endpoint Protocol TopicArn",
    required="Protocol TopicArn",
    physical_id=answer("subscribe.SubscriptionArn"),
    create=(
        Call(
            "subscribe",
            {**same("Endpoint Protocol TopicArn"), "ReturnSubscriptionArn": constant(True)},
        ),
    ),
    delete=(Call("unsubscribe", {"SubscriptionArn": physical_id}),),
    attributes={"Arn": physical_id},
)

TYPES = (TOPIC, SUBSCRIPTION)
