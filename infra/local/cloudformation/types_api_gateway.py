"""AWS::ApiGateway: REST APIs from an OpenAPI body, deployments, stages, usage plans and API keys.

moto keeps routes and methods but not the whole body, which is what the local gateway routes by:
that goes to BODIES, and each deployment freezes it (see infra.local.strict).
"""

import copy
import json
import re
from collections.abc import Iterator
from typing import Any

from infra.local.api_gateway.stages import BODIES
from infra.local.cloudformation.engine import TAGS
from infra.local.cloudformation.errors import ResourceFailed
from infra.local.cloudformation.parameters import text
from infra.local.cloudformation.resource_type import (
    Call,
    Resource,
    ResourceType,
    Setting,
    answer,
    formatted,
    name_of,
    physical_id,
)

Patch = dict[str, str]

GATEWAY_RESPONSES = "x-amazon-apigateway-gateway-responses"
RESPONSE_MEMBERS = {"responseParameters", "responseTemplates", "statusCode"}
# All paths, or one of them with each slash but the very first escaped.
METHOD_PATH = re.compile(r"/(\*|(~1[^/]+)*)")
# Where a property is changed, if not by its own name.
PATHS = {
    "AccessLogSetting": "/accessLogSettings",
    "ApiKeySourceType": "/apiKeySource",
    "CloudWatchRoleArn": "/cloudwatchRoleArn",
}
METHOD_SETTINGS = {
    "DataTraceEnabled": "logging/dataTrace",
    "LoggingLevel": "logging/loglevel",
    "MetricsEnabled": "metrics/enabled",
    "ThrottlingBurstLimit": "throttling/burstLimit",
    "ThrottlingRateLimit": "throttling/rateLimit",
}


def _patch(operation: str, properties: str) -> Call:
    """API Gateway takes changes as JSON patches."""

    def operations(resource: Resource) -> list[Patch]:
        return [change for name in properties.split() for change in _moves(resource, name)]

    return Call(operation, {"patchOperations": operations})


def _moves(resource: Resource, name: str) -> Iterator[Patch]:
    path, now = PATHS.get(name, f"/{_camel(name)}"), resource.get(name)
    if isinstance(now, dict):
        for key, value in now.items():
            yield _replace(f"{path}/{_camel(key)}", value)
    elif now is not None:
        yield _replace(path, now)
    elif name in resource.previous:
        yield {"op": "remove", "path": path}


def _camel(name: str) -> str:
    return name[0].lower() + name[1:]


def _replace(path: str, value: Any) -> Patch:
    return {"op": "replace", "path": path, "value": text(value)}


def _name(resource: Resource) -> str:
    title = (resource.get("Body") or {}).get("info", {}).get("title")
    return str(resource.get("Name") or title or resource.name)


def _endpoint(resource: Resource) -> Any:
    """SAM writes the type a second time, as a parameter of the import."""
    types = resource.get("Parameters", {}).get("endpointConfigurationTypes")
    return resource.get("EndpointConfiguration") or (types and {"types": types.split(",")})


def _import_body(resource: Resource, client: Any) -> None:
    """To moto as routes, to BODIES whole. moto takes the same body under OpenAPI 3 only."""
    body, api_id = resource.get("Body"), resource.physical_id
    for kind, response in body.get(GATEWAY_RESPONSES, {}).items():
        if unknown := sorted(response.keys() - RESPONSE_MEMBERS):
            raise ResourceFailed(f"Body.{GATEWAY_RESPONSES}.{kind}: extraneous key {unknown}")
    importable = {key: value for key, value in body.items() if key != "swagger"}
    document = json.dumps({**importable, "openapi": "3.0.1"}, default=str)
    client.put_rest_api(restApiId=api_id, mode="overwrite", body=document)
    BODIES.rest_api_body[resource.region, api_id] = copy.deepcopy(body)


def _forget_body(resource: Resource, _client: Any) -> None:
    BODIES.rest_api_body.pop((resource.region, resource.physical_id), None)


REST_API = ResourceType(
    name="AWS::ApiGateway::RestApi",
    properties="ApiKeySourceType Body Description EndpointConfiguration Name Parameters Tags",
    members={"Parameters": "endpointConfigurationTypes"},
    immutable="EndpointConfiguration Parameters Tags",
    defaults={"ApiKeySourceType": "HEADER", "Description": ""},
    id=answer("id"),
    arguments={
        "apiKeySource": "ApiKeySourceType",
        "endpointConfiguration": _endpoint,
        "name": _name,
        "restApiId": physical_id,
    },
    create="create_rest_api",
    update=(_patch("update_rest_api", "ApiKeySourceType Description Name"),),
    settings={"Body": Setting(_import_body)},
    delete=("delete_rest_api", _forget_body),
)


