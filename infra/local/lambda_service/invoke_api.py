"""Lambda's Invoke operation over HTTP. https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html"""

import asyncio
import base64
import re
import uuid
from concurrent.futures import Executor
from urllib.parse import parse_qs, unquote

from infra.local import http
from infra.local.lambda_service.errors import InvokeError
from infra.local.lambda_service.functions import Reference, Target
from infra.local.lambda_service.service import Call, LambdaService, Result

PATH = re.compile(r"^/2015-03-31/functions/(?P<name>[^/]+)/invocations/?$")
MAX_BODY_BYTES = 64 * 2**20


class InvokeApi:
    """ASGI application for PATH. Functions run on `executor`'s threads."""

    def __init__(self, service: LambdaService, executor: Executor, region: str) -> None:
        self._service = service
        self._executor = executor
        self._region = region
        self._background: set[asyncio.Future[Result]] = set()

    async def __call__(self, scope: http.Scope, receive: http.Receive, send: http.Send) -> None:
        request_id = str(uuid.uuid4())
        try:
            status, headers, payload = await self._invoke(scope, receive, request_id)
        except InvokeError as error:
            document = {"Reason": error.reason, "Type": "User", "Message": error.message}
            headers = {"x-amzn-ErrorType": error.type, "x-amzn-RequestId": request_id}
            await http.respond_json(send, error.status, headers.items(), document)
        else:
            headers |= {"content-type": "application/json", "x-amzn-RequestId": request_id}
            await http.respond(send, status, headers.items(), payload)

    async def _invoke(
        self, scope: http.Scope, receive: http.Receive, request_id: str
    ) -> tuple[int, dict[str, str], bytes]:
        call = await self._call(scope, receive, request_id)
        target = self._service.resolve(call)
        if call.invocation_type == "DryRun":
            return 204, {}, b""
        if call.invocation_type == "Event":
            self._run_in_background(call, target)
            return 202, {}, b""
        loop = asyncio.get_running_loop()
        result = await loop.run_in_executor(self._executor, self._service.run, call, target)
        headers = {"X-Amz-Executed-Version": result.executed_version}
        if result.function_error:
            headers["X-Amz-Function-Error"] = result.function_error
        if http.header(scope, "x-amz-log-type") == "Tail":
            headers["X-Amz-Log-Result"] = base64.b64encode(result.log_tail).decode()
        return 200, headers, result.payload

    async def _call(self, scope: http.Scope, receive: http.Receive, request_id: str) -> Call:
        match = PATH.match(scope["raw_path"].decode("latin-1"))
        if match is None:
            raise ValueError(f"not a path of Invoke: {scope['path']}")
        query = parse_qs(scope["query_string"].decode("latin-1"))
        region = http.signed_region(scope, self._region)
        qualifier = query.get("Qualifier", [None])[-1]
        context = http.header(scope, "x-amz-client-context")
        return Call(
            reference=Reference.parse(unquote(match["name"]), region, qualifier),
            payload=await http.read_body(receive, MAX_BODY_BYTES),
            invocation_type=http.header(scope, "x-amz-invocation-type") or "RequestResponse",
            request_id=request_id,
            trace_id=http.header(scope, "x-amzn-trace-id") or "",
            client_context=base64.b64decode(context).decode() if context else None,
        )

    def _run_in_background(self, call: Call, target: Target) -> None:
        loop = asyncio.get_running_loop()
        future = loop.run_in_executor(self._executor, self._service.run, call, target)
        self._background.add(future)
        future.add_done_callback(self._forget)

    def _forget(self, future: asyncio.Future[Result]) -> None:
        self._background.discard(future)
        # Throttled: it is counted in the metrics, and there is nobody to tell.
        future.exception()
