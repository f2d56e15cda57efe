"""The ASGI application: routes, errors, documentation, CORS and the envelope around it all."""

from collections.abc import Callable, Sequence

from fastapi import FastAPI
from mangum import Mangum
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from functions.inference.cors import with_cors
from functions.inference.docs_page import docs_page
from functions.inference.envelope import Envelope, observation_of
from functions.inference.problems import PROBLEM_JSON, Problem, problem_of, unrouted
from functions.inference.replies import told
from functions.inference.routes.health import health_routes
from functions.inference.routes.model_card import model_card_routes
from functions.inference.routes.open_inference import OPEN_INFERENCE, open_inference_routes
from functions.inference.routes.predictions import predictions_routes
from functions.inference.routes.responses import response_of
from functions.inference.service import Service
from functions.inference.telemetry import Telemetry
from model_store.errors import LambentError

TEXT = ["text/", "application/json", PROBLEM_JSON]


def adapted(
    service: Service, telemetry: Telemetry, origins: Sequence[str], clock: Callable[[], float]
) -> Mangum:
    """All that is served, for events of API Gateway."""
    app = create_app(service, telemetry, origins, clock)
    return Mangum(app, lifespan="off", text_mime_types=TEXT)


def create_app(
    service: Service, telemetry: Telemetry, origins: Sequence[str], clock: Callable[[], float]
) -> Envelope:
    """All that is served, ready for any ASGI server."""
    app = create_api(service)
    return Envelope(with_cors(app, origins), service, telemetry, clock)


def create_api(service: Service) -> FastAPI:
    app = FastAPI(
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        # A redirect would name the path without the stage.
        redirect_slashes=False,
        exception_handlers={
            LambentError: _refuse,
            HTTPException: _refuse_route,
            Exception: _refuse,
        },
        telemetry={"tracing": False, "metrics": False, "logs": False, "operation_spans": False},
    )
    for routes in (
        predictions_routes,
        model_card_routes,
        health_routes,
        open_inference_routes,
    ):
        app.include_router(routes(service))
    _document(app, service)
    return app


def _document(app: FastAPI, service: Service) -> None:
    described: dict[bool, Response] = {}

    @app.get("/openapi.json", include_in_schema=False)
    async def openapi() -> Response:
        """Made once for what is known without the model, and once with it."""
        from functions.inference.openapi import describe  # seldom asked for, costly to import

        is_loaded = service.holder.model is not None
        if is_loaded not in described:
            described[is_loaded] = JSONResponse(describe(service, app.routes))
        return Response(described[is_loaded].body, media_type="application/json")

    @app.get("/docs", include_in_schema=False)
    async def docs() -> Response:
        return docs_page(str(service.pin))


async def _refuse(request: Request, error: Exception) -> Response:
    return _told(request, problem_of(error))


async def _refuse_route(request: Request, error: Exception) -> Response:
    if not isinstance(error, HTTPException):
        return await _refuse(request, error)
    return _told(request, unrouted(error.status_code, error.headers or {}) or problem_of(error))


def _told(request: Request, problem: Problem) -> Response:
    more: dict[str, str] = {}
    if request.url.path.startswith(OPEN_INFERENCE):
        more["error"] = f"{problem.kind.title}: {problem.detail}"  # what V2 clients look for
    return response_of(told(problem, observation_of(request), **more))
