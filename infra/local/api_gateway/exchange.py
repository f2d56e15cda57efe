"""One HTTP exchange on its way through the gateway, as far as it got."""

import base64
import uuid
from dataclasses import dataclass

from infra.local import http
from infra.local.api_gateway import access_log, errors, routes
from infra.local.api_gateway.errors import GatewayError
from infra.local.api_gateway.model import Stage
from infra.local.api_gateway.request import Request, parse_query

MAX_BODY_BYTES = 10 * 1024 * 1024
_CONSUMED = (b"x-forwarded-", b"x-amzn-trace-id", b"content-length", b"connection", b"transfer-")


@dataclass
class Exchange:
    """One request on its way through, as far as it got."""

    scope: http.Scope
    request_id: str
    at: float
    stage: Stage | None = None
    request: Request | None = None
    error: GatewayError | None = None

    def values(self, status: int, length: int, latency_ms: float) -> dict[str, str | None]:
        """For the access log, by the names of `$context`."""
        scope, error = self.scope, self.error
        return {
            "requestId": self.request_id,
            "extendedRequestId": extended_id(self.request_id),
            "requestTimeEpoch": str(int(self.at * 1000)),
            "httpMethod": scope["method"],
            "path": scope["raw_path"].decode("latin-1"),
            "protocol": f"HTTP/{scope['http_version']}",
            "stage": self.stage.name if self.stage else None,
            "apiId": self.stage.api_id if self.stage else None,
            "status": str(status),
            "responseLength": str(length),
            "responseLatency": str(int(latency_ms)),
            "identity.sourceIp": scope["client"][0],
            "identity.userAgent": http.header(scope, "user-agent"),
            "error.responseType": error.kind.response_type if error else None,
            "error.message": error.kind.message if error else None,
            **(access_log.of_request(self.request) if self.request else {}),
        }


async def routed(exchange: Exchange, stage: Stage, path: str, receive: http.Receive) -> Request:
    """The request, once its method is found and its body is read. Raises GatewayError."""
    scope, request_id = exchange.scope, exchange.request_id
    found = routes.match(stage.api.resources, path)
    method = found.resource.method(scope["method"]) if found else None
    if found is None or method is None:
        raise GatewayError(errors.MISSING_AUTHENTICATION_TOKEN, f"{scope['method']} {path}")
    trace_id = http.header(scope, "x-amzn-trace-id") or _trace_id(exchange.at)
    return Request(
        stage=stage,
        http_method=scope["method"],
        path=path,
        client_path=scope["raw_path"].decode("latin-1"),
        headers=_headers(scope, trace_id),
        query=parse_query(scope["query_string"]),
        body=await _body(receive),
        source_ip=scope["client"][0],
        protocol=f"HTTP/{scope['http_version']}",
        request_id=request_id,
        extended_request_id=extended_id(request_id),
        trace_id=trace_id,
        at=exchange.at,
        resource=found.resource,
        method=method,
        path_parameters=found.parameters,
    )


async def _body(receive: http.Receive) -> bytes:
    try:
        return await http.read_body(receive, MAX_BODY_BYTES)
    except http.BodyTooLarge as error:
        raise GatewayError(errors.REQUEST_TOO_LARGE) from error


def _headers(scope: http.Scope, trace_id: str) -> list[tuple[str, str]]:
    """As sent, without what API Gateway consumes and with what it adds."""
    kept = [
        (name.decode("latin-1").title(), value.decode("latin-1"))
        for name, value in scope["headers"]
        if not name.startswith(_CONSUMED)
    ]
    host, port = scope["client"][0], str(scope["server"][1])
    added = [
        ("X-Amzn-Trace-Id", trace_id),
        ("X-Forwarded-For", host),
        ("X-Forwarded-Port", port),
        ("X-Forwarded-Proto", scope["scheme"]),
    ]
    return [*kept, *added]


def extended_id(request_id: str) -> str:
    """What API Gateway sends as x-amz-apigw-id."""
    return base64.b64encode(uuid.UUID(request_id).bytes[:11]).decode()


def _trace_id(now: float) -> str:
    return f"Root=1-{int(now):08x}-{uuid.uuid4().hex[:24]}"
