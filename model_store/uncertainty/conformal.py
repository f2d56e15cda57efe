"""Split-conformal prediction: sets and intervals that hold the truth in a declared share of rows.

The guarantee is marginal, for rows exchangeable with those of the calibration; with
class-conditional quantiles it holds within each true class. Method: Vovk, Gammerman & Shafer,
Algorithmic Learning in a Random World (2005); Lei et al., Distribution-Free Predictive Inference
for Regression (2018). How it is computed: model_store.uncertainty.scores.
"""

from fractions import Fraction
from math import ceil
from typing import Annotated, Literal

from pydantic import Field

from model_store.contract.record import Record

Coverage = Annotated[float, Field(gt=0, lt=1)]


class Level(Record):
    """One declared coverage. quantiles: one, or one per label in the manifest's order.

    observed: the share of held-out rows whose truth was covered; None if none were held out.
    size: the mean number of labels, or the mean width in the target's unit, on the same rows.
    rows: how many these are.
    """

    coverage: Coverage
    quantiles: Annotated[tuple[float, ...], Field(min_length=1)]
    observed: float | None = None
    size: float | None = None
    rows: Annotated[int, Field(ge=1)] | None = None


class PredictionSets(Record):
    """Of a classifier. rows: calibration rows that the quantiles come from."""

    kind: Literal["sets"] = "sets"
    score: Literal["lac", "aps"]
    class_conditional: bool = False
    rows: Annotated[int, Field(ge=1)]
    levels: Annotated[tuple[Level, ...], Field(min_length=1)]


class Intervals(Record):
    """Of a regression. scaled: residuals are divided by the difficulty that the graph predicts."""

    kind: Literal["intervals"] = "intervals"
    score: Literal["residual", "scaled_residual"]
    rows: Annotated[int, Field(ge=1)]
    levels: Annotated[tuple[Level, ...], Field(min_length=1)]


Conformal = Annotated[PredictionSets | Intervals, Field(discriminator="kind")]


def least_rows(coverage: float) -> int:
    """How many calibration rows a coverage needs: with fewer, every label would be in the set."""
    share = Fraction(str(coverage))
    return ceil(share / (1 - share))
