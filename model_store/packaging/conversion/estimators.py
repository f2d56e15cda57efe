"""A scikit-learn estimator becomes a graph that is proven to answer alike."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import onnx
from sklearn.base import BaseEstimator, clone
from sklearn.exceptions import NotFittedError
from sklearn.feature_extraction.text import CountVectorizer, HashingVectorizer
from sklearn.pipeline import Pipeline
from sklearn.utils.validation import check_is_fitted

from model_store.artifact.facts import OutputNames, Parity
from model_store.artifact.manifest import Task
from model_store.contract import Contract, Row, TensorSpec, default_tensors
from model_store.packaging.answers import Answers, answers_of, labels_of, task_of
from model_store.packaging.columns import columns_of
from model_store.packaging.conversion.convert import first_line
from model_store.packaging.conversion.optimise import optimised
from model_store.packaging.conversion.parity import prove
from model_store.packaging.conversion.remedies import final_estimator
from model_store.packaging.errors import InvalidModel
from model_store.packaging.frames import frame_of, prepare
from model_store.packaging.model import Model
from model_store.packaging.served import Graph, Served, draft
from model_store.samples.probes import Probe, answered_by_model, probes

MOST_ROWS = 2000
BASES = 3


def fitted(model: Model) -> BaseEstimator:
    """The estimator to package: as given if it is fitted, else a clone fitted on `train`."""
    estimator = getattr(model.estimator, "best_estimator_", model.estimator)
    _check_takes_table(estimator)
    try:
        _check_fitted(estimator)
    except NotFittedError:
        if model.train is None:
            raise InvalidModel(
                type(final_estimator(estimator)).__name__,
                "is not fitted",
                "Fit it on prepare(contract, X), or pass train=(X, y) and it is fitted here",
            ) from None
        return _fit(model, estimator, *model.train)
    return estimator


def _fit(model: Model, estimator: BaseEstimator, X: Any, y: Any) -> BaseEstimator:  # noqa: N803
    rows = prepare(model.contract, X)
    try:
        found = clone(estimator).fit(rows, y)
    except Exception as error:
        raise InvalidModel(
            type(final_estimator(estimator)).__name__,
            f"cannot be fitted on train ({type(error).__name__}): {first_line(error)}",
            "Try estimator.fit(prepare(contract, X), y)",
        ) from error
    return getattr(found, "best_estimator_", found)


def _check_takes_table(estimator: BaseEstimator) -> None:
    first = _first_step(estimator)
    if isinstance(first, CountVectorizer | HashingVectorizer):
        raise InvalidModel(
            type(first).__name__,
            "comes first, and takes one column of text where the model is given a table",
            f"Name its column: make_column_transformer(({type(first).__name__}(), 'column'))",
        )


def _first_step(estimator: Any) -> Any:
    """Of a pipeline, or of what a search or a calibration wraps, however deeply nested."""
    if isinstance(estimator, Pipeline):
        return _first_step(estimator.steps[0][1])
    wrapped = getattr(estimator, "estimator", None)
    return _first_step(wrapped) if isinstance(wrapped, Pipeline) else estimator


def _check_fitted(estimator: BaseEstimator) -> None:
    """Every step: scikit-learn asks a pipeline's last step alone."""
    if isinstance(estimator, Pipeline):
        for _, step in estimator.steps:
            if step is not None and not isinstance(step, str):
                _check_fitted(step)
    else:
        check_is_fitted(estimator)


