"""The document that vouches for a model: what it takes, what it answers, which bytes it is."""

import json
from typing import Annotated, Any, Literal, Self

from pydantic import Field, ValidationError, model_validator

from model_store.artifact.facts import (
    Fallback,
    FeatureSummary,
    FileEntry,
    GoldenExample,
    Label,
    OutputNames,
    Parity,
    Provenance,
)
from model_store.artifact.layout import MANIFEST_FILE, MODEL_FILE
from model_store.artifact.reference import NAME, VERSION, ModelReference
from model_store.canonical import canonical_json, sha256_hex
from model_store.contract import Contract, TensorSpec, check_tensors
from model_store.contract.record import Record, explain
from model_store.errors import ContractError, ManifestMalformed, ManifestTooNew

SCHEMA_VERSION = 1
LARGEST_MANIFEST = 4 * 1024 * 1024

Task = Literal["binary", "multiclass", "regression"]


class Manifest(Record):
    """Schema version 1. Holds no time: the same inputs give the same bytes."""

    schema_version: Literal[1] = 1
    name: Annotated[str, Field(pattern=f"^{NAME}$")]
    version: Annotated[str, Field(pattern=f"^{VERSION}$")]
    title: str = ""
    description: str = ""
    task: Task
    files: dict[Literal["model.onnx"], FileEntry]
    contract: Contract
    inputs: Annotated[tuple[TensorSpec, ...], Field(min_length=1)]
    outputs: OutputNames
    labels: tuple[Label, ...] = ()
    unit: str | None = None
    fallback: Fallback | None = None
    metrics: dict[str, float] = Field(default_factory=dict)
    parity: Parity
    baseline: dict[str, FeatureSummary] = Field(default_factory=dict)
    golden: tuple[GoldenExample, ...] = ()
    provenance: Provenance

    @classmethod
    def parse(cls, data: bytes) -> "Manifest":
        """Read `manifest.json`; raises ManifestMalformed or ManifestTooNew."""
        document = _decode(data)
        _check_schema_version(document)
        try:
            return cls.model_validate_json(data)
        except ValidationError as error:
            raise _malformed(explain(error)) from None

    def to_bytes(self) -> bytes:
        """The canonical JSON: what is stored, and what the digest is taken of."""
        return canonical_json(self.model_dump(mode="json"))

    @property
    def digest(self) -> str:
        """SHA-256 (hex) of `to_bytes()`: pins the manifest and, through it, the model."""
        return sha256_hex(self.to_bytes())

    @property
    def reference(self) -> ModelReference:
        return ModelReference(self.name, self.version)

    @property
    def model_file(self) -> FileEntry:
        return self.files[MODEL_FILE]

    @model_validator(mode="after")
    def _holds_together(self) -> Self:
        _check_inputs(self)
        _check_outputs(self)
        _check_fallback(self)
        _check_baseline(self)
        return self


def _decode(data: bytes) -> dict[str, Any]:
    if len(data) > LARGEST_MANIFEST:
        raise _malformed(f"it is larger than {LARGEST_MANIFEST} bytes")
    try:
        document = json.loads(data)
    except (ValueError, RecursionError):
        raise _malformed("it is not JSON") from None
    if not isinstance(document, dict):
        raise _malformed("it is not a JSON object")
    return document


def _check_schema_version(document: dict[str, Any]) -> None:
    found = document.get("schema_version")
    if type(found) is not int or found < 1:
        raise _malformed("schema_version is not a positive integer")
    if found > SCHEMA_VERSION:
        raise ManifestTooNew(
            MANIFEST_FILE,
            f"has schema version {found}, and this Lambent reads up to {SCHEMA_VERSION}",
            "Deploy with a Lambent at least as new as the one that packaged the model",
        )


def _malformed(what: str) -> ManifestMalformed:
    return ManifestMalformed(MANIFEST_FILE, what, "Package the model again with `lambent package`")


def _check_inputs(manifest: Manifest) -> None:
    if MODEL_FILE not in manifest.files:
        raise ValueError(f"files does not list {MODEL_FILE}")
    try:
        check_tensors(manifest.contract, manifest.inputs)
    except ContractError as error:
        raise ValueError(str(error)) from None


def _check_outputs(manifest: Manifest) -> None:
    outputs, labels = manifest.outputs, manifest.labels
    if manifest.task == "regression":
        if outputs.value is None or labels:
            raise ValueError("a regression names the output `value` and has no labels")
        return
    if outputs.label is None and outputs.probabilities is None:
        raise ValueError("a classifier names the output `label` or `probabilities`")
    spellings = {str(int(label)) if isinstance(label, bool) else str(label) for label in labels}
    if len(labels) < 2 or len(spellings) < len(labels):
        raise ValueError("a classifier has at least two labels, all different")
    if manifest.task == "binary" and len(labels) != 2:
        raise ValueError("a binary classifier has exactly two labels")


def _check_fallback(manifest: Manifest) -> None:
    fallback = manifest.fallback
    if fallback is None:
        if manifest.contract.may_fall_back:
            raise ValueError("the contract asks for a fallback, and none is declared")
        return
    if manifest.task == "regression":
        if isinstance(fallback.value, bool | str):
            raise ValueError("the fallback of a regression is a number")
    elif not any(type(x) is type(fallback.value) and x == fallback.value for x in manifest.labels):
        raise ValueError("the fallback of a classifier is one of its labels")


def _check_baseline(manifest: Manifest) -> None:
    described = set(manifest.baseline)
    if unknown := described - set(manifest.contract.names):
        raise ValueError(f"the baseline describes unknown features: {', '.join(sorted(unknown))}")
    sensitive = {f.name for f in manifest.contract.features if f.sensitive}
    if found := described & sensitive:
        raise ValueError(f"the baseline describes sensitive features: {', '.join(sorted(found))}")
