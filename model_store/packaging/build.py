"""Estimator + contract + data → a verified artifact folder."""

from collections.abc import Callable
from pathlib import Path

from sklearn.base import BaseEstimator

from model_store.artifact.facts import Parity
from model_store.artifact.folder import Artifact, write_artifact
from model_store.artifact.layout import MODEL_FILE
from model_store.contract import check_accepts, encode
from model_store.packaging.baseline import baseline_of
from model_store.packaging.conversion import estimators, imported
from model_store.packaging.conversion.pack import packed
from model_store.packaging.data import Data, measure, read_data
from model_store.packaging.fallbacks.declared import chain_of, check_chain
from model_store.packaging.golden import accepted_by, golden_examples, golden_rows
from model_store.packaging.model import Model
from model_store.packaging.outcomes import outcomes_of
from model_store.packaging.provenance import provenance_of
from model_store.packaging.served import Graph, Served, entry_of, manifest_for, served
from model_store.packaging.uncertainty.calibrate import calibrated
from model_store.packaging.uncertainty.conformal import conformal_of
from model_store.packaging.uncertainty.difficulty import with_difficulty
from model_store.packaging.uncertainty.novelty import with_novelty
from model_store.packaging.uncertainty.policies import check_doubts, check_policy
from model_store.packaging.uncertainty.split import split
from model_store.packaging.uncertainty.tradeoff import tradeoff_of
from model_store.vetting.graph import inspect_graph
from model_store.vetting.smoke import smoke_test

Progress = Callable[[str], None]


def package(
    model: Model,
    folder: str | Path,
    *,
    progress: Progress = lambda _: None,
    replace: bool = False,
    source: str | Path = ".",
) -> Artifact:
    """Convert, prove, check, and write `model.onnx` and `manifest.json` to `folder`, beside them
    `baseline.onnx` and `previous.onnx` where fallbacks are models.

    `progress` hears one line per step. `source` is the file that defines the model (or the
    folder of a notebook): its last git commit is recorded. The same inputs give the same bytes;
    a folder that holds another artifact is refused unless `replace`.

    Raises InvalidModel, RowsRefused or UpcastRefused for the model, its data or the older contracts
    that it accepts, before anything is converted;
    ConversionRefused or ParityFailed when the estimator has no graph that answers alike;
    UnsafeGraph, RuntimeTooOld or SmokeTestFailed when the graph cannot be served.
    """
    check_chain(model)
    check_accepts(model.contract, model.accepts)
    progress("reading the data by the contract")
    data = read_data(model)
    estimator, graph, parity = _converted(model, data, progress)
    check_policy(model, graph)
    chain = chain_of(model, graph, data.held_out.rows, progress)
    splits = split(model, graph, data)
    baseline = baseline_of(model.contract, data.baseline) if data.baseline else {}
    if not baseline:
        progress("no baseline, so that drift cannot be seen later: pass train= or baseline=")
    graph, calibration = calibrated(model, graph, splits, progress)
    graph = with_difficulty(model, graph, splits, progress)
    conformal = conformal_of(model, graph, splits, progress)
    graph, novelty = with_novelty(model, graph, splits, data.baseline, baseline, progress)
    check_doubts(model, conformal, novelty)
    if estimator is not None:
        graph = packed(model, graph, data.held_out.rows, progress)
    progress("inspecting the graph")
    rows = golden_rows(model.contract, data.held_out.rows)
    provenance = provenance_of(estimator, inspect_graph(graph.model), data.sha256, Path(source))
    progress("running it once in a process with little memory and time")
    smoke_test(graph.model, encode(rows, graph.inputs))
    progress("measuring it on the held-out rows")
    models = {MODEL_FILE: graph.model, **chain.models}
    manifest = manifest_for(
        model,
        graph,
        files={name: entry_of(content) for name, content in models.items()},
        fallbacks=chain.fallbacks,
        policy=model.policy,
        calibration=calibration,
        conformal=conformal,
        novelty=novelty,
        metrics=measure(served(model, graph), graph, splits.held_out),
        baseline=baseline,
        parity=parity,
        provenance=provenance,
    )
    verdicts = Served(manifest, graph.model).verdicts
    answers = {
        "tradeoff": tradeoff_of(manifest, graph, splits.held_out),
        "outcomes": outcomes_of(manifest, graph, models, splits),
        "golden": golden_examples(rows, verdicts),
        "accepts": accepted_by(model, verdicts),
    }
    progress(f"writing {folder}")
    manifest = manifest.model_copy(update=answers)
    return write_artifact(Path(folder), manifest, models, replace=replace)


def _converted(
    model: Model, data: Data, progress: Progress
) -> tuple[BaseEstimator | None, Graph, Parity]:
    if model.estimator is None:
        return None, *imported.graph_of(model)
    estimator = estimators.fitted(model)
    return estimator, *estimators.graph_of(model, estimator, data.held_out.rows, progress)
