"""Lambda proxy integration: the event of a request, and what a function returned as an answer.

https://docs.aws.amazon.com/lambda/latest/dg/services-apigateway.html
"""

import base64
import binascii
import json
from collections.abc import Iterable, Sequence
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, Field, StringConstraints, ValidationError
from pydantic.alias_generators import to_camel

from infra.local.api_gateway.errors import BAD_PROXY_RESPONSE, GatewayError
from infra.local.api_gateway.request import Request

# https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-known-issues.html
_REMAPPED = {
    *("connection", "content-length", "content-md5", "date", "expect", "host", "max-forwards"),
    *("server", "trailer", "transfer-encoding", "upgrade", "www-authenticate"),
}


def _text(value: Any) -> Any:
    return json.dumps(value) if isinstance(value, bool | int | float) else value


_Header = Annotated[
    str, BeforeValidator(_text), StringConstraints(pattern=r"^[\t\x20-\x7e\x80-\xff]*$")
]
_Name = Annotated[str, StringConstraints(pattern=r"^[\x21-\x7e]+$")]


class ProxyResponse(BaseModel, extra="forbid", alias_generator=to_camel, hide_input_in_errors=True):
    """What a function must return; `null` counts as absent."""

    status_code: Annotated[int, Field(ge=100, le=599)]
    headers: dict[_Name, _Header] | None = None
    multi_value_headers: dict[_Name, list[_Header]] | None = None
    body: str | None = None
    is_base64_encoded: bool | None = None

    def sent_headers(self) -> list[tuple[str, str]]:
        """Under their final names; several values of one name are several headers."""
        multiple = self.multi_value_headers or {}
        several = {name.lower() for name in multiple}
        single = [(k, v) for k, v in (self.headers or {}).items() if k.lower() not in several]
        pairs = [*single, *((name, value) for name in multiple for value in multiple[name])]
        if not any(name.lower() == "content-type" for name, _ in pairs):
            pairs.append(("content-type", "application/json"))
        return [
            (f"x-amzn-remapped-{name}" if name.lower() in _REMAPPED else name, value)
            for name, value in pairs
        ]


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
    try:
        response = ProxyResponse.model_validate_json(payload)
        headers = response.sent_headers()
        return response.status_code, headers, _body(response, request, dict(headers))
    except (ValidationError, binascii.Error) as error:
        raise GatewayError(
            BAD_PROXY_RESPONSE, f"Malformed Lambda proxy response: {error}"
        ) from error


def _body(response: ProxyResponse, request: Request, headers: dict[str, str]) -> bytes:
    body = response.body or ""
    content_type = next(value for name, value in headers.items() if name.lower() == "content-type")
    wanted = request.header("accept") or content_type
    if response.is_base64_encoded and _is_binary(wanted, request):
        return base64.b64decode(body, validate=True)
    return body.encode()


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
