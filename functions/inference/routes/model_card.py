"""GET /v{major}/model: the model card."""

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from functions.inference.envelope import observation_of
from functions.inference.reading import time_left
from functions.inference.routes.documented import answers
from functions.inference.routes.predictions import asked_contract
from functions.inference.schemas import CoverageFact, ModelCard, identity
from functions.inference.service import Service
from functions.inference.settings import Pin
from functions.inference.writing import json_response
from model_store.artifact.manifest import Manifest
from model_store.contract import Contract, model_path


def model_card_routes(service: Service) -> APIRouter:
    router = APIRouter(tags=["model"])

    @router.get(model_path("{major}"), openapi_extra=answers("ModelCard", 503))
    async def model_card(request: Request) -> Response:
        """What this model takes and answers, how good it was, and where it comes from."""
        manifest = service.manifest(time_left(request, service.limits))
        contract = asked_contract(request, service).contract or manifest.contract
        card = describe(manifest, contract, service.pin, observation_of(request).request_id)
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
