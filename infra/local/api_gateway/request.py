"""One HTTP request on its way through a stage, as far as it got."""

import base64
import hashlib
import uuid
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl

from starlette.requests import Request as HttpRequest

from infra.local.api_gateway.errors import (
    MISSING_AUTHENTICATION_TOKEN,
    REQUEST_TOO_LARGE,
    GatewayError,
)
from infra.local.api_gateway.model import Method, Resource, Stage

MAX_BODY_BYTES = 10 * 1024 * 1024
_CONSUMED = ("x-forwarded-", "x-amzn-trace-id", "content-length", "connection", "transfer-")
_NOT_HERE = (
    *("cognitoIdentityPoolId", "accountId", "cognitoIdentityId", "caller", "principalOrgId"),
    *("accessKey", "cognitoAuthenticationType", "cognitoAuthenticationProvider", "userArn", "user"),
)


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
