"""POST /v{major}/predictions: one or many instances in, as many predictions out."""

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from functions.inference.contracts import Served
from functions.inference.envelope import note, observation_of
from functions.inference.errors import InvalidRequest
from functions.inference.options import read_options
from functions.inference.reading import read_object, time_left
from functions.inference.routes.documented import answers
from functions.inference.schemas import PredictionResponse, identity
from functions.inference.service import Service
from functions.inference.writing import json_response
from model_store.contract import Code, Violation, predictions_path

LONGEST_NAME = 64


def predictions_routes(service: Service) -> APIRouter:
    router = APIRouter(tags=["predictions"])

    @router.post(
        predictions_path("{major}"),
        openapi_extra=answers(
            "PredictionResponse", 400, 413, 415, 422, 503, body="PredictionRequest"
        ),
    )
    async def predict(request: Request) -> Response:
        """Predict each instance. `decision` says who answered: the model, a fallback, nobody."""
        served = asked_contract(request, service)
        document = await read_object(request, service.limits)
        rows, options = instances(document), read_options(document.get("options"))
        found = service.predict(rows, lambda: time_left(request, service.limits), options, served)
        note(request, found)
        # Each prediction was checked when it was made; a batch is not checked again.
        response = PredictionResponse.model_construct(
            predictions=found.predictions,
            model=identity(service.pin, served.contract),
            request_id=observation_of(request).request_id,
        )
        return json_response(response)

    return router


def asked_contract(request: Request, service: Service) -> Served:
    """What the path names, kept for the envelope; raises NoSuchContract."""
    major, observation = request.path_params["major"], observation_of(request)
    served = service.served_at(major, time_left(request, service.limits))
    observation.contract = served.contract
    observation.route = request.scope["route"].path.replace("{major}", major)
    return served


def shown(name: str) -> str:
    """A member's name if it looks like one: free text may be personal data, and long."""
    return name if name.isidentifier() and len(name) <= LONGEST_NAME else "?"


def instances(document: dict[str, object]) -> list[object]:
    """The rows of a request body; raises InvalidRequest."""
    found = document.get("instances")
    violations = [
        Violation((shown(name),), Code.UNKNOWN_FIELD, "is not expected")
        for name in list(document)[:10]
        if name not in ("instances", "options")
    ]
    if not isinstance(found, list) or not found:
        code = Code.WRONG_TYPE if "instances" in document else Code.MISSING
        violations.append(Violation(("instances",), code, "must be a list of at least one object"))
        raise InvalidRequest(violations)
    if violations:
        raise InvalidRequest(violations)
    return found