DEPLOYMENT = ResourceType(
    name="AWS::ApiGateway::Deployment",
    properties="Description RestApiId",
    id=answer("id"),
    arguments={"deploymentId": physical_id},
    create="create_deployment",
    delete=("delete_deployment",),
)


def _method_settings(resource: Resource) -> list[Patch]:
    """From its defaults, so that what the template no longer says is gone."""
    had = {_method(setting) for setting in resource.previous.get("MethodSettings") or []}
    return [
        *({"op": "remove", "path": f"/{method}"} for method in sorted(had)),
        *(
            _replace(f"/{_method(setting)}/{path}", setting[name])
            for setting in resource.get("MethodSettings") or []
            for name, path in METHOD_SETTINGS.items()
            if name in setting
        ),
    ]


def _method(setting: dict[str, Any]) -> str:
    """The name of a setting in its stage: */GET, or ~1v1~1x/GET. Raises ResourceFailed."""
    path = str(setting.get("ResourcePath", "/*"))
    if not METHOD_PATH.fullmatch(path):
        raise ResourceFailed(f"Invalid method setting path {path}: /v1/x is written as /~1v1~1x")
    return f"{path[1:] or '~1'}/{setting.get('HttpMethod', '*')}"


SET_ACCESS_LOG = _patch("update_stage", "AccessLogSetting")
SET_METHODS = Call("update_stage", {"patchOperations": _method_settings})

STAGE = ResourceType(
    name="AWS::ApiGateway::Stage",
    properties="AccessLogSetting DeploymentId Description MethodSettings RestApiId StageName Tags "
    "TracingEnabled",
    members={
        "AccessLogSetting": "DestinationArn Format",
        "MethodSettings": f"HttpMethod ResourcePath {' '.join(METHOD_SETTINGS)}",
    },
    immutable="RestApiId StageName",
    defaults={"Description": "", "TracingEnabled": False},
    id="StageName",
    arguments={
        "resourceArn": formatted(
            "arn:aws:apigateway:{region}::/restapis/{RestApiId}/stages/{StageName}"
        )
    },
    create="create_stage",
    update=(_patch("update_stage", "DeploymentId Description TracingEnabled"),),
    settings={
        "AccessLogSetting": Setting(SET_ACCESS_LOG, SET_ACCESS_LOG),
        "MethodSettings": Setting(SET_METHODS, SET_METHODS),
        "Tags": TAGS,
    },
    delete=("delete_stage",),
)

SET_ACCOUNT = _patch("update_account", "CloudWatchRoleArn")

ACCOUNT = ResourceType(
    name="AWS::ApiGateway::Account",
    properties="CloudWatchRoleArn",
    id=name_of,
    create=SET_ACCOUNT,
    update=(SET_ACCOUNT,),
    delete=(),  # AWS, too, leaves the setting of the account as it is
)

USAGE_PLAN = ResourceType(
    name="AWS::ApiGateway::UsagePlan",
    properties="ApiStages Description Quota Tags Throttle UsagePlanName",
    members={
        "ApiStages": "ApiId Stage",
        "Quota": "Limit Period",
        "Throttle": "BurstLimit RateLimit",
    },
    immutable="ApiStages Tags",
    defaults={"Description": ""},
    name_property="UsagePlanName",
    longest_name=128,
    id=answer("id"),
    arguments={"name": "UsagePlanName", "usagePlanId": physical_id},
    create="create_usage_plan",
    update=(_patch("update_usage_plan", "Description Quota Throttle"),),
    delete=("delete_usage_plan",),
)

API_KEY = ResourceType(
    name="AWS::ApiGateway::ApiKey",
    properties="Description Enabled Name Tags Value",
    immutable="Tags Value",
    defaults={"Description": "", "Enabled": False},
    name_property="Name",
    longest_name=128,
    id=answer("id"),
    arguments={"apiKey": physical_id},
    create="create_api_key",
    update=(_patch("update_api_key", "Description Enabled"),),
    delete=("delete_api_key",),
)

USAGE_PLAN_KEY = ResourceType(
    name="AWS::ApiGateway::UsagePlanKey",
    properties="KeyId KeyType UsagePlanId",
    id=lambda resource: f"{resource.get('KeyId')}:{resource.get('UsagePlanId')}",
    create="create_usage_plan_key",
    delete=("delete_usage_plan_key",),
)

API_GATEWAY = (REST_API, DEPLOYMENT, STAGE, ACCOUNT, USAGE_PLAN, API_KEY, USAGE_PLAN_KEY)
