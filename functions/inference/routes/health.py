"""Is the process up, and can it answer from the model?"""

from typing import Literal

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from functions.inference.envelope import observation_of
from functions.inference.reading import time_left
from functions.inference.routes.documented import answers
from functions.inference.routes.responses import json_response
from functions.inference.schemas import Health
from functions.inference.service import Service


def health_routes(service: Service) -> APIRouter:
    router = APIRouter(prefix="/health", tags=["health"])

    @router.get("/live", openapi_extra=answers("Health"))
    async def live(request: Request) -> Response:
        """The process is up."""
        return _healthy(request, "live")

    @router.get("/ready", openapi_extra=answers("Health", 503))
    async def ready(request: Request) -> Response:
        """The model is loaded; 503 says why it is not. A fallback may answer meanwhile."""
        service.manifest(time_left(request, service.limits))
        return _healthy(request, "ready")

    return router


def _healthy(request: Request, status: Literal["live", "ready"]) -> Response:
    health = Health(status=status, request_id=observation_of(request).request_id)
    return json_response(health)