def graph_of(
    model: Model,
    estimator: BaseEstimator,
    held_out: Sequence[Row],
    progress: Callable[[str], None],
) -> tuple[Graph, Parity]:
    """Convert, prove and optimise; raises ConversionRefused, ParityFailed or InvalidModel."""
    task = task_of(estimator)
    labels = () if task == "regression" else labels_of(estimator)
    model.check_fallback(labels)
    kept = _evenly(held_out, MOST_ROWS)
    added = [probe for base in _evenly(kept, BASES) for probe in probes(model.contract, base)]
    rows = [*kept, *(probe.row for probe in added)]
    expected = _expected(model.contract, estimator, kept, added)

    def graph(onnx_bytes: bytes, inputs: tuple[TensorSpec, ...]) -> Graph:
        outputs = _outputs(onnx_bytes, task, expected)
        return Graph(onnx_bytes, task, inputs, outputs, labels)

    def answers(onnx_bytes: bytes, inputs: tuple[TensorSpec, ...]) -> Answers:
        return Served(draft(model, graph(onnx_bytes, inputs)), onnx_bytes).answers(rows)

    proven = prove(
        estimator,
        _specs(model.contract, estimator),
        expected,
        answers,
        tolerance=model.tolerance,
        notes=[*map(_oddity, kept), *(f"added, {probe.note}" for probe in added)],
        progress=progress,
    )
    found = graph(proven.model, proven.inputs)
    return optimised(model, found, proven.parity, rows, expected, progress)


def _oddity(row: Row) -> str:
    """What sets a held-out row apart, "" if nothing does. Names features, never values."""
    missing = [name for name, value in row.values.items() if value is None]
    told = [f"{name} missing" for name in missing]
    return ", ".join([*told, *(f"{flag.feature} {flag.reason}" for flag in row.flags)])


def _evenly(rows: Sequence[Row], most: int) -> list[Row]:
    rows = [row for row in rows if answered_by_model(row)]
    if not rows:
        raise InvalidModel(
            "held_out",
            "has no row that the model would answer",
            "Pass held-out rows that the contract lets through to the model",
        )
    places = np.linspace(0, len(rows) - 1, min(len(rows), most))
    return [rows[int(place)] for place in places]


def _expected(
    contract: Contract, estimator: BaseEstimator, kept: Sequence[Row], added: Sequence[Probe]
) -> Answers:
    rows = [*kept, *(probe.row for probe in added)]
    try:
        found = answers_of(estimator, frame_of(contract, rows))
    except InvalidModel:
        raise
    except Exception as error:
        raise _estimator_failed(contract, estimator, added, error) from error
    if len(found) != len(rows):
        raise InvalidModel(
            type(final_estimator(estimator)).__name__,
            f"gives {len(found)} answers to {len(rows)} rows",
            "Package an estimator that answers each row of prepare(contract, X)",
        )
    return found


def _estimator_failed(
    contract: Contract, estimator: BaseEstimator, added: Sequence[Probe], error: Exception
) -> InvalidModel:
    """Find what it stumbled over, so that the message can name it."""
    name = type(final_estimator(estimator)).__name__
    for probe in added:
        try:
            answers_of(estimator, frame_of(contract, [probe.row]))
        except Exception as found:  # noqa: BLE001 - whatever it raises is what we report
            return InvalidModel(
                name,
                f"raises {type(found).__name__} on rows that the contract lets through: "
                f"{probe.note}",
                "Treat them in the pipeline (SimpleImputer, handle_unknown='ignore'), "
                "or let the contract refuse them or fall back",
            )
    return InvalidModel(
        name,
        f"raises {type(error).__name__} on the held-out rows: {first_line(error)}",
        "Train on prepare(contract, X); try estimator.predict(prepare(contract, X_held_out))",
    )


def _specs(contract: Contract, estimator: BaseEstimator) -> list[TensorSpec]:
    every = {spec.name: spec for spec in default_tensors(contract)}
    empty = frame_of(contract, [])
    return [every[name] for name in columns_of(estimator, empty)]


def _outputs(onnx_bytes: bytes, task: Task, expected: Answers) -> OutputNames:
    """Converters give a regressor one output, a classifier its label and then its scores."""
    names = [o.name for o in onnx.load_model_from_string(onnx_bytes).graph.output]
    if task == "regression":
        return OutputNames(value=names[0])
    has_probabilities = expected.probabilities is not None and len(names) > 1
    return OutputNames(label=names[0], probabilities=names[1] if has_probabilities else None)
