"""AWS::ApiGateway: usage plans, API keys, and which key belongs to which plan."""

from infra.local.cloudformation.provision.patches import api_key_patch, plan_patch, stage_name
from infra.local.cloudformation.provision.record import Call, ResourceType
from infra.local.cloudformation.provision.sources import answer, camel, physical_id, tags

USAGE_PLAN = ResourceType(
    name="AWS::ApiGateway::UsagePlan",
    service="apigateway",
    properties="ApiStages Description Quota Tags Throttle UsagePlanName",
    immutable="Tags",
    members={
        "ApiStages": "ApiId Stage",
        "Quota": "Limit Period",
        "Throttle": "BurstLimit RateLimit",
    },
    name_property="UsagePlanName",
    longest_name=128,
    physical_id=answer("create_usage_plan.id"),
    create=(
        Call(
            "create_usage_plan",
            {
                **camel("ApiStages Description Quota Throttle"),
                "name": lambda resource: resource.get("UsagePlanName") or resource.generated_name,
                "tags": tags,
            },
        ),
    ),
    update=(
        Call(
            "update_usage_plan",
            {"usagePlanId": physical_id, "patchOperations": plan_patch},
            when=lambda resource: bool(plan_patch(resource)),
        ),
    ),
    delete=(
        # AWS refuses to delete a plan that still has stages.
        Call(
            "update_usage_plan",
            {
                "usagePlanId": physical_id,
                "patchOperations": lambda resource: [
                    {"op": "remove", "path": "/apiStages", "value": stage_name(stage)}
                    for stage in resource.get("ApiStages", [])
                ],
            },
            when=lambda resource: bool(resource.get("ApiStages")),
        ),
        Call("delete_usage_plan", {"usagePlanId": physical_id}),
    ),
    attributes={"Id": physical_id},
)

API_KEY = ResourceType(
    name="AWS::ApiGateway::ApiKey",
    service="apigateway",
    properties="CustomerId Description Enabled GenerateDistinctId Name Tags Value",
    immutable="GenerateDistinctId Name Tags Value",
    name_property="Name",
    longest_name=128,
    physical_id=answer("create_api_key.id"),
    create=(
        Call(
            "create_api_key",
            {
                **camel("CustomerId Description Enabled GenerateDistinctId Value"),
                "name": lambda resource: resource.get("Name") or resource.generated_name,
                "tags": tags,
            },
        ),
    ),
    update=(Call("update_api_key", {"apiKey": physical_id, "patchOperations": api_key_patch}),),
    delete=(Call("delete_api_key", {"apiKey": physical_id}),),
    attributes={"APIKeyId": physical_id},
)

USAGE_PLAN_KEY = ResourceType(
    name="AWS::ApiGateway::UsagePlanKey",
    service="apigateway",
    properties="KeyId KeyType UsagePlanId",
    required="KeyId KeyType UsagePlanId",
    physical_id=lambda resource: f"{resource.get('KeyId')}:{resource.get('UsagePlanId')}",
    create=(Call("create_usage_plan_key", camel("KeyId KeyType UsagePlanId")),),
    delete=(Call("delete_usage_plan_key", camel("KeyId UsagePlanId")),),
    attributes={"Id": physical_id},
)

TYPES = (USAGE_PLAN, API_KEY, USAGE_PLAN_KEY)
