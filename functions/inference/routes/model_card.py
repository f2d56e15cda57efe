"""GET /v{major}/model: the model card."""

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from functions.inference.answering import asked_contract
from functions.inference.envelope import observation_of
from functions.inference.reading import time_left
from functions.inference.routes.documented import answers
from functions.inference.routes.responses import json_response
from functions.inference.schemas import CoverageFact, ModelCard, identity
from functions.inference.service import Service
from functions.inference.settings import Pin
from model_store.artifact.manifest import Manifest
from model_store.contract import Contract, model_path

CARD = model_path("{major}")


def model_card_routes(service: Service) -> APIRouter:
    router = APIRouter(tags=["model"])

    @router.get(CARD, openapi_extra=answers("ModelCard", 503))
    async def model_card(request: Request) -> Response:
        """What this model takes and answers, how good it was, and where it comes from."""
        left, observation = time_left(request, service.limits), observation_of(request)
        manifest = service.manifest(left)
        major = request.path_params["major"]
        served = asked_contract(service, CARD, major, observation, left)
        contract = served.contract or manifest.contract
        card = describe(manifest, contract, service.pin, observation.request_id)
        return json_response(card)

    return router


def describe(manifest: Manifest, contract: Contract, pin: Pin, request_id: str) -> ModelCard:
    """contract: which its callers know."""
    return ModelCard(
        model=identity(pin, contract),
        title=manifest.title,
        description=manifest.description,
        task=manifest.task,
        labels=list(manifest.labels),
        unit=manifest.unit,
        features=[feature.model_dump(mode="json") for feature in contract.features],
        fallbacks=[link.kind for link in manifest.fallbacks],
        contact=manifest.policy.contact,
        calibration=manifest.calibration.method if manifest.calibration else None,
        coverage=[
            CoverageFact(coverage=level.coverage, observed=level.observed)
            for level in (manifest.conformal.levels if manifest.conformal else ())
        ],
        metrics=manifest.metrics,
        parity=manifest.parity.model_dump(mode="json", exclude={"tried"}),
        provenance=manifest.provenance.model_dump(mode="json"),
        request_id=request_id,
    )
