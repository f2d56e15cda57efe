"""The integration of a method: which backend answers. What is not supported is refused."""

import re
from typing import Any

from infra.local.api_gateway.model import MAX_TIMEOUT_S, LambdaProxy, Mock
from infra.local.errors import UnsupportedApi

VTL = re.compile(r"[$#]")
_KNOWN = {
    "cacheKeyParameters",
    "cacheNamespace",
    "connectionType",
    "credentials",
    "httpMethod",
    "passthroughBehavior",
    "payloadFormatVersion",
    "requestTemplates",
    "responses",
    "timeoutInMillis",
    "type",
    "uri",
}
_FUNCTION = re.compile(r":lambda:path/[0-9-]+/functions/(?P<arn>[^/${}]+)/invocations$")
_HEADER = "method.response.header."


def parse(where: str, integration: dict[str, Any] | None) -> LambdaProxy | Mock:
    """`where` names the method in errors. Raises UnsupportedApi."""
    if integration is None:
        raise UnsupportedApi(where, "a method without an integration")
    for key in integration:
        if key not in _KNOWN:
            raise UnsupportedApi(where, f"integration property {key}")
    kind = str(integration.get("type", "")).lower()
    if kind == "aws_proxy":
        timeout_s = integration.get("timeoutInMillis", MAX_TIMEOUT_S * 1000) / 1000
        return LambdaProxy(function_arn(where, integration.get("uri")), timeout_s)
    if kind == "mock":
        return _mock(where, integration)
    raise UnsupportedApi(where, f"integration type {integration.get('type')}")


def _mock(where: str, integration: dict[str, Any]) -> Mock:
    for template in (integration.get("requestTemplates") or {}).values():
        _static(where, template)
    responses = integration.get("responses") or {}
    if set(responses) != {"default"}:
        raise UnsupportedApi(where, "a mock with other responses than 'default'")
    response = responses["default"]
    templates = list((response.get("responseTemplates") or {"application/json": ""}).values())
    for template in templates:
        _static(where, template)
    headers = {}
    for name, value in (response.get("responseParameters") or {}).items():
        if not (name.startswith(_HEADER) and str(value).startswith("'")):
            raise UnsupportedApi(where, f"response parameter {name}: {value}")
        headers[name.removeprefix(_HEADER)] = value[1:-1]
    return Mock(int(response.get("statusCode", 200)), headers, templates[0])


def _static(where: str, template: str) -> None:
    if VTL.search(template):
        raise UnsupportedApi(where, f"the VTL in template {template!r}")


def function_arn(where: str, uri: Any) -> str:
    """The function that an `…:lambda:path/…/invocations` URI names. Raises UnsupportedApi."""
    match = _FUNCTION.search(uri) if isinstance(uri, str) else None
    if match is None:
        raise UnsupportedApi(where, f"integration uri {uri}")
    return match["arn"]
