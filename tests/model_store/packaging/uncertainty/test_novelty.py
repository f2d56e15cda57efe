"""A graph that tells how unlike the training data a row is, exactly as scikit-learn does."""

from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pandas as pd
import pytest
from onnx import TensorProto, helper
from onnxruntime.datasets import get_example
from scipy.stats import binom
from sklearn.datasets import load_iris
from sklearn.linear_model import LogisticRegression

from model_store.artifact.folder import Artifact
from model_store.contract import Contract, Row, TensorSpec, normalise
from model_store.contract.features import Number
from model_store.packaging import Model, Uncertainty, package
from model_store.packaging.conversion.beside import columns_of
from model_store.packaging.data import read_data
from model_store.packaging.errors import InvalidModel
from model_store.packaging.frames import frame_of
from model_store.packaging.served import Graph, Served
from model_store.packaging.uncertainty.novelty import gaussian_of
from model_store.packaging.uncertainty.split import split
from model_store.predictions import ModelPrediction, Reason
from model_store.uncertainty.novelty import Novelty
from tests.model_store.packaging.birds import model_of
from tests.model_store.packaging.birds import pipeline as bird_pipeline
from tests.model_store.packaging.flights import late

FAST = {"calibrate": "none", "coverage": ()}


def asked(**changes: Any) -> Uncertainty:
    return Uncertainty.model_validate({**FAST, **changes})


@pytest.fixture(scope="module")
def model() -> Model:
    return late(held_out=4000, uncertainty=asked(false_alarms=0.05))


@pytest.fixture(scope="module")
def artifact(model: Model, tmp_path_factory: pytest.TempPathFactory) -> Artifact:
    return package(model, tmp_path_factory.mktemp("artifacts") / "late")


def novelty_of(artifact: Artifact) -> Novelty:
    found = artifact.manifest.novelty
    assert found is not None
    return found


def graph_of(artifact: Artifact) -> Graph:
    manifest = artifact.manifest
    return Graph(artifact.model, manifest.task, manifest.inputs, manifest.outputs, manifest.labels)


def test_the_graphs_score_is_scikit_learns(model: Model, artifact: Artifact) -> None:
    data, contract = read_data(model), model.contract
    columns = columns_of(contract, graph_of(artifact), data.train.rows)
    gaussian = gaussian_of(contract, columns, data.train.rows)
    rows = [*data.held_out.rows, odd(model), unseen(model)]
    expected = -gaussian.estimator.score_samples(frame_of(contract, rows)[columns.names])
    found = Served(artifact.manifest, artifact.model).outputs(rows).novelty
    np.testing.assert_allclose(np.asarray(found), expected, rtol=1e-4, atol=1e-3)


def odd(model: Model) -> Row:
    """Each value is usual, and together they are not: no flight to Hawaii is that short."""
    values = read_data(model).held_out.rows[0].values
    return normalise(model.contract, {**values, "carrier": "HA", "distance": 200.0})


def unseen(model: Model) -> Row:
    values = read_data(model).held_out.rows[0].values
    return normalise(model.contract, {**values, "carrier": "ZZ"})


def test_rows_unlike_the_training_data_are_novel_and_usual_ones_are_not(
    model: Model, artifact: Artifact
) -> None:
    usual = read_data(model).held_out.rows[0]
    served = Served(artifact.manifest, artifact.model)
    verdicts = served.verdicts([usual, odd(model), unseen(model)])
    doubts = [v.doubts for v in verdicts if isinstance(v, ModelPrediction)]
    assert doubts == [(), (Reason.NOVEL,), (Reason.NOVEL,)]


def test_false_alarms_are_as_rare_as_was_asked_for(model: Model, artifact: Artifact) -> None:
    """The threshold comes from as many rows as measure it, hence twice the variance."""
    found = novelty_of(artifact)
    assert (found.score, found.rows, found.false_alarms) == ("gaussian", 2000, 0.05)
    assert found.observed is not None
    spread = np.sqrt(2 * 0.05 * 0.95 / 2000)
    assert abs(found.observed - 0.05) < 3 * spread
    held_out = split(model, graph_of(artifact), read_data(model)).held_out.rows
    verdicts = Served(artifact.manifest, artifact.model).verdicts(held_out)
    novel = sum(isinstance(v, ModelPrediction) and Reason.NOVEL in v.doubts for v in verdicts)
    assert novel == round(found.observed * len(held_out))
    assert binom.cdf(novel, len(held_out), 0.05) > 1e-4


