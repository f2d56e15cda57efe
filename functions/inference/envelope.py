"""What every request gets, whatever becomes of it: an id, identity headers, one log line."""

from collections.abc import Callable
from typing import Any

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from functions.inference.identity import NOT_KEPT, headers_of, observed
from functions.inference.observation import Observation
from functions.inference.service import Service
from functions.inference.telemetry import Telemetry

_KEY = "lambent.observation"


def observation_of(request: Request) -> Observation:
    found: Observation = request.scope[_KEY]
    return found


class Envelope:
    """ASGI middleware around FastAPI; clock: monotonic seconds."""

    def __init__(
        self, app: ASGIApp, service: Service, telemetry: Telemetry, clock: Callable[[], float]
    ) -> None:
        self._app, self._service, self._telemetry = app, service, telemetry
        self._clock = clock

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        observation = scope[_KEY] = begun(scope, self._clock())

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                observation.status = message["status"]
                self._identify(MutableHeaders(scope=message), observation)
            await send(message)

        try:
            await self._app(scope, receive, send_with_headers)
        except Exception as error:
            self._telemetry.crashed(error)
            if not observation.status:
                raise
            # Starlette has answered 500 by our handler, and raises again for the server's log.
        finally:
            observation.manifest = self._service.holder.manifest
            observation.route = observation.route or getattr(scope.get("route"), "path", "none")
            self._telemetry.ended(observation)

    def _identify(self, headers: MutableHeaders, observation: Observation) -> None:
        for name, value in headers_of(self._service, observation).items():
            headers[name] = value
        for name, value in NOT_KEPT.items():
            headers.setdefault(name, value)


def begun(scope: Scope, started: float) -> Observation:
    event: dict[str, Any] = scope.get("aws.event") or {}
    sent_id = Headers(scope=scope).get("x-request-id", "")
    asked = event.get("requestContext") or {}
    return observed(scope["method"], sent_id, asked, scope.get("aws.context"), started)
