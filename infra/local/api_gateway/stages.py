"""Finding the stage that a URL names, as it is deployed now."""

import functools
from dataclasses import replace
from typing import Any

from infra.local import moto_apigateway
from infra.local.api_gateway import openapi
from infra.local.api_gateway.errors import CONFIGURATION_ERROR, FORBIDDEN, GatewayError
from infra.local.api_gateway.model import RestApi, Stage
from infra.local.state import STATE


class Stages:
    """Reads moto at each request; a deployment's body is parsed once."""

    def __init__(self, account: str) -> None:
        self._account = account
        self._parsed = functools.lru_cache(maxsize=64)(_parse_deployed)

    def find(self, api_id: str, name: str) -> Stage:
        """Raises GatewayError: 403 for an unknown API or stage, as the real host does."""
        found = moto_apigateway.find_api(self._account, api_id)
        stage = moto_apigateway.stage(found[1], name) if found else None
        if found is None or stage is None:
            raise GatewayError(FORBIDDEN, f"no stage {name} of API {api_id}")
        region, rest_api = found
        api = self._customised(self._parsed(region, api_id, stage.deployment_id), rest_api)
        access_log = stage.access_log_settings or {}
        return Stage(
            region=region,
            account=self._account,
            api_id=api_id,
            api_name=rest_api.name,
            name=name,
            deployment_id=stage.deployment_id,
            variables={key: str(value) for key, value in (stage.variables or {}).items()},
            api=api,
            api_key_source=api.api_key_source or rest_api.api_key_source or "HEADER",
            access_log_arn=access_log.get("destinationArn"),
            access_log_format=access_log.get("format"),
        )

    def _customised(self, api: RestApi, rest_api: Any) -> RestApi:
        """The body's API with what was set on the REST API besides."""
        responses = {
            kind: openapi.gateway_response(kind, response)
            for kind, response in moto_apigateway.gateway_responses(rest_api).items()
        }
        media_types = (*api.binary_media_types, *(rest_api.binaryMediaTypes or ()))
        return replace(
            api,
            gateway_responses=api.gateway_responses | responses,
            binary_media_types=media_types,
        )


def _parse_deployed(region: str, api_id: str, deployment_id: str) -> RestApi:
    body = STATE.deployed_body.get((region, api_id, deployment_id))
    if body is None:
        raise GatewayError(CONFIGURATION_ERROR, f"deployment {deployment_id} holds no OpenAPI body")
    return openapi.parse(body)
