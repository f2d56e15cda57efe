"""AWS::ApiGateway: REST APIs from an OpenAPI body, deployments, stages.

moto keeps routes and methods but not the whole body, which is what the local gateway routes by:
that goes to STATE, and each deployment freezes it.
"""

import copy
import json
from typing import Any

from infra.local.cloudformation.provision.patches import (
    METHOD_SETTINGS,
    rest_api_patch,
    stage_patch,
)
from infra.local.cloudformation.provision.record import (
    Call,
    Custom,
    Properties,
    Resource,
    ResourceType,
)
from infra.local.cloudformation.provision.shapes import UnknownMember
from infra.local.cloudformation.provision.sources import (
    answer,
    camel,
    physical_id,
    tags,
)
from infra.local.state import STATE

GATEWAY_RESPONSES = "x-amazon-apigateway-gateway-responses"
RESPONSE_MEMBERS = ["responseParameters", "responseTemplates", "statusCode"]
BINARY_MEDIA_TYPES = "x-amazon-apigateway-binary-media-types"


def _body(resource: Resource) -> dict[str, Any]:
    return resource.get("Body") or {}


def _name(resource: Resource) -> str:
    return str(
        resource.get("Name")
        or _body(resource).get("info", {}).get("title")
        or resource.generated_name
    )


def _endpoint(resource: Resource) -> Any:
    """SAM writes the type a second time, as a parameter of the import."""
    types = resource.get("Parameters", {}).get("endpointConfigurationTypes")
    return resource.get("EndpointConfiguration") or (types and {"types": types.split(",")})


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
        client.put_gateway_response(
            restApiId=api_id, responseType=kind, **_response(kind, response)
        )
    STATE.rest_api_body[resource.region, api_id] = copy.deepcopy(body)


def _response(kind: str, response: dict[str, Any]) -> dict[str, Any]:
    for name in response:
        if name not in RESPONSE_MEMBERS:
            raise UnknownMember(f"Body.{GATEWAY_RESPONSES}.{kind}", name, RESPONSE_MEMBERS)
    status = {"statusCode": str(response["statusCode"])} if "statusCode" in response else {}
    return {**response, **status}


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
    properties="ApiKeySourceType BinaryMediaTypes Body Description EndpointConfiguration Name "
    "Parameters Tags",
    immutable="EndpointConfiguration Parameters Tags",
    members={"Parameters": "endpointConfigurationTypes"},
    physical_id=answer("create_rest_api.id"),
    create=(
        Call(
            "create_rest_api",
            {
                "description": "Description",
                "endpointConfiguration": _endpoint,
                "name": _name,
                "apiKeySource": "ApiKeySourceType",
                "tags": tags,
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
    members={
        "AccessLogSetting": "DestinationArn Format",
        "MethodSettings": f"HttpMethod ResourcePath {' '.join(METHOD_SETTINGS)}",
    },
    required="DeploymentId RestApiId StageName",
    physical_id=lambda resource: str(resource.get("StageName")),
    create=(
        Call(
            "create_stage",
            {
                **camel("DeploymentId Description RestApiId StageName TracingEnabled Variables"),
                "tags": tags,
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

TYPES = (REST_API, DEPLOYMENT, STAGE, GATEWAY_RESPONSE, ACCOUNT)
