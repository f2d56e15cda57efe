"""The OpenAPI document: the routes as FastAPI knows them, the schemas from the contract."""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Any, Literal

from fastapi.openapi.utils import get_openapi
from pydantic import BaseModel, ConfigDict, Field, create_model
from pydantic.json_schema import models_json_schema
from starlette.routing import BaseRoute

from functions.inference import schemas
from functions.inference.contracts import UNKNOWN, Served, all_served, majors_of
from functions.inference.open_inference import messages
from functions.inference.options import Options
from functions.inference.service import Service
from model_store.artifact.manifest import Manifest
from model_store.contract import request_model

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
_REQUEST = "PredictionRequest"


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
    older = {major: f"V{major}" for major in majors_of(service.known)[1:]}
    document["paths"] = dict(_paths(document["paths"], majors_of(service.known), older))
    document["components"] = {
        "schemas": _components(_requests(service, manifest, older)),
        "securitySchemes": {"api_key": {"type": "apiKey", "name": "x-api-key", "in": "header"}},
    }
    return document


def _paths(
    paths: dict[str, Any], majors: Sequence[int], older: Mapping[int, str]
) -> Iterator[tuple[str, Any]]:
    """A path for each major version that is served; with a parameter while none is known."""
    for path, item in paths.items():
        if "{major}" not in path:
            yield path, item
        elif not majors:
            yield path, _with_parameter(item)
        for major in majors if "{major}" in path else ():
            text = json.dumps(item).replace("_v_major__", f"_v{major}_")
            request = f"{_REQUEST}{older.get(major, '')}"
            yield path.replace("{major}", str(major)), json.loads(text.replace(_REQUEST, request))


def _with_parameter(item: dict[str, Any]) -> dict[str, Any]:
    major = {"name": "major", "in": "path", "required": True, "schema": {"type": "integer"}}
    return {method: {**operation, "parameters": [major]} for method, operation in item.items()}


def _requests(
    service: Service, manifest: Manifest | None, older: Mapping[int, str]
) -> list[type[BaseModel]]:
    """The pydantic models of the bodies of POST /v{major}/predictions, the newest first."""
    options = _options_schema(manifest)
    served = all_served(service.known) or {0: UNKNOWN}
    return [
        _request_schema(one, older.get(major, ""), service.limits.rows, options, manifest)
        for major, one in served.items()
    ]


def _request_schema(
    served: Served, suffix: str, most: int, options: Any, manifest: Manifest | None
) -> type[BaseModel]:
    row: Any = request_model(served.contract, suffix) if served.contract else dict[str, Any]
    examples = _examples(served, manifest)
    return create_model(
        f"{_REQUEST}{suffix}",
        __config__=ConfigDict(
            extra="forbid", json_schema_extra={"examples": examples} if examples else None
        ),
        instances=(list[row], Field(min_length=1, max_length=most)),
        options=(options | None, Field(default=None)),
    )


def _examples(served: Served, manifest: Manifest | None) -> list[Any]:
    if manifest is None or served.contract is None:
        return []
    older = manifest.accepted(served.contract.major)
    golden = older.golden if older else manifest.golden
    return [{"instances": [example.row]} for example in golden[:1]]


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


def _components(requests: Sequence[type[BaseModel]]) -> dict[str, Any]:
    _, definitions = models_json_schema(
        [
            *((request, "validation") for request in requests),
            (messages.InferRequest, "validation"),
            *((answer, "serialization") for answer in ANSWERS),
        ],
        ref_template=_REF,
    )
    found: dict[str, Any] = definitions["$defs"]
    return found
