"""AWS::ApiGateway: REST APIs from an OpenAPI body, deployments, stages, usage plans, API keys.

moto keeps routes and methods but not the whole body, which is what the local gateway routes by:
that goes to STATE, and each deployment freezes it.
"""

import copy
import json
from typing import Any

from infra.local.cloudformation.provision.patches import (
    api_key_patch,
    plan_patch,
    rest_api_patch,
    stage_name,
    stage_patch,
)
from infra.local.cloudformation.provision.record import (
    Call,
    Custom,
    Properties,
    Resource,
    ResourceType,
    answer,
    camel,
    physical_id,
    tags,
)
from infra.local.state import STATE

GATEWAY_RESPONSES = "x-amazon-apigateway-gateway-responses"
BINARY_MEDIA_TYPES = "x-amazon-apigateway-binary-media-types"


def _body(resource: Resource) -> dict[str, Any]:
    return resource.get("Body") or {}


def _name(resource: Resource) -> str:
    return str(
        resource.get("Name")
        or _body(resource).get("info", {}).get("title")
        or resource.generated_name
    )


def _api_id(resource: Resource) -> str:
    return resource.physical_id or str(answer("create_rest_api.id")(resource))


def _import_body(resource: Resource, client: Any) -> None:
    """The body to moto as routes, to STATE whole. moto takes the same body under OpenAPI 3 only."""
    body, api_id = _body(resource), _api_id(resource)
    if not body:
        return
    importable = {key: value for key, value in body.items() if key != "swagger"}
    client.put_rest_api(
        restApiId=api_id, mode="overwrite", body=json.dumps({**importable, "openapi": "3.0.1"})
    )
    responses = body.get(GATEWAY_RESPONSES, {})
    for kind in (resource.previous.get("Body") or {}).get(GATEWAY_RESPONSES, {}):
        if kind not in responses:
            client.delete_gateway_response(restApiId=api_id, responseType=kind)
    for kind, response in responses.items():
        client.put_gateway_response(restApiId=api_id, responseType=kind, **_response(response))
    STATE.rest_api_body[resource.region, api_id] = copy.deepcopy(body)


def _response(response: dict[str, Any]) -> dict[str, Any]:
    found = {
        "statusCode": str(response["statusCode"]) if "statusCode" in response else None,
        "responseParameters": response.get("responseParameters"),
        "responseTemplates": response.get("responseTemplates"),
    }
    return {name: value for name, value in found.items() if value is not None}


def _forget_body(resource: Resource, _client: Any) -> None:
    STATE.rest_api_body.pop((resource.region, resource.physical_id), None)


def _binary_media_types(properties: Properties) -> set[str]:
    in_body = (properties.get("Body") or {}).get(BINARY_MEDIA_TYPES)
    return set(properties.get("BinaryMediaTypes") or in_body or [])


PATCH_API = Call(
    "update_rest_api",
    {
        "restApiId": _api_id,
        "patchOperations": lambda resource: rest_api_patch(
            resource,
            _name(resource),
            _binary_media_types(resource.previous),
            _binary_media_types(resource.properties),
        ),
    },
)

REST_API = ResourceType(
    name="AWS::ApiGateway::RestApi",
    service="apigateway",
    properties="ApiKeySourceType BinaryMediaTypes Body Description DisableExecuteApiEndpoint "
    "EndpointConfiguration MinimumCompressionSize Name Parameters Tags",
    immutable="EndpointConfiguration MinimumCompressionSize Tags",
    physical_id=answer("create_rest_api.id"),
    create=(
        Call(
            "create_rest_api",
            {
                **camel("Description DisableExecuteApiEndpoint EndpointConfiguration"),
                **camel("MinimumCompressionSize"),
                "name": _name,
                "apiKeySource": "ApiKeySourceType",
                "tags": tags(),
            },
        ),
        Custom("import_body", _import_body),
        PATCH_API,
    ),
    update=(Custom("import_body", _import_body), PATCH_API),
    delete=(
        Call("delete_rest_api", {"restApiId": physical_id}),
        Custom("forget_body", _forget_body),
    ),
    read=Call("get_rest_api", {"restApiId": physical_id}),
    attributes={
        "RestApiId": physical_id,
        "RootResourceId": answer("get_rest_api.rootResourceId"),
    },
)


