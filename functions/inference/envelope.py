"""What every request gets, whatever becomes of it: an id, identity headers, one log line."""

import re
from collections.abc import Callable
from typing import Any
from uuid import uuid4

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from functions.inference.observation import Observation
from functions.inference.service import Outcome, Service
from functions.inference.telemetry import Telemetry
from model_store.contract import Contract
from model_store.gateway_event import REHEARSAL
from model_store.predictions import AbstainPrediction

_UUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_KEY = "lambent.observation"


def observation_of(request: Request) -> Observation:
    found: Observation = request.scope[_KEY]
    return found


def note(request: Request, outcome: Outcome) -> None:
    """Keep for telemetry what was answered."""
    observation = observation_of(request)
    observation.predictions, observation.failure = outcome.predictions, outcome.failure
    observation.codes = tuple(
        sorted(
            {
                error.code
                for prediction in outcome.predictions
                if isinstance(prediction, AbstainPrediction)
                for error in prediction.errors
            }
        )
    )


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
        observation = Observation(request_id(scope), scope["method"], self._clock())
        observation.through_live = came_through_live(scope)
        observation.is_rehearsal = _gateway(scope).get("stage") == REHEARSAL
        scope[_KEY] = observation

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
        headers["X-Request-Id"] = observation.request_id
        for name, value in identity_of(self._service, observation.contract).items():
            headers[name] = value
        headers.setdefault("Cache-Control", "no-store")
        headers["X-Content-Type-Options"] = "nosniff"


def identity_of(service: Service, contract: Contract | None = None) -> dict[str, str]:
    """Headers of every answer: which model, which contract (the model's own by default)."""
    contract = contract or service.contract
    known = f"{contract.version}+{contract.digest[:12]}" if contract else "unknown"
    return {"Lambent-Model": str(service.pin), "Lambent-Contract": known}


def request_id(scope: Scope) -> str:
    """The caller's if it is a UUID (anything else could be personal data), else the gateway's."""
    sent = Headers(scope=scope).get("x-request-id", "")
    if _UUID.fullmatch(sent):
        return sent
    given = _gateway(scope).get("requestId")
    return str(given) if given else str(uuid4())


def _gateway(scope: Scope) -> dict[str, Any]:
    """What API Gateway, and no caller, says about a request."""
    event: dict[str, Any] = scope.get("aws.event") or {}
    context: dict[str, Any] = event.get("requestContext") or {}
    return context


def came_through_live(scope: Scope) -> bool:
    """Whether Lambda was asked for the alias that callers meet, rather than for one version."""
    arn: str = getattr(scope.get("aws.context"), "invoked_function_arn", "") or ""
    return arn.rpartition(":")[2] == "live"
