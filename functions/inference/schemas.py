"""What goes over the wire, as typed records: the answers, and their OpenAPI."""

from functools import lru_cache
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from functions.inference.settings import Pin
from model_store.artifact.manifest import Task
from model_store.contract import Contract
from model_store.predictions import Label, Prediction


class Wire(BaseModel):
    # Built when first used: a prediction does not pay for the schema of the model card.
    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)


class ContractIdentity(Wire):
    version: str
    digest: str


class ModelIdentity(Wire):
    """Which model answered: the artifact that this version of the function is pinned to."""

    name: str
    version: str
    digest: Annotated[str, Field(description="SHA-256 of the manifest, which names the model's")]
    contract: Annotated[ContractIdentity | None, Field(description="null: not known right now")]


class PredictionResponse(Wire):
    """One prediction per instance, in order."""

    predictions: list[Prediction]
    model: ModelIdentity
    request_id: str


class CoverageFact(Wire):
    """A coverage that may be asked for, and the share that was covered on held-out rows."""

    coverage: float
    observed: float | None


class ModelCard(Wire):
    """What this model is, how good it was on held-out data, and where it comes from.

    Not how it decides: thresholds, costs and rules are its owner's (threats ML01, ML03 to ML05).
    """

    model: ModelIdentity
    title: str
    description: str
    task: Task
    labels: list[Label]
    unit: str | None
    features: Annotated[list[dict[str, Any]], Field(description="The contract's, in order")]
    fallbacks: Annotated[list[str], Field(description="Kinds, in the order they are asked")]
    contact: Annotated[str, Field(description="Where people ask for human review")]
    calibration: Annotated[str | None, Field(description="How probabilities were calibrated")]
    coverage: list[CoverageFact]
    metrics: dict[str, float]
    parity: dict[str, Any]
    provenance: dict[str, Any]
    request_id: str


class Health(Wire):
    status: Literal["live", "ready"]
    request_id: str


class ProblemError(Wire):
    pointer: Annotated[str, Field(description="RFC 6901 JSON pointer into the request")]
    code: str
    message: str


class ProblemDetails(Wire):
    """RFC 9457. Never repeats a value that was sent."""

    type: str
    title: str
    status: int
    detail: str
    instance: Annotated[str, Field(description="The request id")]
    errors: list[ProblemError] | None = None
    error: Annotated[str | None, Field(description="Open Inference Protocol routes only")] = None


def identity(pin: Pin, contract: Contract | None) -> ModelIdentity:
    return _identity(pin, contract.version, contract.digest) if contract else _identity(pin)


@lru_cache(maxsize=16)
def _identity(pin: Pin, version: str | None = None, digest: str = "") -> ModelIdentity:
    known = ContractIdentity(version=version, digest=digest) if version else None
    return ModelIdentity(name=pin.name, version=pin.version, digest=pin.digest, contract=known)
