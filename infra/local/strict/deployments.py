"""API Gateway: a deployment freezes the OpenAPI body; one that could not be served is refused."""

from typing import Any

from moto.apigateway.exceptions import BadRequestException
from moto.apigateway.models import APIGatewayBackend

from infra.local.api_gateway import openapi
from infra.local.errors import UnsupportedApi
from infra.local.state import STATE, OpenApiBody
from infra.local.strict.wrapping import Method, wrap


def patch() -> None:
    wrap(APIGatewayBackend, "create_deployment", _freezing)


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
    except UnsupportedApi as error:
        raise BadRequestException(str(error)) from error
