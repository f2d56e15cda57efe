"""Quantiles for the declared coverages, and what they cover on rows that nobody has seen."""

from collections.abc import Callable, Sequence
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from model_store.outputs import Outputs
from model_store.packaging.data import truth_of
from model_store.packaging.errors import InvalidModel
from model_store.packaging.model import Model, Uncertainty
from model_store.packaging.served import Graph, served
from model_store.packaging.uncertainty.split import Splits
from model_store.uncertainty.conformal import (
    Conformal,
    Intervals,
    Level,
    PredictionSets,
    least_rows,
)
from model_store.uncertainty.scores import half_widths, quantile, residuals, scores_of, sets_of

DEFAULT_COVERAGE = (0.9,)
PLACES = 6

Floats = NDArray[np.float64]
Truth = NDArray[Any]


def conformal_of(
    model: Model, graph: Graph, splits: Splits, progress: Callable[[str], None]
) -> Conformal | None:
    """Sets or intervals of a graph that is calibrated already.

    None where they cannot be had and nobody asked for them; raises InvalidModel where somebody
    did.
    """
    wanted = model.uncertainty
    coverages = DEFAULT_COVERAGE if wanted.coverage is None else tuple(wanted.coverage)
    if not coverages:
        return None
    what = "intervals" if graph.task == "regression" else "prediction sets"
    truth = truth_of(graph, splits.conformal)
    if refusal := _refusal(graph, wanted, truth, coverages):
        if _is_asked_for(wanted):
            raise refusal
        progress(f"no {what}: {refusal.what}")
        return None
    progress(f"{what} for a coverage of {', '.join(map(str, coverages))}")
    asked = served(model, graph)
    found = _calibrated(graph, wanted, asked.outputs(splits.conformal.rows), truth, coverages)
    if not len(splits.held_out):
        return found
    outputs = asked.outputs(splits.held_out.rows)
    return observed(found, outputs, truth_of(graph, splits.held_out))


def prediction_sets(
    shares: Floats,
    truth: Truth,
    coverages: Sequence[float],
    score: Literal["lac", "aps"] = "lac",
    class_conditional: bool = False,
) -> PredictionSets:
    """From N calibration rows: shares float[N, K], truth int[N] of columns.

    Raises ValueError if there are fewer rows, or rows of a class, than `least_rows`.
    """
    every = scores_of(score, shares)
    own = every[np.arange(len(truth)), truth]
    groups = [own]
    if class_conditional:
        groups = [own[truth == column] for column in range(every.shape[1])]
    levels = tuple(
        Level(coverage=c, quantiles=tuple(quantile(group, c) for group in groups))
        for c in coverages
    )
    return PredictionSets(
        score=score, class_conditional=class_conditional, rows=len(truth), levels=levels
    )


def intervals(
    values: Floats, truth: Truth, coverages: Sequence[float], difficulty: Floats | None = None
) -> Intervals:
    """From N calibration rows: what the model answers, the truth, and how hard each row is.

    Raises ValueError if there are fewer rows than `least_rows`.
    """
    scores = residuals(values, truth, difficulty)
    return Intervals(
        score="residual" if difficulty is None else "scaled_residual",
        rows=len(truth),
        levels=tuple(Level(coverage=c, quantiles=(quantile(scores, c),)) for c in coverages),
    )


def observed(found: Conformal, outputs: Outputs, truth: Truth) -> Conformal:
    """The same, each level with what it covers of these rows and how large its answers are."""
    levels = []
    for level in found.levels:
        covers, sizes = _covers(found, level, outputs, truth)
        told = {
            "observed": round(float(covers.mean()), PLACES),
            "size": round(float(sizes.mean()), PLACES),
            "rows": len(truth),
        }
        levels.append(level.model_copy(update=told))
    return found.model_copy(update={"levels": tuple(levels)})


def _covers(
    found: Conformal, level: Level, outputs: Outputs, truth: Truth
) -> tuple[NDArray[Any], NDArray[Any]]:
    """Per row, whether the truth is covered, and the number of labels or the width."""
    if isinstance(found, PredictionSets):
        inside = sets_of(found, level, np.asarray(outputs.probabilities))
        return inside[np.arange(len(truth)), truth], inside.sum(axis=1)
    reach = half_widths(found, level, outputs.difficulty, len(truth))
    return residuals(np.asarray(outputs.values), truth, None) <= reach, 2 * reach


def _calibrated(
    graph: Graph, wanted: Uncertainty, outputs: Outputs, truth: Truth, coverages: Sequence[float]
) -> Conformal:
    if graph.task == "regression":
        return intervals(np.asarray(outputs.values), truth, coverages, outputs.difficulty)
    shares = np.asarray(outputs.probabilities)
    return prediction_sets(shares, truth, coverages, wanted.sets, wanted.class_conditional)


def _is_asked_for(wanted: Uncertainty) -> bool:
    default = Uncertainty()
    names = ("coverage", "sets", "class_conditional", "intervals")
    return any(getattr(wanted, name) != getattr(default, name) for name in names)


def _refusal(
    graph: Graph, wanted: Uncertainty, truth: Truth, coverages: Sequence[float]
) -> InvalidModel | None:
    where = "Uncertainty(coverage=…)"
    if graph.task != "regression" and graph.outputs.probabilities is None:
        what = "needs a classifier with probabilities"
        return InvalidModel(where, what, "Leave it out, or use an estimator with predict_proba")
    needed = least_rows(max(coverages))
    for rows, of_class in _groups(graph, wanted, truth):
        if rows < needed:
            return InvalidModel(
                where,
                f"{max(coverages)} needs {needed} calibration rows{of_class}, and there are {rows}",
                "Pass more rows as calibration=(X, y) or held_out=(X, y), or ask for less coverage",
            )
    return None


def _groups(graph: Graph, wanted: Uncertainty, truth: Truth) -> list[tuple[int, str]]:
    """How many rows each quantile comes from, and of which class."""
    if graph.task == "regression" or not wanted.class_conditional:
        return [(len(truth), "")]
    counts = np.bincount(truth, minlength=len(graph.labels)).tolist()
    pairs = zip(counts, graph.labels, strict=True)
    return [(count, f" of class {label!r}") for count, label in pairs]
