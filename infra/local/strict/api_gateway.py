"""API Gateway: a deployment freezes the OpenAPI body, and one that could not be served is refused;
method settings of a stage can be removed; quotas of a year are refused."""

from typing import Any

from moto.apigateway.exceptions import BadRequestException
from moto.apigateway.models import APIGatewayBackend, Stage, UsagePlan

from infra.local.api_gateway import openapi
from infra.local.api_gateway.stages import BODIES
from infra.local.errors import UnsupportedApi

QUOTA_PERIODS = ("DAY", "WEEK", "MONTH")


def _freezing(create_deployment: Any, backend: Any, function_id: str, *args: Any) -> Any:
    body = BODIES.rest_api_body.get((backend.region_name, function_id))
    if body is None:
        return create_deployment(backend, function_id, *args)
    try:
        openapi.parse(body)
    except UnsupportedApi as error:
        raise BadRequestException(str(error)) from error
    # Not the original: it looks for methods in moto, and here they are in the body.
    deployment = backend.get_rest_api(function_id).create_deployment(*args)
    BODIES.freeze(backend.region_name, function_id, deployment.id)
    return deployment


def _removing_settings(apply_operations: Any, stage: Any, operations: list[dict[str, Any]]) -> Any:
    rest = []
    for operation in operations:
        method = operation["path"].removeprefix("/")
        if operation["op"] == "remove" and method in stage.method_settings:
            del stage.method_settings[method]
        else:
            rest.append(operation)
    return apply_operations(stage, rest)


def _checked_plan(create_usage_plan: Any, backend: Any, payload: dict[str, Any]) -> Any:
    _check_period((payload.get("quota") or {}).get("period", "DAY"))
    return create_usage_plan(backend, payload)


def _checked_operations(apply_operations: Any, plan: Any, operations: list[dict[str, Any]]) -> None:
    for operation in operations:
        if operation["path"] == "/quota/period" and "value" in operation:
            _check_period(operation["value"])
    apply_operations(plan, operations)


def _check_period(period: str) -> None:
    if period not in QUOTA_PERIODS:
        raise BadRequestException(f"Usage Plan quota period {period} is none of {QUOTA_PERIODS}")


AROUND = (
    (APIGatewayBackend, "create_deployment", _freezing),
    (APIGatewayBackend, "create_usage_plan", _checked_plan),
    (UsagePlan, "apply_patch_operations", _checked_operations),
    (Stage, "apply_operations", _removing_settings),
)
