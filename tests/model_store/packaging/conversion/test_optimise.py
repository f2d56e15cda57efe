"""What packaging does to a proven graph, and what it says of it."""

from pathlib import Path

import numpy as np
import onnx
import pytest
from sklearn.ensemble import (
    GradientBoostingRegressor,
    HistGradientBoostingClassifier,
    RandomForestClassifier,
    VotingClassifier,
)
from sklearn.linear_model import LogisticRegression
from sklearn.neural_network import MLPClassifier

from model_store.artifact.folder import Artifact
from model_store.packaging import Model, Uncertainty, package
from model_store.packaging.conversion import optimise
from model_store.packaging.conversion.trees.forest import NotExpressible
from tests.model_store.packaging.birds import model_of, pipeline
from tests.model_store.packaging.flights import delay, late
from tests.model_store.packaging.flights import pipeline as flights_pipeline

FOREST = RandomForestClassifier(20, random_state=0)


def packaged(model: Model, folder: Path) -> tuple[Artifact, list[str]]:
    said: list[str] = []
    return package(model, folder / "artifact", progress=said.append), said


def operators(artifact: Artifact) -> set[str]:
    return {node.op_type for node in onnx.load_model_from_string(artifact.model).graph.node}


def test_a_forest_is_written_anew_and_the_manifest_says_so(tmp_path: Path) -> None:
    artifact, said = packaged(model_of(pipeline(FOREST, "passthrough")), tmp_path)
    manifest = artifact.manifest
    (taken,) = manifest.parity.optimisations
    assert "TreeEnsemble" in operators(artifact)
    assert taken.after < taken.before
    assert taken.max_difference <= 1e-5
    assert manifest.parity.max_difference is not None
    assert manifest.parity.max_difference <= 1e-5
    assert manifest.provenance.opset["ai.onnx.ml"] == 5
    (trees,) = (manifest.provenance.trees or {}).items()
    assert trees[0] == "TreeEnsemble"
    assert taken.after / 2 < trees[1] < len(artifact.model)
    assert f"tree ensembles written anew: {taken.before:,} → {taken.after:,} bytes" in said


def test_it_can_be_switched_off_and_the_golden_answers_stay_the_same(tmp_path: Path) -> None:
    model = model_of(pipeline(FOREST, "passthrough"))
    with_step, _ = packaged(model, tmp_path / "with")
    without, _ = packaged(
        model_of(pipeline(FOREST, "passthrough"), optimise=False), tmp_path / "without"
    )
    assert without.manifest.parity.optimisations == ()
    assert "TreeEnsembleClassifier" in operators(without)
    assert (without.manifest.provenance.trees or {}).keys() == {"TreeEnsembleClassifier"}
    old, new = (a.manifest.golden for a in (without, with_step))
    assert [g.row for g in old] == [g.row for g in new]
    for before, after in zip(old, new, strict=True):
        assert getattr(after.answer, "label", None) == getattr(before.answer, "label", None)
        confidences = [getattr(g.answer, "confidence", None) for g in (before, after)]
        assert confidences[0] == pytest.approx(confidences[1], abs=1e-5)


def test_a_graph_without_trees_stays_as_it_is_silently(tmp_path: Path) -> None:
    artifact, said = packaged(model_of(pipeline(LogisticRegression(max_iter=500))), tmp_path)
    assert artifact.manifest.parity.optimisations == ()
    assert not [line for line in said if "stays" in line or "anew" in line]


def test_a_vote_of_networks_is_recorded_as_without_trees(tmp_path: Path) -> None:
    """Although its class stands among those of forests."""
    network = MLPClassifier((8,), tol=1, random_state=0)
    vote = VotingClassifier([("one", network), ("other", network)], voting="soft")
    artifact, _ = packaged(model_of(pipeline(vote)), tmp_path)
    assert artifact.manifest.provenance.trees == {}


def test_what_answers_otherwise_is_not_taken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As a runtime that reads the newer operator differently would answer."""

    def broken(model: bytes) -> bytes:
        proto = onnx.load_model_from_string(rewritten(model))
        node = next(n for n in proto.graph.node if n.op_type == "TreeEnsemble")
        weights = next(a for a in node.attribute if a.name == "leaf_weights")
        values = onnx.numpy_helper.to_array(weights.t)
        weights.t.CopyFrom(onnx.numpy_helper.from_array(np.flip(values)))
        return proto.SerializeToString()

    rewritten = optimise.with_tree_ensembles
    monkeypatch.setattr(optimise, "with_tree_ensembles", broken)
    boosting = HistGradientBoostingClassifier(max_iter=10, random_state=0)
    artifact, said = packaged(model_of(pipeline(boosting)), tmp_path)
    assert artifact.manifest.parity.optimisations == ()
    assert "TreeEnsembleClassifier" in operators(artifact)
    assert any("stays as it is: the smaller one has" in line for line in said)


def test_what_cannot_be_expressed_is_packaged_as_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(model: bytes) -> bytes:
        raise NotExpressible("BRANCH_EQ")

    monkeypatch.setattr(optimise, "with_tree_ensembles", refuse)
    artifact, said = packaged(model_of(pipeline(FOREST, "passthrough")), tmp_path)
    assert "TreeEnsembleClassifier" in operators(artifact)
    assert "the graph stays as it is: BRANCH_EQ" in said


def test_novelty_joins_the_new_graph(tmp_path: Path) -> None:
    model = late(300, 1000, estimator=flights_pipeline(FOREST))
    artifact, _ = packaged(model, tmp_path)
    assert artifact.manifest.outputs.novelty is not None
    assert "TreeEnsemble" in operators(artifact)


def test_the_forest_that_tells_difficulty_joins_in_the_same_operators(tmp_path: Path) -> None:
    boosting = GradientBoostingRegressor(n_estimators=5, random_state=0)
    scaled = Uncertainty(intervals="scaled", coverage=(0.8,), false_alarms=None)
    model = delay(300, 400, estimator=flights_pipeline(boosting), uncertainty=scaled)
    artifact, _ = packaged(model, tmp_path)
    assert artifact.manifest.outputs.difficulty is not None
    assert len(artifact.manifest.parity.optimisations) == 1
    assert "TreeEnsembleRegressor" not in operators(artifact)
