"""The parts of a manifest that say how the model was made and how good it is."""

from functools import cached_property
from math import inf
from typing import Annotated, Literal

from pydantic import Field

from model_store.contract import Scalar
from model_store.contract.record import Record
from model_store.predictions import Label, Prediction, Share

__all__ = ["Label", "Share"]

REACH = 1.0
"""How far beyond a percentile is far, as a share of the distance between the two."""

Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


class FileEntry(Record):
    """One file of the artifact; `size` in bytes."""

    sha256: Sha256
    size: Annotated[int, Field(ge=0)]


class OutputNames(Record):
    """Which outputs of the graph hold what; None where the graph has no such output."""

    label: str | None = None
    probabilities: str | None = None
    value: str | None = None
    novelty: str | None = None
    difficulty: str | None = None

    @property
    def named(self) -> tuple[str, ...]:
        """Those that the graph has."""
        return tuple(name for name in self.model_dump().values() if name is not None)


class Trial(Record):
    """One remedy tried while converting, and what came of it."""

    remedy: str
    outcome: str


class Optimisation(Record):
    """A proven graph written anew; before, after: its size in bytes.

    max_difference: between both graphs' answers to the rows of the proof.
    """

    step: Literal["tree ensembles"]
    before: Annotated[int, Field(ge=0)]
    after: Annotated[int, Field(ge=0)]
    max_difference: float


class Parity(Record):
    """Whether the graph, optimised if it was, gives the estimator's answers on held-out rows."""

    status: Literal["passed", "skipped"]
    reason: str | None = None
    rows: Annotated[int, Field(ge=0)] = 0
    tolerance: float | None = None
    max_difference: float | None = None
    remedy: str | None = None
    tried: tuple[Trial, ...] = ()
    optimisations: tuple[Optimisation, ...] = ()


class FeatureSummary(Record):
    """What training data looked like, per feature: shares and quantiles, never single rows.

    `quantiles` maps a level ("0.05") to a value, `frequencies` a category to its share.
    """

    count: Annotated[int, Field(ge=0)]
    missing: Share
    quantiles: dict[str, float] | None = None
    frequencies: dict[str, Share] | None = None

    @cached_property
    def far_ends(self) -> tuple[float, float]:
        """Beyond these a number is far outside: REACH past the 1st and 99th percentile."""
        if self.quantiles is None:
            return -inf, inf
        low, high = self.quantiles["0.01"], self.quantiles["0.99"]
        reach = REACH * (high - low)
        return low - reach, high + reach


class GoldenExample(Record):
    """A row and the answer that this artifact gives to it, wherever it runs."""

    row: dict[str, Scalar | None]
    answer: Prediction


class Bin(Record):
    """One bin of a reliability curve: rows of similar confidence, and how many were right."""

    confidence: Share
    accuracy: Share
    rows: Annotated[int, Field(ge=1)]


class CalibrationScores(Record):
    """How far probabilities are from frequencies, on held-out rows. Smaller is better."""

    log_loss: float
    brier: float
    ece: float
    reliability: tuple[Bin, ...] = ()


class Calibration(Record):
    """What was done to the probabilities, and what it did to them.

    rows: those that the method was fitted on. before, after: on the same held-out rows, None
    without any. labels_changed: held-out rows whose label the calibration changed.
    """

    method: Literal["none", "temperature", "sigmoid", "isotonic"]
    reason: str
    rows: Annotated[int, Field(ge=0)] = 0
    before: CalibrationScores | None = None
    after: CalibrationScores | None = None
    labels_changed: Annotated[int, Field(ge=0)] = 0


class TradeOff(Record):
    """One threshold of the risk-coverage curve, on held-out rows.

    answered: rows whose confidence reaches it. right: those of them that are right. cost: mean
    cost of the answered rows by the policy's costs.
    """

    least_confidence: Share
    rows: Annotated[int, Field(ge=1)]
    answered: Annotated[int, Field(ge=0)]
    right: Annotated[int, Field(ge=0)]
    cost: float | None = None


class Provenance(Record):
    """Where the graph comes from; `opset` maps an operator domain to its version.

    trees: what the graph's tree operators, by name, take of its bytes, which is what a start
    depends on; empty without any, None in manifests from before this was recorded.
    """

    python: str
    libraries: dict[str, str]
    opset: dict[str, int]
    ir_version: int
    git_commit: str | None = None
    data_sha256: Sha256 | None = None
    estimator: str | None = None
    source: Literal["estimator", "onnx"] = "estimator"
    trees: dict[str, Annotated[int, Field(ge=0)]] | None = None
