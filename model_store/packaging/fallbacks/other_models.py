"""A second model in the artifact: one that was declared simpler, or that of an earlier version."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Literal

from model_store.artifact.folder import Artifact, read_artifact
from model_store.artifact.manifest import Task
from model_store.contract import Contract, Row, encode
from model_store.errors import PredictionError
from model_store.fallbacks.records import OtherModel
from model_store.packaging.answers import labels_of, task_of
from model_store.packaging.conversion import estimators
from model_store.packaging.conversion.remedies import final_estimator
from model_store.packaging.errors import InvalidModel
from model_store.packaging.golden import golden_rows
from model_store.packaging.model import Baseline, Model, Previous
from model_store.packaging.served import Graph, draft
from model_store.policy import Policy
from model_store.predictions import Label
from model_store.predictor import Predictor
from model_store.vetting.graph import inspect_graph
from model_store.vetting.smoke import smoke_test

Progress = Callable[[str], None]
Other = tuple[OtherModel, bytes]
_NOTHING_ELSE = "Use another fallback, for example Constant(value=…)"


def baseline(
    model: Model, link: Baseline, graph: Graph, held_out: Sequence[Row], progress: Progress
) -> Other:
    """Fitted, converted and proven by the code that `graph` was made by.

    Raises InvalidModel unless it has the task and the labels of `graph`; ConversionRefused or
    ParityFailed; UnsafeGraph, RuntimeTooOld or SmokeTestFailed.
    """
    alone = replace(model, estimator=link.estimator, onnx=None, policy=Policy(), fallback=None)
    estimator = estimators.fitted(alone)
    name = type(final_estimator(estimator)).__name__
    progress(f"packaging the baseline, {name}")
    task = task_of(estimator)
    labels = () if task == "regression" else labels_of(estimator)
    _check_answers(f"Baseline {name}", task, labels, graph)
    if len(labels) < len(graph.labels):
        what = f"knows {len(labels)} of the {len(graph.labels)} labels"
        raise InvalidModel(f"Baseline {name}", what, "Fit it on the data of the model")
    found, _ = estimators.graph_of(alone, estimator, held_out, progress)
    return _tried(model, found, held_out, "baseline", name)


def previous(
    model: Model, link: Previous, graph: Graph, held_out: Sequence[Row], progress: Progress
) -> Other:
    """The earlier graph as it is; raises what `read_previous` and trying it out raise."""
    artifact = read_previous(model, link)
    earlier = artifact.manifest
    progress(f"packaging the answer of {earlier.reference}")
    _check_answers(f"Previous {earlier.reference}", earlier.task, earlier.labels, graph)
    outputs = earlier.outputs.model_copy(update={"novelty": None, "difficulty": None})
    found = Graph(artifact.model, earlier.task, earlier.inputs, outputs, earlier.labels)
    return _tried(model, found, held_out, "previous", str(earlier.reference))


def read_previous(model: Model, link: Previous) -> Artifact:
    """Raises ArtifactError, and InvalidModel where the rows of `model` are not what it takes."""
    artifact = read_artifact(Path(link.folder))
    earlier = artifact.manifest
    where = f"Previous {earlier.reference}"
    if earlier.task == "regression" and earlier.unit != model.unit:
        what = f"answers in {earlier.unit}, and Model {model.name!r} in {model.unit}"
        raise InvalidModel(where, what, _NOTHING_ELSE)
    for name in dict.fromkeys(name for spec in earlier.inputs for name in spec.features):
        if problem := _not_fed(name, earlier.contract, model.contract):
            raise InvalidModel(where, f"takes {name}, {problem}", _NOTHING_ELSE)
    return artifact


def _not_fed(name: str, earlier: Contract, present: Contract) -> str | None:
    """Why the values that a feature has now are not those that the earlier model knows."""
    was, now = earlier.by_name[name], present.by_name.get(name)
    if now is None:
        return "which the contract has no more"
    if now.kind != was.kind:
        return f"then of kind {was.kind}, now {now.kind}"
    if now.unit != was.unit:
        return f"then in {was.unit}, now in {now.unit}"
    if now.may_be_null and not was.may_be_null:
        return "which was never missing and now may be"
    return None


def _check_answers(where: str, task: Task, labels: Sequence[Label], graph: Graph) -> None:
    if (task == "regression") != (graph.task == "regression"):
        what = f"is for another task: {task}, and the model's is {graph.task}"
        raise InvalidModel(where, what, _NOTHING_ELSE)
    known = {(type(label), label) for label in graph.labels}
    unknown = [repr(label) for label in labels if (type(label), label) not in known]
    if unknown:
        what = f"answers {', '.join(unknown[:10])}, which the model does not know"
        raise InvalidModel(where, what, _NOTHING_ELSE)


def _tried(
    model: Model,
    graph: Graph,
    held_out: Sequence[Row],
    role: Literal["baseline", "previous"],
    note: str,
) -> Other:
    """Inspected, run with little memory and time, and asked by the code that serves it."""
    rows = golden_rows(model.contract, held_out)
    tensors = encode(rows, graph.inputs)
    inspect_graph(graph.model)
    smoke_test(graph.model, tensors)
    try:
        Predictor(graph.model, draft(model, graph)).predict(tensors, None)
    except PredictionError as error:
        raise InvalidModel(f"{role}, {note}", error.what, _NOTHING_ELSE) from None
    record = OtherModel(
        role=role, inputs=graph.inputs, outputs=graph.outputs, labels=graph.labels, note=note
    )
    return record, graph.model
