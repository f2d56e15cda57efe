"""A REST API as its OpenAPI body with API Gateway's extensions describes it.

What is not supported is refused.
"""

import re
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any
from urllib.parse import unquote

from infra.local.errors import UnsupportedApi

_MAX_TIMEOUT_S = 29.0
_ANY = "ANY"
_PARAMETER = re.compile(r"\{(?P<name>[\w.-]+)(?P<greedy>\+?)\}")
_X = "x-amazon-apigateway-"
_AUTHORIZER, _INTEGRATION = f"{_X}authorizer", f"{_X}integration"
_BODY = {
    *("api-key-source", "binary-media-types", "documentation", "endpoint-configuration"),
    *("gateway-responses", "importexport-version"),
}
_OPERATION = {"integration", "documentation"}
_AUTHORIZER_KEYS = {"type", "authorizerUri", "authorizerResultTtlInSeconds", "identitySource"}
_INTEGRATION_KEYS = {
    *("cacheKeyParameters", "cacheNamespace", "connectionType", "credentials", "httpMethod"),
    *("passthroughBehavior", "payloadFormatVersion", "timeoutInMillis", "type", "uri"),
}
_VERBS = {"get", "put", "post", "delete", "options", "head", "patch"}
_DESCRIPTIONS = {"parameters", "summary", "description", "servers"}
_VTL = re.compile(r"[$#]")
_ERROR_VARIABLES = re.compile(r"\$context\.(error\.(message|messageString|responseType)|requestId)")
_ERROR_HEADER = re.compile(r"gatewayresponse\.header\.(?P<name>[\w-]+)")
_LITERAL = re.compile(r"'.*'")
_REQUEST_HEADER = re.compile(r"method\.request\.header\.(?P<name>[\w-]+)")
_FUNCTION = re.compile(r":lambda:path/[0-9-]+/functions/(?P<arn>[^/${}]+)/invocations$")


@dataclass(frozen=True)
class LambdaProxy:
    """Hand the request to a function; `function` is its ARN, usually with an alias."""

    function: str
    timeout_s: float = _MAX_TIMEOUT_S


@dataclass(frozen=True)
class Method:
    integration: LambdaProxy
    api_key_required: bool = False
    authorizer: str | None = None


@dataclass(frozen=True)
class Resource:
    """One path of the API: `methods` by HTTP method, or ANY."""

    path: str
    methods: dict[str, Method]

    def method(self, http_method: str) -> Method | None:
        return self.methods.get(http_method) or self.methods.get(_ANY)

    @cached_property
    def rank(self) -> list[int]:
        """Smaller is more specific: literal before `{parameter}` before `{proxy+}`."""
        found = [_PARAMETER.fullmatch(segment) for segment in self.path.split("/")]
        return [0 if part is None else 2 if part["greedy"] else 1 for part in found]

    def parameters(self, path: str) -> dict[str, str] | None:
        """The decoded path parameters, or None when the path is another's."""
        names = [parameter["name"] for parameter in _PARAMETER.finditer(self.path)]
        found = self._pattern.fullmatch(path)
        return dict(zip(names, map(unquote, found.groups()), strict=True)) if found else None

    @cached_property
    def _pattern(self) -> re.Pattern[str]:
        segments = (
            re.escape(segment) if part is None else "(.+)" if part["greedy"] else "([^/]+)"
            for segment in self.path.split("/")
            for part in [_PARAMETER.fullmatch(segment)]
        )
        return re.compile("/".join(segments))


@dataclass(frozen=True)
class Authorizer:
    """A Lambda authorizer that is given the value of one `header`."""

    name: str
    function: str
    header: str
    ttl_s: float


@dataclass(frozen=True)
class GatewayResponse:
    """How errors of one type look: what of the default is replaced."""

    status: int | None = None
    headers: dict[str, str] = field(default_factory=dict)
    templates: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class RestApi:
    """`api_key_source` is HEADER, AUTHORIZER or None (the body does not say)."""

    resources: tuple[Resource, ...]
    authorizers: dict[str, Authorizer]
    gateway_responses: dict[str, GatewayResponse]
    binary_media_types: tuple[str, ...]
    api_key_source: str | None

    def route(self, path: str) -> tuple[Resource, dict[str, str]] | None:
        """The most specific resource of a percent-encoded path, and its path parameters."""
        sent = "/" + "/".join(filter(None, path.split("/")))
        for resource in sorted(self.resources, key=lambda resource: resource.rank):
            parameters = resource.parameters(sent)
            if parameters is not None:
                return resource, parameters
        return None


def parse(body: dict[str, Any]) -> RestApi:
    """Raises UnsupportedApi, which names the place and the thing."""
    _check_extensions("top level", body, _BODY)
    schemes = body.get("components", {}).get("securitySchemes")
    schemes = schemes or body.get("securityDefinitions") or {}
    custom = {name: scheme for name, scheme in schemes.items() if _AUTHORIZER in scheme}
    responses = body.get(f"{_X}gateway-responses") or {}
    return RestApi(
        resources=tuple(
            Resource(path, _methods(path, item, schemes, body.get("security", [])))
            for path, item in (body.get("paths") or {}).items()
        ),
        authorizers={name: _authorizer(name, scheme) for name, scheme in custom.items()},
        gateway_responses={kind: _gateway_response(kind, responses[kind]) for kind in responses},
        binary_media_types=tuple(body.get(f"{_X}binary-media-types") or ()),
        api_key_source=body.get(f"{_X}api-key-source"),
    )


