"""REST APIs as they were last written, as deployments froze them, and as stages serve them."""

import copy
import functools
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from infra.local import moto_state
from infra.local.api_gateway import openapi
from infra.local.api_gateway.errors import CONFIGURATION_ERROR, FORBIDDEN, GatewayError

LOG_STREAM = "local"
_VARIABLE = re.compile(r"\$context\.([\w.]+)")
_GROUP = re.compile(r":log-group:(?P<name>[^:]+)")
_OpenApiBody = dict[str, Any]


@dataclass
class Bodies:
    """The OpenAPI bodies of REST APIs, whole: moto keeps only what it understands of them.

    Values are copied in, never shared with the caller.
    `rest_api_body`: ``(region, rest_api_id)`` → what AWS::ApiGateway::RestApi `Body` (or
    PutRestApi) holds now.
    `deployed_body`: ``(region, rest_api_id, deployment_id)`` → the body at that deployment.
    """

    rest_api_body: dict[tuple[str, str], _OpenApiBody] = field(default_factory=dict)
    deployed_body: dict[tuple[str, str, str], _OpenApiBody] = field(default_factory=dict)

    def freeze(self, region: str, api_id: str, deployment_id: str) -> None:
        """Copy the current body to the deployment. Raises KeyError when the API has none."""
        body = self.rest_api_body[region, api_id]
        self.deployed_body[region, api_id, deployment_id] = copy.deepcopy(body)

    def reset(self) -> None:
        self.rest_api_body.clear()
        self.deployed_body.clear()


# One process holds one embedded AWS, as it holds one moto.
BODIES = Bodies()


@dataclass(frozen=True)
class Stage:
    """A stage and the API that its deployment froze. `api_name` is what metrics call it."""

    region: str
    account: str
    api_id: str
    api_name: str
    name: str
    deployment_id: str
    variables: dict[str, str]
    api: openapi.RestApi
    api_key_source: str
    throttles: dict[str, dict[str, str]]
    access_log_arn: str | None = None
    access_log_format: str | None = None

    @property
    def arn(self) -> str:
        """Of the API, as its callers and permissions name it."""
        return f"arn:aws:execute-api:{self.region}:{self.account}:{self.api_id}"


class Stages:
    """Reads moto at each request; a deployment's body is parsed once."""

    def __init__(self, account: str) -> None:
        self._account = account
        self._parsed = functools.lru_cache(maxsize=64)(_parse_deployed)

    def find(self, api_id: str, name: str) -> Stage:
        """Raises GatewayError: 403 for an unknown API or stage, as the real host does."""
        region, rest_api = moto_state.rest_api(self._account, api_id) or ("", None)
        stage = rest_api.stages.get(name) if rest_api else None
        if rest_api is None or stage is None:
            raise GatewayError(FORBIDDEN, f"no stage {name} of API {api_id}")
        api = self._parsed(region, api_id, stage.deployment_id)
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
            throttles=stage.method_settings,
            access_log_arn=access_log.get("destinationArn"),
            access_log_format=access_log.get("format"),
        )


def log_access(stage: Stage, values: Mapping[str, Any], at: float) -> None:
    """One line in the stage's own format; `values` by the names of `$context`.

    Nothing when the stage has no access log. What is not known appears as `-`.
    https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-mapping-template-reference.html
    """
    group = _GROUP.search(stage.access_log_arn or "")
    if group is None or stage.access_log_format is None:
        return
    line = _VARIABLE.sub(lambda found: _value(values, found[1]), stage.access_log_format)
    moto_state.write_log(stage.account, stage.region, group["name"], LOG_STREAM, at, [line])


def _value(values: Mapping[str, Any], name: str) -> str:
    found: Any = values
    for part in name.split("."):
        found = found.get(part) if isinstance(found, Mapping) else None
    return "-" if found in (None, "") else str(found)


def _parse_deployed(region: str, api_id: str, deployment_id: str) -> openapi.RestApi:
    body = BODIES.deployed_body.get((region, api_id, deployment_id))
    if body is None:
        raise GatewayError(CONFIGURATION_ERROR, f"deployment {deployment_id} holds no OpenAPI body")
    return openapi.parse(body)
