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

from starlette.requests import Request as HttpRequest
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from infra.local import moto_state
from infra.local.api_gateway import errors, proxy
from infra.local.api_gateway.access import Authorizers, Usage
from infra.local.api_gateway.errors import GatewayError
from infra.local.api_gateway.openapi import Method
from infra.local.api_gateway.proxy import Request, extended_id
from infra.local.api_gateway.stages import Stages, log_access
from infra.local.cloudwatch import metrics
from infra.local.lambda_service.functions import InvokeError, Reference, RequestTooLarge
from infra.local.lambda_service.service import Call, LambdaService
from infra.local.lambda_service.triggers import may_invoke

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

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        http, request_id, request = HttpRequest(scope, receive), str(uuid.uuid4()), None
        error: GatewayError | None = None
        try:
            request = self._request(http, request_id)
            status, headers, body = await self._answer(request)
        except Exception as found:  # noqa: BLE001 - a bug here is told as the gateway tells its own
            error = _as_gateway_error(found)
            level = logging.WARNING if error.kind.status >= 500 else logging.INFO
            _LOG.log(level, "%s %s %s", request_id, scope["path"], error)
            status, headers, body = _refusal(error, http, request_id, request)
        identifiers = [
            ("x-amzn-RequestId", request_id),
            ("x-amz-apigw-id", extended_id(request_id)),
        ]
        response = Response(body, status)
        for name, value in (*headers, *identifiers):
            response.headers.append(name, value)
        await response(scope, receive, send)
        if request is not None:
            self._record(request, error, status, len(body))

    def _request(self, http: HttpRequest, request_id: str) -> Request:
        found = _PATH.match(http.scope["raw_path"].decode("latin-1"))
        api_id, stage, path = found.group("api", "stage", "path") if found else ("", "", "/")
        at = self._clock()
        return Request(http, self._stages.find(api_id, stage), path or "/", request_id, at)

    async def _answer(self, request: Request) -> HttpAnswer:
        method = request.route()
        await request.read_body()
        loop = asyncio.get_running_loop()
        await loop.run_in_executor(self._executor, self._admit, method, request)
        running = loop.run_in_executor(self._executor, self._proxy, method, request)
        return await _in_time(running, method.integration.timeout_s)

    def _admit(self, method: Method, request: Request) -> None:
        key = None
        if method.authorizer is not None:
            key = self._authorizers.authorize(method.authorizer, request)
        if request.stage.api_key_source != "AUTHORIZER":
            key = request.header("x-api-key")
        if method.api_key_required:
            self._usage.spend_key(request, key)
        self._usage.throttle_stage(request)

    def _proxy(self, method: Method, request: Request) -> HttpAnswer:
        function, event = method.integration.function, proxy.event(request)
        payload, error = self._invoke(function, event, request, request.method_arn)
        if error is not None:
            raise GatewayError(errors.BAD_PROXY_RESPONSE, payload.decode(errors="replace"))
        status, headers, body = proxy.answer(payload, request)
        return status, [*headers, ("X-Amzn-Trace-Id", request.trace_id)], body

    def _invoke(
        self, function: str, payload: dict[str, Any], request: Request, caller: str
    ) -> tuple[bytes, str | None]:
        """`caller` is the ARN of the method or authorizer that asks."""
        try:
            reference = Reference.parse(function, request.stage.region)
            _check_permission(reference, request.stage.account, caller)
            event = json.dumps(payload).encode()
            result = self._functions.invoke(Call(reference, event, trace_id=request.trace_id))
        except InvokeError as error:
            too_large = isinstance(error, RequestTooLarge)
            kind = errors.REQUEST_TOO_LARGE if too_large else errors.CONFIGURATION_ERROR
            raise GatewayError(kind, f"Lambda: {error.type}: {error.message}") from error
        return result.payload, result.function_error

    def _record(
        self, request: Request, error: GatewayError | None, status: int, length: int
    ) -> None:
        stage, now = request.stage, self._clock()
        latency_ms = (now - request.at) * 1000
        data = metrics.of_request(stage.api_name, stage.name, status, latency_ms, now)
        moto_state.put_metrics(stage.account, stage.region, data)
        measured = {"status": status, "responseLength": length, "responseLatency": int(latency_ms)}
        kind = error and {"responseType": error.kind.response_type, "message": error.kind.message}
        log_access(stage, {**request.context(), **measured, "error": kind}, now)


def _as_gateway_error(found: Exception) -> GatewayError:
    if isinstance(found, GatewayError):
        return found
    _LOG.error("Unexpected, please report it", exc_info=found)
    return GatewayError(errors.CONFIGURATION_ERROR, f"{type(found).__name__}: {found}")


async def _in_time(running: "asyncio.Future[HttpAnswer]", timeout_s: float) -> HttpAnswer:
    """The function runs on after a timeout, as it does in AWS; its answer is not awaited."""
    try:
        return await asyncio.wait_for(asyncio.shield(running), timeout_s)
    except TimeoutError as error:
        running.add_done_callback(lambda done: done.exception())
        raise GatewayError(errors.INTEGRATION_TIMEOUT, f"after {timeout_s:g} s") from error


def _refusal(
    error: GatewayError, http: HttpRequest, request_id: str, request: Request | None
) -> HttpAnswer:
    customised = request.stage.api.gateway_responses if request else {}

    def header(expression: str) -> str | None:
        return http.headers.get(expression.removeprefix("method.request.header."))

    status, headers, body = errors.render(error.kind, customised, request_id, header)
    return status, list(headers.items()), body


def _check_permission(function: Reference, account: str, caller: str) -> None:
    """Whether the function's resource policy lets the API. Raises GatewayError: 500, as on AWS."""
    if not may_invoke(function, account, "apigateway.amazonaws.com", caller):
        raise GatewayError(
            errors.CONFIGURATION_ERROR,
            "Execution failed due to configuration error: Invalid permissions on Lambda function "
            f"{function.arn(account)}: no AWS::Lambda::Permission lets {caller} invoke it",
        )