def _forget_deployed(resource: Resource, _client: Any) -> None:
    key = (resource.region, resource.get("RestApiId"), resource.physical_id)
    STATE.deployed_body.pop(key, None)


DEPLOYMENT = ResourceType(
    name="AWS::ApiGateway::Deployment",
    service="apigateway",
    properties="Description RestApiId StageName",
    required="RestApiId",
    physical_id=answer("create_deployment.id"),
    # Creating one freezes the body: see infra.local.moto_apigateway.
    create=(Call("create_deployment", camel("Description RestApiId StageName")),),
    delete=(
        Call("delete_deployment", {"restApiId": "RestApiId", "deploymentId": physical_id}),
        Custom("forget", _forget_deployed),
    ),
    attributes={"DeploymentId": physical_id},
)

PATCH_STAGE = Call(
    "update_stage",
    {**camel("RestApiId StageName"), "patchOperations": stage_patch},
    when=lambda resource: bool(stage_patch(resource)),
)

STAGE = ResourceType(
    name="AWS::ApiGateway::Stage",
    service="apigateway",
    properties="AccessLogSetting DeploymentId Description MethodSettings RestApiId StageName Tags "
    "TracingEnabled Variables",
    immutable="RestApiId StageName Tags",
    required="DeploymentId RestApiId StageName",
    physical_id=lambda resource: str(resource.get("StageName")),
    create=(
        Call(
            "create_stage",
            {
                **camel("DeploymentId Description RestApiId StageName TracingEnabled Variables"),
                "tags": tags(),
            },
        ),
        PATCH_STAGE,
    ),
    update=(PATCH_STAGE,),
    delete=(Call("delete_stage", camel("RestApiId StageName")),),
)

GATEWAY_RESPONSE = ResourceType(
    name="AWS::ApiGateway::GatewayResponse",
    service="apigateway",
    properties="ResponseParameters ResponseTemplates ResponseType RestApiId StatusCode",
    required="ResponseType RestApiId",
    physical_id=lambda resource: resource.generated_name,
    create=(
        Call(
            "put_gateway_response",
            camel("ResponseParameters ResponseTemplates ResponseType RestApiId StatusCode"),
        ),
    ),
    delete=(Call("delete_gateway_response", camel("ResponseType RestApiId")),),
    attributes={"Id": physical_id},
)

ACCOUNT = ResourceType(
    name="AWS::ApiGateway::Account",
    service="apigateway",
    properties="CloudWatchRoleArn",
    physical_id=lambda resource: resource.generated_name,
    create=(
        Call(
            "update_account",
            {
                "patchOperations": lambda resource: [
                    {
                        "op": "replace",
                        "path": "/cloudwatchRoleArn",
                        "value": resource.get("CloudWatchRoleArn", ""),
                    }
                ]
            },
        ),
    ),
    # AWS, too, leaves the setting of the account as it is.
    delete=(),
    attributes={"Id": physical_id},
)

USAGE_PLAN = ResourceType(
    name="AWS::ApiGateway::UsagePlan",
    service="apigateway",
    properties="ApiStages Description Quota Tags Throttle UsagePlanName",
    immutable="Tags",
    name_property="UsagePlanName",
    longest_name=128,
    physical_id=answer("create_usage_plan.id"),
    create=(
        Call(
            "create_usage_plan",
            {
                **camel("ApiStages Description Quota Throttle"),
                "name": lambda resource: resource.get("UsagePlanName") or resource.generated_name,
                "tags": tags(),
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
                "tags": tags(),
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

TYPES = (
    REST_API,
    DEPLOYMENT,
    STAGE,
    GATEWAY_RESPONSE,
    ACCOUNT,
    USAGE_PLAN,
    API_KEY,
    USAGE_PLAN_KEY,
)
