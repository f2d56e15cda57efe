"""Proof that the graph answers as the estimator does, and the search for a graph that does."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator
from sklearn.pipeline import Pipeline

from model_store.artifact.facts import Parity, Trial
from model_store.contract import TensorSpec
from model_store.errors import LambentError, PredictionError
from model_store.packaging.answers import Answers
from model_store.packaging.conversion.convert import convert, tensors_for
from model_store.packaging.conversion.remedies import (
    Remedy,
    final_estimator,
    is_tree_model,
    remedies_for,
)
from model_store.packaging.errors import (
    ConversionRefused,
    ParityFailed,
    PartRefused,
    numbered,
    shortened,
)
from model_store.vetting.errors import UnsafeGraph
from model_store.vetting.graph import inspect_graph

Ask = Callable[[bytes, tuple[TensorSpec, ...]], Answers]
"""Run a graph that takes these tensors on the rows of the proof."""


@dataclass(frozen=True)
class Difference:
    """How far a graph is from its estimator. `rows` count from 0; those added come last."""

    labels: tuple[int, ...]
    rows: tuple[int, ...]
    largest: float
    tolerance: float

    @property
    def passed(self) -> bool:
        return not self.labels and not self.rows

    def __str__(self) -> str:
        if self.passed:
            return f"passed, largest difference {self.largest:.1e}"
        found = [f"other labels in {numbered(self.labels)}"] if self.labels else []
        if self.rows:
            found.append(f"differences up to {self.largest:.1e} in {numbered(self.rows)}")
        return ", ".join(found)


@dataclass(frozen=True)
class Converted:
    """A graph that was proven, the tensors it takes, and the proof."""

    model: bytes
    inputs: tuple[TensorSpec, ...]
    parity: Parity


def difference(expected: Answers, found: Answers, tolerance: float) -> Difference:
    """Labels must be identical and probabilities within `tolerance`; values within `tolerance`
    times the larger of their size and the spread of what the estimator answers."""
    gaps = _gaps(expected, found)
    pairs = zip(expected.labels, found.labels, strict=True)
    return Difference(
        labels=tuple(row for row, (ours, theirs) in enumerate(pairs) if ours != theirs),
        rows=tuple(int(row) for row in np.flatnonzero(~(gaps <= tolerance))),
        largest=float(gaps.max(initial=0.0)),
        tolerance=tolerance,
    )


def _gaps(expected: Answers, found: Answers) -> NDArray[np.float64]:
    if expected.values is not None and found.values is not None:
        scale = np.maximum(np.abs(expected.values), np.std(expected.values))
        return np.abs(expected.values - found.values) / np.where(scale == 0, 1.0, scale)
    if expected.probabilities is None or found.probabilities is None:
        return np.zeros(len(expected))
    largest: NDArray[np.float64] = np.abs(expected.probabilities - found.probabilities).max(axis=1)
    return largest


def prove(
    estimator: BaseEstimator,
    specs: Sequence[TensorSpec],
    expected: Answers,
    ask: Ask,
    *,
    tolerance: float,
    notes: Sequence[str],
    progress: Callable[[str], None],
) -> Converted:
    """Convert by the first remedy whose graph agrees with `expected` on every row.

    `notes` say what is special about each row ("" for an ordinary one).

    Raises ConversionRefused or ParityFailed, with everything that was tried; PartRefused at once.
    """
    trials: list[Trial] = []
    last: Difference | None = None
    for remedy in remedies_for(estimator):
        progress(f"converting: {remedy.name}")
        outcome = _try(estimator, specs, remedy, expected, ask, tolerance)
        if isinstance(outcome, tuple) and outcome[2].passed:
            model, inputs, proof = outcome
            trials.append(Trial(remedy=remedy.name, outcome=str(proof)))
            return Converted(model, inputs, _passed(remedy, proof, len(expected), trials))
        last = outcome[2] if isinstance(outcome, tuple) else last
        trials.append(Trial(remedy=remedy.name, outcome=str(_finding(outcome))))
        progress(f"{remedy.name}: {_finding(outcome)}")
    raise _refusal(estimator, trials, last, notes)


_Attempt = tuple[bytes, tuple[TensorSpec, ...], Difference] | LambentError


def _try(
    estimator: BaseEstimator,
    specs: Sequence[TensorSpec],
    remedy: Remedy,
    expected: Answers,
    ask: Ask,
    tolerance: float,
) -> _Attempt:
    inputs = tensors_for(specs, remedy)
    try:
        model = convert(estimator, specs, remedy)
        inspect_graph(model)
        return model, inputs, difference(expected, ask(model, inputs), tolerance)
    except PartRefused:
        raise
    except (ConversionRefused, PredictionError, UnsafeGraph) as error:
        return error


def _finding(outcome: _Attempt) -> str:
    return str(outcome[2]) if isinstance(outcome, tuple) else outcome.what


def _passed(remedy: Remedy, proof: Difference, rows: int, trials: list[Trial]) -> Parity:
    return Parity(
        status="passed",
        rows=rows,
        tolerance=proof.tolerance,
        max_difference=proof.largest,
        remedy=remedy.name,
        tried=tuple(trials),
    )


def _refusal(
    estimator: BaseEstimator,
    trials: Sequence[Trial],
    last: Difference | None,
    notes: Sequence[str],
) -> ConversionRefused | ParityFailed:
    where = type(final_estimator(estimator)).__name__
    tried = "; ".join(f"{trial.remedy}: {trial.outcome}" for trial in trials)
    if last is None:
        return ConversionRefused(
            where,
            f"does not become a graph that runs. Tried {tried}",
            "Replace the part named above, or package an ONNX file of your own (Model(onnx=…))",
        )
    odd = [(row, notes[row]) for row in sorted({*last.labels, *last.rows})]
    told = ", ".join(f"row {row}: {note}" for row, note in odd if note)
    return ParityFailed(
        where,
        f"answers differently as ONNX on some of {len(notes)} rows"
        f"{f' ({shortened(told)})' if told else ''}. Tried {tried}",
        _way_out(estimator, all(note for _, note in odd)),
    )


def _way_out(estimator: BaseEstimator, all_odd: bool) -> str:
    if all_odd:
        return (
            "Treat these values in the pipeline (SimpleImputer, handle_unknown='ignore', one "
            "encoder for strings and another for numbers), or let the contract refuse them"
        )
    if isinstance(estimator, Pipeline) and is_tree_model(estimator):
        return "Trees need no scaling: leave StandardScaler and its like out of the pipeline"
    return (
        "Choose another estimator or preprocessing; "
        "Model(tolerance=…) widens what probabilities may differ, never labels"
    )
