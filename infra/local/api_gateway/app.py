"""The local API Gateway: an ASGI application below /_aws/execute-api/{api}/{stage}/."""

import asyncio
import base64
import json
import logging
import re
import time
import uuid
from collections.abc import Callable
from concurrent.futures import Executor
from typing import Any

from infra.local import http, metrics
from infra.local.api_gateway import errors, event, proxy_response, routes
from infra.local.api_gateway.authorizers import Authorizers
from infra.local.api_gateway.errors import GatewayError
from infra.local.api_gateway.model import LambdaProxy, Mock, Stage
from infra.local.api_gateway.request import Request, parse_query
from infra.local.api_gateway.stages import Stages
from infra.local.api_gateway.usage import Usage
from infra.local.lambda_service.errors import InvokeError
from infra.local.lambda_service.functions import Reference
from infra.local.lambda_service.service import Call, LambdaService

PREFIX = "/_aws/execute-api/"
MAX_BODY_BYTES = 10 * 1024 * 1024
_PATH = re.compile(rf"^{PREFIX}(?P<api>[^/]+)/(?P<stage>[^/]+)(?P<path>/.*)?$")
_CONSUMED = (b"x-forwarded-", b"x-amzn-trace-id", b"content-length", b"connection", b"transfer-")
_LOG = logging.getLogger("lambent.api_gateway")
HttpAnswer = tuple[int, list[tuple[str, str]], bytes]


class ApiGateway:
    """REST APIs of one embedded AWS. Blocking work runs on `executor`'s threads."""

    def __init__(
        self,
        functions: LambdaService,
        executor: Executor,
        account: str,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._functions = functions
        self._executor = executor
        self._clock = clock
        self._stages = Stages(account)
        self._usage = Usage(clock)
        self._authorizers = Authorizers(self._invoke, clock)

    async def __call__(self, scope: http.Scope, receive: http.Receive, send: http.Send) -> None:
        started, request_id = time.monotonic(), str(uuid.uuid4())
        api_id, stage_name, path = _split(scope)
        stage: Stage | None = None
        try:
            stage = self._stages.find(api_id, stage_name)
            request = await self._request(scope, receive, stage, path, request_id)
            status, headers, body = await self._answer(request)
        except GatewayError as error:
            _LOG.info("%s %s", request_id, error)
            status, headers, body = _error_answer(error, stage, scope, request_id)
        await http.respond(send, status, [*headers, *_identifiers(request_id)], body)
        if stage is not None:
            self._count(stage, status, time.monotonic() - started)

    async def _answer(self, request: Request) -> HttpAnswer:
        loop = asyncio.get_running_loop()
        await loop.run_in_executor(self._executor, self._admit, request)
        match request.method.integration:
            case Mock(status, headers, body):
                typed = {"Content-Type": "application/json", **headers}
                return status, list(typed.items()), body.encode()
            case LambdaProxy(function, timeout_s):
                running = loop.run_in_executor(self._executor, self._proxy, function, request)
                return await _in_time(running, timeout_s)

    def _admit(self, request: Request) -> None:
        sent_key = self._authorizers.authorize(request)
        if request.stage.api_key_source != "AUTHORIZER":
            sent_key = request.header("x-api-key")
        self._usage.admit(request, sent_key)

    def _proxy(self, function: str, request: Request) -> HttpAnswer:
        payload, error = self._invoke(function, event.proxy_event(request), request)
        if error is not None:
            raise GatewayError(errors.BAD_PROXY_RESPONSE, payload.decode(errors="replace"))
        status, headers, body = proxy_response.to_http(payload, request)
        return status, [*headers, ("X-Amzn-Trace-Id", request.trace_id)], body

    def _invoke(
        self, function: str, payload: dict[str, Any], request: Request
    ) -> tuple[bytes, str | None]:
        call = Call(
            reference=Reference.parse(function, request.stage.region),
            payload=json.dumps(payload).encode(),
            trace_id=request.trace_id,
        )
        try:
            result = self._functions.invoke(call)
        except InvokeError as error:
            too_large = error.status == errors.REQUEST_TOO_LARGE.status
            kind = errors.REQUEST_TOO_LARGE if too_large else errors.CONFIGURATION_ERROR
            raise GatewayError(kind, f"Lambda: {error.type}: {error.message}") from error
        return result.payload, result.function_error

    async def _request(
        self,
        scope: http.Scope,
        receive: http.Receive,
        stage: Stage,
        path: str,
        request_id: str,
    ) -> Request:
        found = routes.match(stage.api.resources, path)
        method = found.resource.method(scope["method"]) if found else None
        if found is None or method is None:
            raise GatewayError(errors.MISSING_AUTHENTICATION_TOKEN, f"{scope['method']} {path}")
        now = self._clock()
        trace_id = http.header(scope, "x-amzn-trace-id") or _trace_id(now)
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
            extended_request_id=_extended_id(request_id),
            trace_id=trace_id,
            at=now,
            resource=found.resource,
            method=method,
            path_parameters=found.parameters,
        )

    def _count(self, stage: Stage, status: int, seconds: float) -> None:
        data = metrics.of_request(stage.api_name, stage.name, status, seconds * 1000, self._clock())
        metrics.put(stage.account, stage.region, data)


async def _in_time(running: "asyncio.Future[HttpAnswer]", timeout_s: float) -> HttpAnswer:
    """The function runs on after a timeout, as it does in AWS; its answer is not awaited."""
    try:
        return await asyncio.wait_for(asyncio.shield(running), timeout_s)
    except TimeoutError as error:
        running.add_done_callback(lambda done: done.exception())
        raise GatewayError(errors.INTEGRATION_TIMEOUT, f"after {timeout_s:g} s") from error


async def _body(receive: http.Receive) -> bytes:
    try:
        return await http.read_body(receive, MAX_BODY_BYTES)
    except http.BodyTooLargeError as error:
        raise GatewayError(errors.REQUEST_TOO_LARGE) from error


def _error_answer(
    error: GatewayError, stage: Stage | None, scope: http.Scope, request_id: str
) -> HttpAnswer:
    customised = stage.api.gateway_responses if stage else {}

    def lookup(expression: str) -> str | None:
        prefix, _, name = expression.rpartition(".")
        return http.header(scope, name) if prefix == "method.request.header" else None

    status, headers, body = errors.render(error.kind, customised, request_id, lookup)
    return status, list(headers.items()), body


def _split(scope: http.Scope) -> tuple[str, str, str]:
    match = _PATH.match(scope["raw_path"].decode("latin-1"))
    return (match["api"], match["stage"], match["path"] or "/") if match else ("", "", "/")


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


def _identifiers(request_id: str) -> list[tuple[str, str]]:
    return [("x-amzn-RequestId", request_id), ("x-amz-apigw-id", _extended_id(request_id))]


def _extended_id(request_id: str) -> str:
    return base64.b64encode(uuid.UUID(request_id).bytes[:11]).decode()


def _trace_id(now: float) -> str:
    return f"Root=1-{int(now):08x}-{uuid.uuid4().hex[:24]}"
