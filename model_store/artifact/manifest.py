"""The document that vouches for a model: what it takes, what it answers, which bytes it is."""

import json
from functools import cached_property
from typing import Annotated, Any, Literal, Self

from pydantic import Field, ValidationError, model_validator

from model_store.artifact.accepted import Accepted
from model_store.artifact.facts import (
    Calibration,
    FeatureSummary,
    FileEntry,
    GoldenExample,
    Label,
    OutputNames,
    Parity,
    Provenance,
    TradeOff,
)
from model_store.artifact.layout import LARGEST_MANIFEST, MANIFEST_FILE, MODEL_FILE
from model_store.artifact.outcomes import Outcomes
from model_store.artifact.reference import NAME, VERSION, ModelReference
from model_store.canonical import canonical_json, sha256_hex
from model_store.contract import Contract, TensorSpec, check_accepts, check_tensors
from model_store.contract.record import Record, explain
from model_store.errors import ContractError, ManifestMalformed, ManifestTooNew
from model_store.fallbacks.records import Constant, Fallback, OtherModel, Popular, values_of
from model_store.policy import Policy, key
from model_store.uncertainty.conformal import Conformal, Intervals
from model_store.uncertainty.novelty import Novelty, Usual

SCHEMA_VERSION = 1
LONGEST_CHAIN = 10
MOST_ACCEPTED = 9

Task = Literal["binary", "multiclass", "regression"]
ModelFile = Literal["model.onnx", "baseline.onnx", "previous.onnx"]


class Manifest(Record):
    """Schema version 1. Holds no time: the same inputs give the same bytes."""

    schema_version: Literal[1] = 1
    name: Annotated[str, Field(pattern=f"^{NAME}$")]
    version: Annotated[str, Field(pattern=f"^{VERSION}$")]
    title: str = ""
    description: str = ""
    task: Task
    files: dict[ModelFile, FileEntry]
    contract: Contract
    accepts: Annotated[tuple[Accepted, ...], Field(max_length=MOST_ACCEPTED)] = ()
    inputs: Annotated[tuple[TensorSpec, ...], Field(min_length=1)]
    outputs: OutputNames
    labels: tuple[Label, ...] = ()
    unit: str | None = None
    fallbacks: Annotated[tuple[Fallback, ...], Field(max_length=LONGEST_CHAIN)] = ()
    policy: Policy = Policy()
    calibration: Calibration | None = None
    conformal: Conformal | None = None
    novelty: Novelty | None = None
    tradeoff: tuple[TradeOff, ...] = ()
    outcomes: Outcomes | None = None
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

    def read_by(self, link: OtherModel) -> "Manifest":
        """With the inputs, outputs and labels of a fallback, for a Predictor of its model."""
        told = {"inputs": link.inputs, "outputs": link.outputs, "labels": link.labels}
        return self.model_copy(update=told)

    @cached_property
    def usual(self) -> Usual:
        """What rows like those of the training data hold."""
        return Usual(self.baseline)

    @property
    def majors(self) -> tuple[int, ...]:
        """Of the contracts that are served, the own one first."""
        return (self.contract.major, *(accepted.contract.major for accepted in self.accepts))

    def accepted(self, major: int) -> Accepted | None:
        """The older contract of this major version, if it is served."""
        return next((found for found in self.accepts if found.contract.major == major), None)

    @model_validator(mode="after")
    def _holds_together(self) -> Self:
        _check_contracts(self)
        _check_inputs(self)
        _check_outputs(self)
        _check_fallbacks(self)
        _check_policy(self)
        _check_conformal(self)
        _check_described(self)
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


def _check_contracts(manifest: Manifest) -> None:
    try:
        check_accepts(manifest.contract, manifest.accepts)
    except ContractError as error:
        raise ValueError(str(error)) from None


def _check_inputs(manifest: Manifest) -> None:
    if MODEL_FILE not in manifest.files:
        raise ValueError(f"files does not list {MODEL_FILE}")
    _check_tensors(manifest, manifest.inputs)


def _check_tensors(manifest: Manifest, inputs: tuple[TensorSpec, ...]) -> None:
    try:
        check_tensors(manifest.contract, inputs)
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


def _check_fallbacks(manifest: Manifest) -> None:
    chain = manifest.fallbacks
    if not chain and (manifest.contract.may_fall_back or manifest.policy.may_fall_back):
        raise ValueError("the contract or the policy asks for a fallback, and none is declared")
    for place, link in enumerate(chain):
        if isinstance(link, Constant) and place < len(chain) - 1:
            raise ValueError("a constant always answers: no fallback after it is ever asked")
        if isinstance(link, Popular) and manifest.task == "regression":
            raise ValueError("a popular list holds labels, and a regression has none")
        if not all(_may_be_answered(manifest, value) for value in values_of(link)):
            kind = "a number" if manifest.task == "regression" else "one of its labels"
            raise ValueError(f"the answer of a fallback ({link.kind}) must be {kind}")
    others = [link for link in chain if isinstance(link, OtherModel)]
    if {MODEL_FILE, *(link.file for link in others)} != set(manifest.files):
        raise ValueError("files and the models among the fallbacks are not the same")
    for link in others:
        _check_tensors(manifest, link.inputs)


def _may_be_answered(manifest: Manifest, value: object) -> bool:
    if manifest.task == "regression":
        return not isinstance(value, bool | str)
    return any(type(label) is type(value) and label == value for label in manifest.labels)


def _check_policy(manifest: Manifest) -> None:
    policy = manifest.policy
    unknown = policy.named_labels() - {key(label) for label in manifest.labels}
    if unknown:
        raise ValueError(f"the policy names labels it does not have: {', '.join(sorted(unknown))}")
    needs_shares = policy.least_confidence is not None or policy.costs is not None
    if needs_shares and manifest.outputs.probabilities is None:
        raise ValueError("least_confidence and costs need a classifier with probabilities")
    if policy.widest is not None and not isinstance(manifest.conformal, Intervals):
        raise ValueError("widest needs a regression with intervals")


def _check_conformal(manifest: Manifest) -> None:
    conformal = manifest.conformal
    if conformal is None:
        return
    if isinstance(conformal, Intervals) != (manifest.task == "regression"):
        raise ValueError("intervals are for regressions, prediction sets for classifiers")
    scaled = isinstance(conformal, Intervals) and conformal.score == "scaled_residual"
    if scaled and manifest.outputs.difficulty is None:
        raise ValueError("scaled residuals need the graph's output `difficulty`")
    sizes = {1, len(manifest.labels)} if manifest.labels else {1}
    if any(len(level.quantiles) not in sizes for level in conformal.levels):
        raise ValueError("a level has one quantile, or one per label")


def _check_described(manifest: Manifest) -> None:
    slices = manifest.outcomes.slices if manifest.outcomes else ()
    sensitive = {f.name for f in manifest.contract.features if f.sensitive}
    for what, described in (
        ("the baseline describes", set(manifest.baseline)),
        ("outcomes are told by", {part.feature for part in slices}),
    ):
        if unknown := described - set(manifest.contract.names):
            raise ValueError(f"{what} unknown features: {', '.join(sorted(unknown))}")
        if found := described & sensitive:
            raise ValueError(f"{what} sensitive features: {', '.join(sorted(found))}")
