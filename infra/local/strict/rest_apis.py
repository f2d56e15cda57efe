"""API Gateway: a deployment freezes the OpenAPI body, and one that could not be served is refused;
method settings of a stage can be removed."""

from collections.abc import Callable
from typing import Any

from moto.apigateway.exceptions import BadRequestException
from moto.apigateway.models import APIGatewayBackend, Stage

from infra.local.api_gateway import openapi
from infra.local.errors import UnsupportedApi
from infra.local.state import STATE

Method = Callable[..., Any]


def _freezing(original: Method) -> Method:
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
        try:
            openapi.parse(body)
        except UnsupportedApi as error:
            raise BadRequestException(str(error)) from error
        # Not the original: it looks for methods in moto, and here they are in the body.
        api = self.get_rest_api(function_id)
        deployment = api.create_deployment(name, description, stage_variables)
        STATE.freeze(self.region_name, function_id, deployment.id)
        return deployment

    return create_deployment


def _removing_settings(original: Method) -> Method:
    def apply_operations(self: Any, patch_operations: list[dict[str, Any]]) -> Any:
        rest = []
        for operation in patch_operations:
            method = operation["path"].removeprefix("/")
            if operation["op"] == "remove" and method in self.method_settings:
                del self.method_settings[method]
            else:
                rest.append(operation)
        return original(self, rest)

    return apply_operations


WRAPPERS = (
    (APIGatewayBackend, "create_deployment", _freezing),
    (Stage, "apply_operations", _removing_settings),
)
