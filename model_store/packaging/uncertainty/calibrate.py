"""The graph's probabilities are calibrated if that helps, and measured before and after."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from model_store.artifact.facts import Bin, Calibration, CalibrationScores
from model_store.packaging.answers import Answers
from model_store.packaging.conversion.parity import difference
from model_store.packaging.data import Sample, truth_of
from model_store.packaging.errors import InvalidModel, ParityFailed
from model_store.packaging.model import Model
from model_store.packaging.served import Graph, served
from model_store.packaging.uncertainty.calibration.calibrators import Calibrator
from model_store.packaging.uncertainty.calibration.choose import Choice, choose
from model_store.packaging.uncertainty.calibration.graph import calibrated as with_calibrator
from model_store.packaging.uncertainty.calibration.scores import scores_of
from model_store.packaging.uncertainty.split import LEAST_FITTED, Splits

TOLERANCE = 1e-6
PLACES = 6


def calibrated(
    model: Model, graph: Graph, splits: Splits, progress: Callable[[str], None]
) -> tuple[Graph, Calibration | None]:
    """The graph that is served, and what was done to it; None without probabilities.

    Raises InvalidModel for a method asked for that these rows or this graph cannot have.
    """
    if graph.outputs.probabilities is None:
        if model.uncertainty.calibrate not in ("auto", "none"):
            raise InvalidModel(
                "Uncertainty(calibrate=…)",
                "needs a classifier with probabilities",
                "Leave it out, or use an estimator with predict_proba",
            )
        return graph, None
    choice = _choice(model, graph, splits)
    progress(f"calibration: {choice.reason}")
    corrected = graph
    if choice.calibrator is not None:
        corrected, choice = _corrected(model, graph, choice, choice.calibrator)
    if choice.calibrator is not None:
        _prove(model, graph, corrected, choice.calibrator, splits)
    return corrected, _measured(model, graph, corrected, choice, splits)


def _choice(model: Model, graph: Graph, splits: Splits) -> Choice:
    method, rows = model.uncertainty.calibrate, len(splits.calibration)
    if method == "auto" and not len(splits.fitted):
        why = f"too few calibration rows: {rows}, {2 * LEAST_FITTED} are needed"
        return Choice(None, f"left alone: {why}")
    shares = np.empty((0, len(graph.labels)))
    if len(splits.fitted):
        shares = _shares(served(model, graph).answers(splits.fitted.rows))
    truth = truth_of(graph, splits.fitted)
    return choose(truth, shares, graph.labels, None if method == "none" else method)


def _corrected(
    model: Model, graph: Graph, choice: Choice, calibrator: Calibrator
) -> tuple[Graph, Choice]:
    """A graph too old to be extended is left alone, unless calibration was asked for."""
    try:
        content, outputs = with_calibrator(graph.model, graph.outputs, calibrator, graph.labels)
    except InvalidModel as error:
        if model.uncertainty.calibrate != "auto":
            raise
        return graph, Choice(None, f"left alone: {error.what}", choice.tried)
    return replace(graph, model=content, outputs=outputs), choice


def _prove(
    model: Model, graph: Graph, corrected: Graph, calibrator: Calibrator, splits: Splits
) -> None:
    """The graph gives what the calibrator makes of the answers that are proven already."""
    rows = [*splits.calibration.rows, *splits.held_out.rows]
    before = served(model, graph).answers(rows)
    shares = calibrator.apply(_shares(before))
    best = tuple(graph.labels[column] for column in shares.argmax(axis=1))
    labels = before.labels if calibrator.keeps_labels else best
    found = difference(Answers(labels, shares), served(model, corrected).answers(rows), TOLERANCE)
    if not found.passed:
        raise ParityFailed(
            f"{calibrator.method} calibration",
            f"differs in the graph: {found}",
            "Uncertainty(calibrate='none') leaves it out",
        )


def _measured(
    model: Model, graph: Graph, corrected: Graph, choice: Choice, splits: Splits
) -> Calibration:
    method = choice.calibrator.method if choice.calibrator else "none"
    facts = Calibration(method=method, reason=choice.reason, rows=len(splits.fitted))
    if not len(splits.held_out):
        return facts
    before = served(model, graph).answers(splits.held_out.rows)
    after = served(model, corrected).answers(splits.held_out.rows)
    pairs = zip(before.labels, after.labels, strict=True)
    return facts.model_copy(
        update={
            "before": _scores(graph, splits.held_out, before),
            "after": _scores(graph, splits.held_out, after),
            "labels_changed": sum(ours != theirs for ours, theirs in pairs),
        }
    )


def _scores(graph: Graph, sample: Sample, answers: Answers) -> CalibrationScores:
    found = scores_of(truth_of(graph, sample), _shares(answers))
    return CalibrationScores(
        log_loss=round(found.log_loss, PLACES),
        brier=round(found.brier, PLACES),
        ece=round(found.ece, PLACES),
        reliability=tuple(
            Bin(
                confidence=round(bin_.confidence, PLACES),
                accuracy=round(bin_.accuracy, PLACES),
                rows=bin_.count,
            )
            for bin_ in found.reliability
        ),
    )


def _shares(answers: Answers) -> np.ndarray:
    if answers.probabilities is None:
        raise TypeError("a classifier with probabilities gave none")
    return answers.probabilities
