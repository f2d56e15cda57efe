"""Lambda's Invoke operation over HTTP. https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html"""

import asyncio
import base64
import re
import uuid
from concurrent.futures import Executor
from urllib.parse import unquote

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.types import Receive, Scope, Send

from infra.local.calls import region_of
from infra.local.lambda_service.functions import (
    InvokeError,
    Reference,
    Target,
    UnsupportedCall,
)
from infra.local.lambda_service.service import Call, LambdaService, Result

PATH = re.compile(r"/2015-03-31/functions/[^/]+/invocations/?")
NOT_SUPPORTED = re.compile(
    r"/20[\d-]{8}/(functions/[^/]+/)?(?P<what>event-invoke-config|event-source-mappings|invoke-async"
    r"|provisioned-concurrency|response-streaming-invocations|url)(/.*)?"
)
"""What moto does not know, or takes without effect."""
INVOCATION_TYPES = ("RequestResponse", "Event", "DryRun")


def refused(path: str) -> Response | None:
    """The answer to a call that is NOT_SUPPORTED."""
    found = NOT_SUPPORTED.fullmatch(path)
    return found and _refusal(UnsupportedCall(found["what"]))


def _refusal(error: InvokeError) -> Response:
    document = {"Reason": error.reason, "Type": "User", "Message": error.message}
    return JSONResponse(document, error.status, {"x-amzn-ErrorType": error.type})


class InvokeApi:
    """ASGI application for PATH. Functions run on `executor`'s threads."""

    def __init__(self, service: LambdaService, executor: Executor, region: str) -> None:
        self._service = service
        self._executor = executor
        self._region = region

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request_id = str(uuid.uuid4())
        try:
            response = await self._invoke(Request(scope, receive), request_id)
        except InvokeError as error:
            response = _refusal(error)
        response.headers["x-amzn-RequestId"] = request_id
        await response(scope, receive, send)

    async def _invoke(self, request: Request, request_id: str) -> Response:
        call = self._call(request, await request.body(), request_id)
        target = self._service.resolve(call)
        if call.invocation_type == "DryRun":
            return Response(status_code=204)
        running = self._start(call, target)
        if call.invocation_type == "Event":
            # Refused later: it is counted in the metrics, and there is nobody to tell.
            running.add_done_callback(lambda done: done.exception())
            return Response(status_code=202)
        result = await running
        headers = {"X-Amz-Executed-Version": result.executed_version}
        if result.function_error:
            headers["X-Amz-Function-Error"] = result.function_error
        if request.headers.get("x-amz-log-type") == "Tail":
            headers["X-Amz-Log-Result"] = base64.b64encode(result.log_tail).decode()
        return Response(result.payload, 200, headers, "application/json")

    def _start(self, call: Call, target: Target) -> asyncio.Future[Result]:
        loop = asyncio.get_running_loop()
        return loop.run_in_executor(self._executor, self._service.run, call, target)

    def _call(self, request: Request, payload: bytes, request_id: str) -> Call:
        sent = request.headers
        name = request.scope["raw_path"].decode("latin-1").split("/")[3]
        region = region_of(sent, self._region)
        context = sent.get("x-amz-client-context")
        kind = sent.get("x-amz-invocation-type", INVOCATION_TYPES[0])
        if kind not in INVOCATION_TYPES:
            raise UnsupportedCall(f"InvocationType {kind}")
        return Call(
            reference=Reference.parse(unquote(name), region, request.query_params.get("Qualifier")),
            payload=payload,
            invocation_type=kind,
            request_id=request_id,
            trace_id=sent.get("x-amzn-trace-id", ""),
            client_context=base64.b64decode(context).decode() if context else None,
        )
