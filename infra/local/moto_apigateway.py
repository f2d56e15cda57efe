"""What of moto's API Gateway is relied upon, and what it lacks, in one place."""

from typing import Any

from moto.apigateway.exceptions import BadRequestException
from moto.apigateway.models import APIGatewayBackend, apigateway_backends

from infra.local.api_gateway import openapi
from infra.local.errors import UnsupportedApiError
from infra.local.state import STATE, OpenApiBody
from infra.local.strict.wrapping import wrap


def find_api(account: str, api_id: str) -> tuple[str, Any] | None:
    """Region and REST API, wherever it is."""
    for region, backend in apigateway_backends[account].items():
        if api_id in backend.apis:
            return region, backend.apis[api_id]
    return None


def stage(api: Any, name: str) -> Any | None:
    return api.stages.get(name)


def api_key(account: str, region: str, value: str | None) -> Any | None:
    """The enabled API key of that value, or None."""
    keys = apigateway_backends[account][region].keys.values()
    found = [key for key in keys if value and key.enabled and key.value == value]
    return found[0] if found else None


def usage_plans(account: str, region: str, key_id: str) -> list[Any]:
    """The usage plans that an API key belongs to."""
    backend = apigateway_backends[account][region]
    return [
        plan
        for plan in backend.usage_plans.values()
        if key_id in backend.usage_plan_keys.get(plan.id, {})
    ]


def method_settings(account: str, region: str, api_id: str, stage: str) -> dict[str, Any]:
    api = apigateway_backends[account][region].apis[api_id]
    settings: dict[str, Any] = api.stages[stage].method_settings
    return settings


def gateway_responses(api: Any) -> dict[str, dict[str, Any]]:
    return {
        kind: {
            "statusCode": response.status_code,
            "responseParameters": response.response_parameters,
            "responseTemplates": response.response_templates,
        }
        for kind, response in api.gateway_responses.items()
    }


def patch() -> None:
    """Let a deployment freeze the OpenAPI body, and refuse one that could not be served."""
    wrap(APIGatewayBackend, "create_deployment", _freezing)


def _freezing(original: Any) -> Any:
    def create_deployment(
        self: Any,
        function_id: str,
        name: str,
        description: str = "",
        stage_variables: Any = None,
    ) -> Any:
        body = STATE.rest_api_body.get((self.region_name, function_id))
        if body is None:
            return original(self, function_id, name, description, stage_variables)
        _check(body)
        # Not the original: it looks for methods in moto, and here they are in the body.
        deployment = self.get_rest_api(function_id).create_deployment(
            name, description, stage_variables
        )
        STATE.freeze(self.region_name, function_id, deployment.id)
        return deployment

    return create_deployment


def _check(body: OpenApiBody) -> None:
    try:
        openapi.parse(body)
    except UnsupportedApiError as error:
        raise BadRequestException(str(error)) from error
