"""Which rows calibrate and which measure: no row does both."""

from dataclasses import dataclass, field

import numpy as np
from sklearn.model_selection import train_test_split

from model_store.packaging.data import Data, Sample, truth_of
from model_store.packaging.model import Model
from model_store.packaging.served import Graph
from model_store.packaging.uncertainty.calibration.choose import LEAST_ROWS

LEAST_HELD_OUT = 60
"""Fewer held-out rows are all needed to measure."""

LEAST_FITTED = min(LEAST_ROWS.values())
SEED = 0


@dataclass(frozen=True)
class Splits:
    """Rows that the model answers, and those it does not, none of them twice.

    fitted: a calibrator, or what predicts the difficulty, is fitted on them; empty if nothing is.
    conformal: quantiles come from them, so they may have had no say in what is measured by them.
    held_out: measure what came of it.
    declined: held-out rows that the contract sends to a fallback; they measure only that.
    """

    fitted: Sample
    conformal: Sample
    held_out: Sample
    declined: Sample = field(default_factory=Sample)

    @property
    def measuring(self) -> Sample:
        """What the API is asked, in the shares in which the held-out rows have it."""
        rows = [*self.held_out.rows, *self.declined.rows]
        return Sample(rows, [*self.held_out.targets, *self.declined.targets])

    @property
    def calibration(self) -> Sample:
        """All that neither trained the model nor measures it."""
        rows = [*self.fitted.rows, *self.conformal.rows]
        return Sample(rows, [*self.fitted.targets, *self.conformal.targets])


def split(model: Model, graph: Graph, data: Data) -> Splits:
    """`Model.calibration`, or else half of the held-out rows; the same rows split the same way."""
    calibration, held_out = data.calibration.answered, data.held_out.answered
    declined = data.held_out.declined
    if model.calibration is None and len(held_out) >= LEAST_HELD_OUT:
        calibration, held_out = _halves(graph, held_out)
        declined = declined.at(range(0, len(declined), 2))
    if not _fits(model, graph, len(calibration)):
        return Splits(Sample(), calibration, held_out, declined)
    return Splits(*_halves(graph, calibration), held_out, declined)


def _fits(model: Model, graph: Graph, rows: int) -> bool:
    """Whether something is fitted; by itself, only where half of the rows are enough."""
    wanted = model.uncertainty
    if graph.task == "regression":
        return wanted.intervals == "scaled" and rows > 1
    if graph.outputs.probabilities is None or wanted.calibrate == "none":
        return False
    return rows >= 2 * LEAST_FITTED or (wanted.calibrate != "auto" and rows > 1)


def _halves(graph: Graph, sample: Sample) -> tuple[Sample, Sample]:
    """Stratified for a classifier, unless a class is too rare for that; each in order."""
    truth = truth_of(graph, sample)
    stratified = graph.task != "regression" and np.unique(truth, return_counts=True)[1].min() > 1
    halves = train_test_split(
        np.arange(len(sample)),
        test_size=0.5,
        random_state=SEED,
        stratify=truth if stratified else None,
    )
    first, second = (sample.at(sorted(half.tolist())) for half in halves)
    return first, second
