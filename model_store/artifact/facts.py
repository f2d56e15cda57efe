"""The parts of a manifest that say how the model was made and how good it is."""

from typing import Annotated, Literal

from pydantic import Field

from model_store.contract import Scalar
from model_store.contract.record import Record

Label = bool | int | str
Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
Share = Annotated[float, Field(ge=0, le=1)]


class FileEntry(Record):
    """One file of the artifact; `size` in bytes."""

    sha256: Sha256
    size: Annotated[int, Field(ge=0)]


class OutputNames(Record):
    """Which outputs of the graph hold what; None where the graph has no such output."""

    label: str | None = None
    probabilities: str | None = None
    value: str | None = None


class Fallback(Record):
    """The answer when the model cannot or should not give one."""

    kind: Literal["constant"] = "constant"
    value: bool | int | float | Annotated[str, Field(max_length=200)]
    note: Annotated[str, Field(max_length=200)] = ""


class Trial(Record):
    """One remedy tried while converting, and what came of it."""

    remedy: str
    outcome: str


class Parity(Record):
    """Whether the graph gives the estimator's answers on held-out rows."""

    status: Literal["passed", "skipped"]
    reason: str | None = None
    rows: Annotated[int, Field(ge=0)] = 0
    tolerance: float | None = None
    max_difference: float | None = None
    remedy: str | None = None
    tried: tuple[Trial, ...] = ()


class FeatureSummary(Record):
    """What training data looked like, per feature: shares and quantiles, never single rows.

    `quantiles` maps a level ("0.05") to a value, `frequencies` a category to its share.
    """

    count: Annotated[int, Field(ge=0)]
    missing: Share
    quantiles: dict[str, float] | None = None
    frequencies: dict[str, Share] | None = None


class GoldenAnswer(Record):
    """`confidence` is the probability of `value`, None for a regression."""

    value: Scalar
    confidence: Share | None = None


class GoldenExample(Record):
    """A row and the answer that this artifact gives to it, wherever it runs."""

    row: dict[str, Scalar | None]
    answer: GoldenAnswer


class Provenance(Record):
    """Where the graph comes from; `opset` maps an operator domain to its version."""

    python: str
    libraries: dict[str, str]
    opset: dict[str, int]
    ir_version: int
    git_commit: str | None = None
    data_sha256: Sha256 | None = None
    estimator: str | None = None
    source: Literal["estimator", "onnx"] = "estimator"
