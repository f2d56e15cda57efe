"""POST /v{major}/predictions: one or many instances in, as many predictions out."""

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from functions.inference.answering import ROUTE, answered
from functions.inference.envelope import observation_of
from functions.inference.reading import sent_by, time_left
from functions.inference.routes.documented import answers
from functions.inference.routes.responses import response_of
from functions.inference.service import Service


def predictions_routes(service: Service) -> APIRouter:
    router = APIRouter(tags=["predictions"])

    @router.post(
        ROUTE,
        openapi_extra=answers(
            "PredictionResponse", 400, 413, 415, 422, 503, body="PredictionRequest"
        ),
    )
    async def predict(request: Request) -> Response:
        """Predict each instance. `decision` says who answered: the model, a fallback, nobody."""
        major, sent = request.path_params["major"], await sent_by(request, service.limits)
        reply = answered(
            service,
            major,
            sent,
            observation_of(request),
            lambda: time_left(request, service.limits),
        )
        return response_of(reply)

    return router
