"""An OpenAPI body with API Gateway's extensions → RestApi. What is not supported is refused."""

import re
from typing import Any

from infra.local.api_gateway import integrations
from infra.local.api_gateway.integrations import VTL
from infra.local.api_gateway.model import (
    ANY,
    Authorizer,
    GatewayResponse,
    Method,
    Resource,
    RestApi,
)
from infra.local.errors import UnsupportedApi

_X = "x-amazon-apigateway-"
_KNOWN = {
    "body": {
        "api-key-source",
        "binary-media-types",
        "documentation",
        "endpoint-configuration",
        "gateway-responses",
        "importexport-version",
    },
    "operation": {"integration", "documentation"},
}
_VERBS = {"get", "put", "post", "delete", "options", "head", "patch"}
_ERROR_VARIABLES = re.compile(r"\$context\.(error\.(message|messageString|responseType)|requestId)")
_REQUEST_HEADER = re.compile(r"^method\.request\.header\.[\w-]+$")
_SOURCES = re.compile(r"^(method\.request\.(header|querystring)|stageVariables|context)\.[\w.-]+$")


def parse(body: dict[str, Any]) -> RestApi:
    """Raises UnsupportedApi, which names the place and the thing."""
    _only_known(body, "body", "top level")
    schemes = body.get("securityDefinitions") or {}
    schemes = body.get("components", {}).get("securitySchemes") or schemes
    authorizers = {
        name: _authorizer(name, scheme)
        for name, scheme in schemes.items()
        if f"{_X}authorizer" in scheme
    }
    return RestApi(
        resources=tuple(
            Resource(path, _methods(path, item, schemes, body.get("security", [])))
            for path, item in (body.get("paths") or {}).items()
        ),
        authorizers=authorizers,
        gateway_responses={
            kind: gateway_response(kind, response)
            for kind, response in (body.get(f"{_X}gateway-responses") or {}).items()
        },
        binary_media_types=tuple(body.get(f"{_X}binary-media-types") or ()),
        api_key_source=body.get(f"{_X}api-key-source"),
    )


def gateway_response(kind: str, response: dict[str, Any]) -> GatewayResponse:
    """From the extension, or from what PutGatewayResponse stored."""
    where = f"gateway response {kind}"
    prefix = "gatewayresponse.header."
    headers = {}
    for name, value in (response.get("responseParameters") or {}).items():
        if not name.startswith(prefix):
            raise UnsupportedApi(where, f"parameter {name}")
        _check_value(where, value)
        headers[name.removeprefix(prefix)] = value
    templates = response.get("responseTemplates") or {}
    for template in templates.values():
        if VTL.search(_ERROR_VARIABLES.sub("", template)):
            raise UnsupportedApi(where, f"the VTL in template {template!r}")
    status = response.get("statusCode")
    return GatewayResponse(int(status) if status else None, headers, templates)


def _methods(
    path: str, item: dict[str, Any], schemes: dict[str, Any], default: list[dict[str, Any]]
) -> dict[str, Method]:
    methods = {}
    for verb, operation in item.items():
        if verb in _VERBS:
            name = verb.upper()
        elif verb == f"{_X}any-method":
            name = ANY
        elif verb in {"parameters", "summary", "description", "servers"}:
            continue
        else:
            raise UnsupportedApi(path, verb)
        methods[name] = _method(f"{name} {path}", operation, schemes, default)
    return methods


def _method(
    where: str, operation: dict[str, Any], schemes: dict[str, Any], default: list[dict[str, Any]]
) -> Method:
    _only_known(operation, "operation", where)
    names = [name for entry in operation.get("security", default) for name in entry]
    authorizers = [name for name in names if not _is_api_key(where, name, schemes)]
    if len(authorizers) > 1:
        raise UnsupportedApi(where, f"more than one authorizer ({', '.join(authorizers)})")
    return Method(
        integration=integrations.parse(where, operation.get(f"{_X}integration")),
        api_key_required=len(authorizers) < len(names),
        authorizer=authorizers[0] if authorizers else None,
    )


def _is_api_key(where: str, name: str, schemes: dict[str, Any]) -> bool:
    scheme = schemes.get(name)
    if scheme is None:
        raise UnsupportedApi(where, f"security scheme {name}, which the body does not define,")
    if f"{_X}authorizer" in scheme:
        return False
    if scheme.get("type") == "apiKey" and str(scheme.get("name", "")).lower() == "x-api-key":
        return True
    kind = scheme.get(f"{_X}authtype") or scheme.get("type")
    raise UnsupportedApi(where, f"security scheme {name} of type {kind}")


def _authorizer(name: str, scheme: dict[str, Any]) -> Authorizer:
    where = f"authorizer {name}"
    settings = scheme[f"{_X}authorizer"]
    kind = str(settings.get("type", "")).upper()
    if kind not in {"TOKEN", "REQUEST"}:
        raise UnsupportedApi(where, f"type {settings.get('type')}")
    sources = settings.get("identitySource")
    if sources is None and kind == "TOKEN":
        sources = f"method.request.header.{scheme['name']}"
    identity = tuple(part.strip() for part in (sources or "").split(",") if part.strip())
    for source in identity:
        if not _SOURCES.match(source):
            raise UnsupportedApi(where, f"identity source {source}")
    return Authorizer(
        name=name,
        kind="TOKEN" if kind == "TOKEN" else "REQUEST",
        function=integrations.function_arn(where, settings.get("authorizerUri")),
        identity_sources=identity,
        ttl_s=float(settings.get("authorizerResultTtlInSeconds", 300)),
        validation=settings.get("identityValidationExpression"),
    )


def _check_value(where: str, value: str) -> None:
    literal = value.startswith("'") and value.endswith("'")
    if not literal and not _REQUEST_HEADER.match(value):
        raise UnsupportedApi(where, f"parameter value {value}")


def _only_known(holder: dict[str, Any], kind: str, where: str) -> None:
    for key in holder:
        if key.startswith("x-amazon-") and key.removeprefix(_X) not in _KNOWN[kind]:
            raise UnsupportedApi(where, key)
