"""Which rows calibrate and which measure: no row does both."""

from dataclasses import dataclass

import numpy as np
from sklearn.model_selection import train_test_split

from model_store.packaging.calibration.choose import LEAST_ROWS
from model_store.packaging.data import Data, Sample, truth_of
from model_store.packaging.model import Model
from model_store.packaging.served import Graph

LEAST_HELD_OUT = 60
"""Fewer held-out rows are all needed to measure."""

LEAST_FITTED = min(LEAST_ROWS.values())
SEED = 0


@dataclass(frozen=True)
class Splits:
    """Rows that the model answers, none of them twice.

    fitted: a calibrator, or what predicts the difficulty, is fitted on them; empty if nothing is.
    conformal: quantiles come from them, so they may have had no say in what is measured by them.
    held_out: measure what came of it.
    """

    fitted: Sample
    conformal: Sample
    held_out: Sample

    @property
    def calibration(self) -> Sample:
        """All that neither trained the model nor measures it."""
        rows = [*self.fitted.rows, *self.conformal.rows]
        return Sample(rows, [*self.fitted.targets, *self.conformal.targets])


def split(model: Model, graph: Graph, data: Data) -> Splits:
    """`Model.calibration`, or else half of the held-out rows; the same rows split the same way."""
    calibration, held_out = data.calibration.answered, data.held_out.answered
    if model.calibration is None and len(held_out) >= LEAST_HELD_OUT:
        calibration, held_out = _halves(graph, held_out)
    if not _fits(model, graph, len(calibration)):
        return Splits(Sample(), calibration, held_out)
    return Splits(*_halves(graph, calibration), held_out)


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
