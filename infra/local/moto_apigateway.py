"""What of moto's API Gateway is read."""

from typing import Any

from moto.apigateway.models import apigateway_backends


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
