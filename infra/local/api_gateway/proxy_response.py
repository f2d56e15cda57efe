"""What a function returned → the HTTP answer."""

import base64
import binascii
import json
import re
from collections.abc import Iterator
from typing import Any

from infra.local.api_gateway import media_types
from infra.local.api_gateway.errors import BAD_PROXY_RESPONSE, GatewayError
from infra.local.api_gateway.request import Request

_KEYS = {"statusCode", "headers", "multiValueHeaders", "body", "isBase64Encoded"}
_SENDABLE = re.compile(r"[\t\x20-\x7e\x80-\xff]*")
# https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-known-issues.html
_REMAPPED = {
    "connection",
    "content-length",
    "content-md5",
    "date",
    "expect",
    "host",
    "max-forwards",
    "server",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "www-authenticate",
}


def to_http(payload: bytes, request: Request) -> tuple[int, list[tuple[str, str]], bytes]:
    """Status, headers, body. Raises GatewayError (502) for what is no proxy response."""
    response = _parsed(payload)
    headers = list(_headers(response))
    if not any(name.lower() == "content-type" for name, _ in headers):
        headers.append(("content-type", "application/json"))
    return int(response["statusCode"]), headers, _body(response, request, headers)


def _parsed(payload: bytes) -> dict[str, Any]:
    try:
        response = json.loads(payload)
    except ValueError as error:
        raise _malformed("it is not JSON") from error
    if not isinstance(response, dict) or not response.keys() <= _KEYS:
        raise _malformed("it is not an object of statusCode, headers, body")
    status = response.get("statusCode")
    if isinstance(status, bool) or not str(status).isdigit() or not 100 <= int(str(status)) <= 599:
        raise _malformed("statusCode is not an HTTP status")
    if not isinstance(response.get("body"), str | None):
        raise _malformed("body is not a string")
    return response


def _headers(response: dict[str, Any]) -> Iterator[tuple[str, str]]:
    single, multiple = response.get("headers") or {}, response.get("multiValueHeaders") or {}
    if not isinstance(single, dict) or not isinstance(multiple, dict):
        raise _malformed("headers is not an object")
    several = {name.lower() for name in multiple}
    for name, value in single.items():
        if name.lower() not in several:
            yield _header(name, value)
    for name, values in multiple.items():
        if not isinstance(values, list):
            raise _malformed(f"multiValueHeaders.{name} is not a list")
        for value in values:
            yield _header(name, value)


def _header(name: str, value: Any) -> tuple[str, str]:
    if isinstance(value, dict | list) or value is None:
        raise _malformed(f"header {name} is not a string")
    text = json.dumps(value) if isinstance(value, bool) else str(value)
    if not _SENDABLE.fullmatch(name + text):
        raise _malformed(f"header {name!r} holds characters that HTTP does not carry")
    return (f"x-amzn-remapped-{name}" if name.lower() in _REMAPPED else name), text


def _body(response: dict[str, Any], request: Request, headers: list[tuple[str, str]]) -> bytes:
    body = response.get("body") or ""
    content_type = next(value for name, value in headers if name.lower() == "content-type")
    wanted = request.header("Accept") or content_type
    binary = media_types.is_binary(wanted, request.stage.api.binary_media_types)
    if not (response.get("isBase64Encoded") and binary):
        return str(body).encode()
    try:
        return base64.b64decode(body, validate=True)
    except binascii.Error as error:
        raise _malformed("the body is not base64") from error


def _malformed(why: str) -> GatewayError:
    return GatewayError(BAD_PROXY_RESPONSE, f"Malformed Lambda proxy response: {why}")