def _gateway_response(kind: str, response: dict[str, Any]) -> GatewayResponse:
    where, headers = f"gateway response {kind}", {}
    for name, value in (response.get("responseParameters") or {}).items():
        header = _ERROR_HEADER.fullmatch(name)
        if header is None:
            raise UnsupportedApi(where, f"parameter {name}")
        if not (_LITERAL.fullmatch(value) or _REQUEST_HEADER.fullmatch(value)):
            raise UnsupportedApi(where, f"parameter value {value}")
        headers[header["name"]] = value
    templates = response.get("responseTemplates") or {}
    for template in templates.values():
        if _VTL.search(_ERROR_VARIABLES.sub("", template)):
            raise UnsupportedApi(where, f"the VTL in template {template!r}")
    status = response.get("statusCode")
    return GatewayResponse(int(status) if status else None, headers, templates)


def _methods(
    path: str, item: dict[str, Any], schemes: dict[str, Any], default: list[dict[str, Any]]
) -> dict[str, Method]:
    names = {verb: verb.upper() for verb in _VERBS} | {f"{_X}any-method": _ANY}
    methods = {}
    for verb, operation in item.items():
        if verb in names:
            where = f"{names[verb]} {path}"
            security = operation.get("security", default)
            methods[names[verb]] = _method(where, operation, schemes, security)
        elif verb not in _DESCRIPTIONS:
            raise UnsupportedApi(path, verb)
    return methods


def _method(
    where: str, operation: dict[str, Any], schemes: dict[str, Any], security: list[dict[str, Any]]
) -> Method:
    _check_extensions(where, operation, _OPERATION)
    names = [name for entry in security for name in entry]
    authorizers = [name for name in names if not _is_api_key(where, name, schemes)]
    if len(authorizers) > 1:
        raise UnsupportedApi(where, f"more than one authorizer ({', '.join(authorizers)})")
    return Method(
        integration=_integration(where, operation.get(_INTEGRATION)),
        api_key_required=len(authorizers) < len(names),
        authorizer=authorizers[0] if authorizers else None,
    )


def _is_api_key(where: str, name: str, schemes: dict[str, Any]) -> bool:
    scheme = schemes.get(name)
    if scheme is None:
        raise UnsupportedApi(where, f"security scheme {name}, which the body does not define,")
    if _AUTHORIZER in scheme:
        return False
    if scheme.get("type") == "apiKey" and str(scheme.get("name", "")).lower() == "x-api-key":
        return True
    kind = scheme.get(f"{_X}authtype") or scheme.get("type")
    raise UnsupportedApi(where, f"security scheme {name} of type {kind}")


def _authorizer(name: str, scheme: dict[str, Any]) -> Authorizer:
    where, settings = f"authorizer {name}", scheme[_AUTHORIZER]
    if str(settings.get("type", "")).upper() != "TOKEN":
        raise UnsupportedApi(where, f"type {settings.get('type')}")
    _check_keys(where, "authorizer property", settings, _AUTHORIZER_KEYS)
    source = settings.get("identitySource", f"method.request.header.{scheme.get('name')}")
    header = _REQUEST_HEADER.fullmatch(source)
    if header is None:
        raise UnsupportedApi(where, f"identity source {source}")
    ttl_s = float(settings.get("authorizerResultTtlInSeconds", 300))
    return Authorizer(name, _function(where, settings.get("authorizerUri")), header["name"], ttl_s)


def _integration(where: str, integration: dict[str, Any] | None) -> LambdaProxy:
    if integration is None:
        raise UnsupportedApi(where, "a method without an integration")
    _check_keys(where, "integration property", integration, _INTEGRATION_KEYS)
    if str(integration.get("type", "")).lower() != "aws_proxy":
        raise UnsupportedApi(where, f"integration type {integration.get('type')}")
    timeout_s = integration.get("timeoutInMillis", _MAX_TIMEOUT_S * 1000) / 1000
    return LambdaProxy(_function(where, integration.get("uri")), timeout_s)


def _function(where: str, uri: Any) -> str:
    """The function that an `…:lambda:path/…/invocations` URI names."""
    match = _FUNCTION.search(uri) if isinstance(uri, str) else None
    if match is None:
        raise UnsupportedApi(where, f"integration uri {uri}")
    return match["arn"]


def _check_extensions(where: str, holder: dict[str, Any], known: set[str]) -> None:
    for key in holder:
        if key.startswith("x-amazon-") and key.removeprefix(_X) not in known:
            raise UnsupportedApi(where, key)


def _check_keys(where: str, what: str, holder: dict[str, Any], known: set[str]) -> None:
    for key in holder.keys() - known:
        raise UnsupportedApi(where, f"{what} {key}")
