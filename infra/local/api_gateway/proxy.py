"""Lambda proxy integration: the event of a request, and what a function returned as an answer.

https://docs.aws.amazon.com/lambda/latest/dg/services-apigateway.html
"""

import base64
import binascii
import hashlib
import json
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Annotated, Any
from urllib.parse import parse_qsl

from pydantic import BaseModel, BeforeValidator, Field, StringConstraints, ValidationError
from pydantic.alias_generators import to_camel
from starlette.requests import Request as HttpRequest

from infra.local.api_gateway.errors import (
    BAD_PROXY_RESPONSE,
    MISSING_AUTHENTICATION_TOKEN,
    REQUEST_TOO_LARGE,
    GatewayError,
)
from infra.local.api_gateway.openapi import Method, Resource
from infra.local.api_gateway.stages import Stage

MAX_BODY_BYTES = 10 * 1024 * 1024
_CONSUMED = ("x-forwarded-", "x-amzn-trace-id", "content-length", "connection", "transfer-")
_NOT_HERE = (
    *("cognitoIdentityPoolId", "accountId", "cognitoIdentityId", "caller", "principalOrgId"),
    *("accessKey", "cognitoAuthenticationType", "cognitoAuthenticationProvider", "userArn", "user"),
)
# https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-known-issues.html
_REMAPPED = {
    *("connection", "content-length", "content-md5", "date", "expect", "host", "max-forwards"),
    *("server", "trailer", "transfer-encoding", "upgrade", "www-authenticate"),
}


@dataclass
class Request:
    """`path` is what follows the stage, percent-encoded. `at` in seconds since 1970.

    What comes after `at` is filled in on the way: `api_key` is its id and its value.
    """

    http: HttpRequest
    stage: Stage
    path: str
    id: str
    at: float
    resource: Resource | None = None
    path_parameters: dict[str, str] = field(default_factory=dict)
    body: bytes = b""
    authorizer: dict[str, Any] | None = None
    api_key: tuple[str, str] | None = None

    def route(self) -> Method:
        """Find the resource and its method. Raises GatewayError."""
        resource, self.path_parameters = self.stage.api.route(self.path) or (None, {})
        method = resource.method(self.http.method) if resource else None
        if method is None:
            asked = f"{self.http.method} {self.path}"
            raise GatewayError(MISSING_AUTHENTICATION_TOKEN, asked)
        self.resource = resource
        return method

    async def read_body(self) -> None:
        """Raises GatewayError as soon as the limit is passed."""
        body = bytearray()
        async for chunk in self.http.stream():
            body += chunk
            if len(body) > MAX_BODY_BYTES:
                raise GatewayError(REQUEST_TOO_LARGE)
        self.body = bytes(body)

    def header(self, name: str) -> str | None:
        """The last value, as in the event."""
        return next(reversed(self.http.headers.getlist(name)), None)

    @property
    def method_arn(self) -> str:
        stage = self.stage
        return f"{stage.arn}/{stage.name}/{self.http.method}/{self.path.strip('/')}"

    @property
    def trace_id(self) -> str:
        made = f"Root=1-{int(self.at):08x}-{uuid.UUID(self.id).hex[:24]}"
        return self.header("x-amzn-trace-id") or made

    @property
    def source_ip(self) -> str:
        return self.http.client.host if self.http.client else ""

    @property
    def query(self) -> list[tuple[str, str]]:
        return parse_qsl(self.http.scope["query_string"].decode("latin-1"), keep_blank_values=True)

    @property
    def headers(self) -> list[tuple[str, str]]:
        """As sent but for the spelling, which ASGI does not keep; without what API Gateway
        consumes, and with what it adds."""
        sent = self.http.headers.items()
        kept = [(name.title(), text) for name, text in sent if not name.startswith(_CONSUMED)]
        added = {
            "X-Amzn-Trace-Id": self.trace_id,
            "X-Forwarded-For": self.source_ip,
            "X-Forwarded-Port": str(self.http.scope["server"][1]),
            "X-Forwarded-Proto": self.http.scope["scheme"],
        }
        return [*kept, *added.items()]

    def context(self) -> dict[str, Any]:
        """`requestContext` of the event, `$context` of the access log."""
        stage, path = self.stage, self.resource.path if self.resource else None
        when = datetime.fromtimestamp(self.at, UTC)
        context = {
            "resourceId": hashlib.sha256((path or "").encode()).hexdigest()[:6],
            "resourcePath": path,
            "httpMethod": self.http.method,
            "extendedRequestId": extended_id(self.id),
            "requestTime": when.strftime("%d/%b/%Y:%H:%M:%S +0000"),
            "path": self.http.scope["raw_path"].decode("latin-1"),
            "accountId": stage.account,
            "protocol": f"HTTP/{self.http.scope['http_version']}",
            "stage": stage.name,
            "domainPrefix": stage.api_id,
            "requestTimeEpoch": int(self.at * 1000),
            "requestId": self.id,
            "identity": self._identity(),
            "domainName": f"{stage.api_id}.execute-api.{stage.region}.amazonaws.com",
            "deploymentId": stage.deployment_id,
            "apiId": stage.api_id,
        }
        return context | ({} if self.authorizer is None else {"authorizer": self.authorizer})

    def _identity(self) -> dict[str, str | None]:
        caller = {"sourceIp": self.source_ip, "userAgent": self.header("user-agent")}
        key = dict(zip(("apiKeyId", "apiKey"), self.api_key or (), strict=False))
        return dict.fromkeys(_NOT_HERE) | caller | key


def extended_id(request_id: str) -> str:
    """What API Gateway sends as x-amz-apigw-id."""
    return base64.b64encode(uuid.UUID(request_id).bytes[:11]).decode()


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


def _all(pairs: Iterable[tuple[str, str]]) -> dict[str, list[str]] | None:
    values: dict[str, list[str]] = {}
    for name, value in pairs:
        values.setdefault(name, []).append(value)
    return values or None


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
