"""Lambda proxy integration: the event of a request, and what a function returned as an answer.

https://docs.aws.amazon.com/lambda/latest/dg/services-apigateway.html
"""

import base64
import binascii
import json
import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from infra.local.api_gateway.errors import BAD_PROXY_RESPONSE, GatewayError
from infra.local.api_gateway.request import Request

_KEYS = {"statusCode", "headers", "multiValueHeaders", "body", "isBase64Encoded"}
_SENDABLE = re.compile(r"[\t\x20-\x7e\x80-\xff]*")
# https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-known-issues.html
_REMAPPED = {
    *("connection", "content-length", "content-md5", "date", "expect", "host", "max-forwards"),
    *("server", "trailer", "transfer-encoding", "upgrade", "www-authenticate"),
}


def event(request: Request) -> dict[str, Any]:
    """Payload format 1.0."""
    content_type = request.header("content-type") or "application/json"
    binary = bool(request.body) and _is_binary(content_type, request)
    encoded = base64.b64encode(request.body) if binary else request.body
    return {
        "resource": request.resource.path if request.resource else None,
        "path": request.path,
        "httpMethod": request.http.method,
        "headers": dict(request.headers) or None,
        "multiValueHeaders": _all(request.headers),
        "queryStringParameters": dict(request.query) or None,
        "multiValueQueryStringParameters": _all(request.query),
        "pathParameters": request.path_parameters or None,
        "stageVariables": request.stage.variables or None,
        "requestContext": request.context(),
        "body": encoded.decode(errors="replace") or None,
        "isBase64Encoded": binary,
    }


def answer(payload: bytes, request: Request) -> tuple[int, list[tuple[str, str]], bytes]:
    """Status, headers, body. Raises GatewayError (502) for what is no proxy response."""
    response = _parsed(payload)
    headers = list(_headers(response))
    if not any(name.lower() == "content-type" for name, _ in headers):
        headers.append(("content-type", "application/json"))
    return int(response["statusCode"]), headers, _body(response, request, headers)


def _all(pairs: Iterable[tuple[str, str]]) -> dict[str, list[str]] | None:
    values: dict[str, list[str]] = {}
    for name, value in pairs:
        values.setdefault(name, []).append(value)
    return values or None


def _is_binary(content_type: str, request: Request) -> bool:
    """Whether a Content-Type, or the first type of an Accept header, is one the API lists.

    A listed type may end in `/*`; parameters such as charset do not count.
    """
    listed: Sequence[str] = request.stage.api.binary_media_types
    sent = content_type.split(",")[0].split(";")[0].strip().lower()
    names = (name.replace("~1", "/").lower() for name in listed)
    return any(
        name in ("*/*", sent) or (name.endswith("/*") and sent.startswith(name[:-1]))
        for name in names
    )


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
    body = str(response.get("body") or "")
    content_type = next(value for name, value in headers if name.lower() == "content-type")
    wanted = request.header("accept") or content_type
    if not (response.get("isBase64Encoded") and _is_binary(wanted, request)):
        return body.encode()
    try:
        return base64.b64decode(body, validate=True)
    except binascii.Error as error:
        raise _malformed("the body is not base64") from error


def _malformed(why: str) -> GatewayError:
    return GatewayError(BAD_PROXY_RESPONSE, f"Malformed Lambda proxy response: {why}")