def test_with_few_rows_single_features_are_checked_and_the_note_says_why(tmp_path: Path) -> None:
    artifact = package(late(held_out=150, uncertainty=asked()), tmp_path / "a")
    found = novelty_of(artifact)
    assert (found.score, found.threshold) == (None, None)
    assert found.note == "0.01 false alarms need 99 calibration rows, and there are 75"
    assert artifact.manifest.outputs.novelty is None


def test_a_rate_that_was_asked_for_is_given_or_refused(tmp_path: Path) -> None:
    model = late(held_out=150, uncertainty=asked(false_alarms=0.002))
    with pytest.raises(InvalidModel, match=r"0\.002 false alarms need 499 calibration rows"):
        package(model, tmp_path / "a")


def test_none_measures_no_novelty(tmp_path: Path) -> None:
    artifact = package(late(uncertainty=asked(false_alarms=None)), tmp_path / "a")
    assert artifact.manifest.novelty is None


def test_sensitive_features_have_no_part_in_it(tmp_path: Path) -> None:
    """Threat "raw data kept for monitoring": nothing about anybody's sex can be told from it."""
    linear = bird_pipeline(LogisticRegression(max_iter=1000))
    model = model_of(linear, uncertainty=asked(false_alarms=0.05))
    artifact = package(model, tmp_path / "a")
    assert novelty_of(artifact).score == "gaussian"
    row = read_data(model).held_out.rows[0]
    others = [normalise(model.contract, {**row.values, "sex": s}) for s in ("male", "female", None)]
    scores = Served(artifact.manifest, artifact.model).outputs(others).novelty
    assert scores is not None
    assert len(set(scores.tolist())) == 1


def imported(path: Path | str, **changes: Any) -> Model:
    """A graph of four numbers in one tensor, made elsewhere."""
    names = ("sepal_length", "sepal_width", "petal_length", "petal_width")
    features = tuple(Number(name=name, minimum=0, maximum=10) for name in names)
    iris = load_iris()
    flowers = pd.DataFrame(iris.data, columns=list(names))
    arguments: dict[str, Any] = {
        "inputs": (TensorSpec(name="float_input", dtype="float32", features=names),),
        "held_out": (flowers, iris.target),
        "train": (flowers, iris.target),
        "uncertainty": Uncertainty(false_alarms=0.05),
    }
    contract = Contract(name="iris", version="1.0", features=features)
    return Model(name="iris", version="1", contract=contract, onnx=path, **arguments | changes)


def test_a_graph_made_elsewhere_tells_it_too(tmp_path: Path) -> None:
    """onnxruntime's own iris: opset 9 and one tensor for all features."""
    artifact = package(imported(get_example("logreg_iris.onnx")), tmp_path / "a")
    found = novelty_of(artifact)
    assert (found.score, found.note) == ("gaussian", "")
    model = imported(get_example("logreg_iris.onnx"))
    usual = read_data(model).held_out.rows[0]
    large = normalise(model.contract, dict.fromkeys(model.contract.names, 10.0))
    scores = Served(artifact.manifest, artifact.model).outputs([usual, large]).novelty
    assert scores is not None
    assert found.threshold is not None
    assert scores[0] < found.threshold < scores[1]


def test_a_graph_that_none_can_be_joined_to_keeps_single_checks_and_says_why(
    tmp_path: Path,
) -> None:
    """Its opset is newer than any that skl2onnx writes."""
    weights = helper.make_tensor("weights", TensorProto.FLOAT, [4, 1], [1.0] * 4)
    graph = helper.make_graph(
        [helper.make_node("MatMul", ["float_input", "weights"], ["y"])],
        "sums",
        [helper.make_tensor_value_info("float_input", TensorProto.FLOAT, ["rows", 4])],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, ["rows", 1])],
        initializer=[weights],
    )
    proto = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 24)], ir_version=10)
    path = tmp_path / "iris.onnx"
    onnx.save(proto, path)
    found = novelty_of(package(imported(path), tmp_path / "a"))
    assert (found.score, found.threshold) == (None, None)
    assert "opset" in found.note
