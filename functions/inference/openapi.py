"""The OpenAPI document: the routes as FastAPI knows them, the schemas from the contract."""

from typing import Annotated, Any, Literal

from fastapi.openapi.utils import get_openapi
from pydantic import BaseModel, ConfigDict, Field, create_model
from pydantic.json_schema import models_json_schema
from starlette.routing import BaseRoute

from functions.inference import schemas
from functions.inference.open_inference import messages
from functions.inference.options import Options
from functions.inference.service import Service
from model_store.artifact.manifest import Manifest
from model_store.contract import Contract, request_model

ANSWERS: tuple[type[BaseModel], ...] = (
    schemas.PredictionResponse,
    schemas.ModelCard,
    schemas.Health,
    schemas.ProblemDetails,
    messages.InferResponse,
    messages.ModelMetadata,
    messages.ServerMetadata,
    messages.ServerLive,
    messages.ServerReady,
)
_REF = "#/components/schemas/{model}"


def describe(service: Service, routes: list[BaseRoute]) -> dict[str, Any]:
    """OpenAPI 3.1 of what is served now; without a contract, rows are plain objects."""
    pin, loaded = service.pin, service.holder.model
    manifest = loaded.manifest if loaded else None
    document = get_openapi(
        title=(manifest.title if manifest else "") or pin.name,
        version=pin.version,
        description=manifest.description if manifest else "",
        routes=routes,
        # Relative to this document: right under any stage, custom domain or local gateway.
        servers=[{"url": "./"}],
    )
    request = request_schema(service.contract, service.limits.rows, manifest)
    document["components"] = {
        "schemas": _components(request),
        "securitySchemes": {"api_key": {"type": "apiKey", "name": "x-api-key", "in": "header"}},
    }
    return document


def request_schema(
    contract: Contract | None, most: int, manifest: Manifest | None
) -> type[BaseModel]:
    """The pydantic model of the body of POST /v1/predictions."""
    row: Any = request_model(contract) if contract else dict[str, Any]
    golden = manifest.golden[:1] if manifest else ()
    examples: list[Any] = [{"instances": [example.row]} for example in golden]
    return create_model(
        "PredictionRequest",
        __config__=ConfigDict(
            extra="forbid", json_schema_extra={"examples": examples} if examples else None
        ),
        instances=(list[row], Field(min_length=1, max_length=most)),
        options=(_options_schema(manifest) | None, Field(default=None)),
    )


def _options_schema(manifest: Manifest | None) -> Any:
    """Options as far as this model takes them: a coverage it was calibrated for, and at least
    the policy's confidence."""
    levels = manifest.conformal.levels if manifest and manifest.conformal else ()
    coverage: Any = Literal[tuple(level.coverage for level in levels)] if levels else None
    least = manifest.policy.least_asked if manifest else 0.0
    confident = manifest is None or manifest.outputs.probabilities is not None
    confidence: Any = Annotated[float, Field(ge=least, le=1)] | None if confident else None
    return create_model(
        "Options",
        __base__=Options,
        coverage=(coverage | None if levels else None, None),
        least_confidence=(confidence, None),
    )


def _components(request: type[BaseModel]) -> dict[str, Any]:
    _, definitions = models_json_schema(
        [
            (request, "validation"),
            (messages.InferRequest, "validation"),
            *((answer, "serialization") for answer in ANSWERS),
        ],
        ref_template=_REF,
    )
    found: dict[str, Any] = definitions["$defs"]
    return found
