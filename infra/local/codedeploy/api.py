"""CodeDeploy's API over HTTP, in JSON 1.1."""

import asyncio
import json
import uuid
from collections.abc import Callable
from concurrent.futures import Executor
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.types import Receive, Scope, Send

from infra.local.calls import region_of
from infra.local.codedeploy.actions import answer
from infra.local.codedeploy.errors import CodeDeployError
from infra.local.codedeploy.service import CodeDeploy

TARGET = "CodeDeploy_20141006."


class CodeDeployApi:
    """ASGI application for requests whose X-Amz-Target begins with TARGET.

    `client`: service and region → boto3 client of the embedded AWS.
    """

    def __init__(
        self,
        client: Callable[[str, str], Any],
        clock: Callable[[], float],
        time_scale: float,
        executor: Executor,
        region: str,
    ) -> None:
        self._client, self._clock, self._time_scale = client, clock, time_scale
        self._executor, self._region = executor, region
        self._services: dict[str, CodeDeploy] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        action = request.headers["x-amz-target"].removeprefix(TARGET)
        service = self._service(region_of(request.headers, self._region))
        asked = json.loads(await request.body() or b"{}")
        loop = asyncio.get_running_loop()
        try:
            found = await loop.run_in_executor(self._executor, answer, service, action, asked)
            response = JSONResponse(found)
        except CodeDeployError as error:
            response = JSONResponse({"__type": error.code, "message": str(error)}, 400)
        await response(scope, receive, send)

    def tick(self) -> None:
        for service in list(self._services.values()):
            service.tick()

    def _service(self, region: str) -> CodeDeploy:
        if region not in self._services:
            self._services[region] = CodeDeploy(
                lambda name: self._client(name, region),
                self._clock,
                self._time_scale,
                lambda: uuid.uuid4().hex,
            )
        return self._services[region]
