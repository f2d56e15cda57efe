"""The local API Gateway: an ASGI application below /_aws/execute-api/{api}/{stage}/."""

import asyncio
import json
import logging
import re
import time
import uuid
from collections.abc import Callable
from concurrent.futures import Executor
from typing import Any

from infra.local import http, metrics, moto_cloudwatch
from infra.local.api_gateway import access_log, errors, event, permissions, proxy_response
from infra.local.api_gateway.authorizers import Authorizers
from infra.local.api_gateway.errors import GatewayError
from infra.local.api_gateway.exchange import Exchange, extended_id, routed
from infra.local.api_gateway.model import LambdaProxy, Mock
from infra.local.api_gateway.request import Request
from infra.local.api_gateway.stages import Stages
from infra.local.api_gateway.usage import Usage
from infra.local.lambda_service.errors import InvokeError
from infra.local.lambda_service.functions import Reference
from infra.local.lambda_service.service import Call, LambdaService

PREFIX = "/_aws/execute-api/"
_PATH = re.compile(rf"^{PREFIX}(?P<api>[^/]+)/(?P<stage>[^/]+)(?P<path>/.*)?$")
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
        exchange = Exchange(scope, str(uuid.uuid4()), self._clock())
        try:
            status, headers, body = await self._handle(exchange, receive)
        except GatewayError as error:
            level = logging.WARNING if error.kind.status >= 500 else logging.INFO
            _LOG.log(level, "%s %s %s", exchange.request_id, scope["path"], error)
            exchange.error = error
            status, headers, body = _error_answer(error, exchange)
        identifiers = _identifiers(exchange.request_id)
        await http.respond(send, status, [*headers, *identifiers], body)
        self._record(exchange, status, len(body))

    async def _handle(self, exchange: Exchange, receive: http.Receive) -> HttpAnswer:
        api_id, stage_name, path = _split(exchange.scope)
        exchange.stage = self._stages.find(api_id, stage_name)
        exchange.request = await routed(exchange, exchange.stage, path, receive)
        return await self._answer(exchange.request)

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
        proxied = event.proxy_event(request)
        payload, error = self._invoke(function, proxied, request, request.method_arn)
        if error is not None:
            raise GatewayError(errors.BAD_PROXY_RESPONSE, payload.decode(errors="replace"))
        status, headers, body = proxy_response.to_http(payload, request)
        return status, [*headers, ("X-Amzn-Trace-Id", request.trace_id)], body

    def _invoke(
        self, function: str, payload: dict[str, Any], request: Request, caller: str
    ) -> tuple[bytes, str | None]:
        """`caller` is the ARN of the method or authorizer that asks."""
        try:
            reference = Reference.parse(function, request.stage.region)
            permissions.check(reference, request.stage.account, caller)
            event_bytes = json.dumps(payload).encode()
            result = self._functions.invoke(Call(reference, event_bytes, trace_id=request.trace_id))
        except InvokeError as error:
            too_large = error.status == errors.REQUEST_TOO_LARGE.status
            kind = errors.REQUEST_TOO_LARGE if too_large else errors.CONFIGURATION_ERROR
            raise GatewayError(kind, f"Lambda: {error.type}: {error.message}") from error
        return result.payload, result.function_error

    def _record(self, exchange: Exchange, status: int, length: int) -> None:
        stage, now = exchange.stage, self._clock()
        if stage is None:
            return
        latency_ms = (now - exchange.at) * 1000
        data = metrics.of_request(stage.api_name, stage.name, status, latency_ms, now)
        moto_cloudwatch.put(stage.account, stage.region, data)
        access_log.write(stage, exchange.values(status, length, latency_ms), now)


async def _in_time(running: "asyncio.Future[HttpAnswer]", timeout_s: float) -> HttpAnswer:
    """The function runs on after a timeout, as it does in AWS; its answer is not awaited."""
    try:
        return await asyncio.wait_for(asyncio.shield(running), timeout_s)
    except TimeoutError as error:
        running.add_done_callback(lambda done: done.exception())
        raise GatewayError(errors.INTEGRATION_TIMEOUT, f"after {timeout_s:g} s") from error


def _error_answer(error: GatewayError, exchange: Exchange) -> HttpAnswer:
    customised = exchange.stage.api.gateway_responses if exchange.stage else {}

    def header(expression: str) -> str | None:
        return http.header(exchange.scope, expression.removeprefix("method.request.header."))

    status, headers, body = errors.render(error.kind, customised, exchange.request_id, header)
    return status, list(headers.items()), body


def _split(scope: http.Scope) -> tuple[str, str, str]:
    match = _PATH.match(scope["raw_path"].decode("latin-1"))
    return (match["api"], match["stage"], match["path"] or "/") if match else ("", "", "/")


def _identifiers(request_id: str) -> list[tuple[str, str]]:
    return [("x-amzn-RequestId", request_id), ("x-amz-apigw-id", extended_id(request_id))]
