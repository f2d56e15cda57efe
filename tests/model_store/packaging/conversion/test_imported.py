"""ONNX files that somebody else made."""

from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper
from onnxruntime.datasets import get_example
from sklearn.datasets import load_iris

from model_store.artifact.facts import OutputNames
from model_store.contract import Contract, TensorSpec
from model_store.contract.features import Number
from model_store.packaging import Constant, Model, package
from model_store.packaging.errors import InvalidModel
from model_store.vetting.errors import RuntimeTooOld, UnsafeGraph

SEPALS = Contract(
    name="sepals",
    version="1.0",
    features=(
        Number(name="length", minimum=0, maximum=10),
        Number(name="width", minimum=0, maximum=10),
    ),
)
BOTH = (TensorSpec(name="float_input", dtype="float32", features=SEPALS.names),)


def foreign(path: str | Path, **changes: Any) -> Model:
    arguments: dict[str, Any] = {"contract": SEPALS, "inputs": BOTH} | changes
    return Model(name="iris", version="1", onnx=path, **arguments)


def save(model: onnx.ModelProto, folder: Path) -> Path:
    path = folder / "model.onnx"
    path.write_bytes(model.SerializeToString())
    return path


def linear(rows: int | None = None, *, reshape: bool = False, outputs: int = 1) -> onnx.ModelProto:
    weights = numpy_helper.from_array(np.ones((2, outputs), dtype=np.float32), "weights")
    shape = numpy_helper.from_array(np.array([rows or 1, outputs]), "shape")
    nodes = [helper.make_node("MatMul", ["float_input", "weights"], ["sums"])]
    if reshape:
        nodes.append(helper.make_node("Reshape", ["sums", "shape"], ["y"]))
    else:
        nodes.append(helper.make_node("Identity", ["sums"], ["y"]))
    graph = helper.make_graph(
        nodes,
        "linear",
        [helper.make_tensor_value_info("float_input", TensorProto.FLOAT, [rows, 2])],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, [rows, outputs])],
        initializer=[weights, shape],
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=8)


def iris(**changes: Any) -> Model:
    names = ("sepal_length", "sepal_width", "petal_length", "petal_width")
    features = tuple(Number(name=name, minimum=0, maximum=10) for name in names)
    arguments: dict[str, Any] = {
        "contract": Contract(name="iris", version="1.0", features=features),
        "inputs": (TensorSpec(name="float_input", dtype="float32", features=names),),
        "fallback": Constant(value=1),
    }
    return foreign(get_example("logreg_iris.onnx"), **arguments | changes)


def test_onnxruntimes_own_iris_is_freed_of_zipmap_and_its_three_rows(tmp_path: Path) -> None:
    original = onnx.load(get_example("logreg_iris.onnx")).graph
    assert original.node[-1].op_type == "ZipMap"
    assert original.input[0].type.tensor_type.shape.dim[0].dim_value == 3
    artifact = package(iris(), tmp_path / "a")
    manifest = artifact.manifest
    assert (manifest.task, manifest.labels) == ("multiclass", (0, 1, 2))
    assert manifest.outputs.probabilities == "probability_tensor_normalized"
    assert (manifest.parity.status, manifest.provenance.source) == ("skipped", "onnx")
    assert manifest.parity.reason
    assert "no estimator" in manifest.parity.reason
    assert len(manifest.golden) >= 5
    assert b"ZipMap" not in artifact.model
    assert package(iris(), tmp_path / "again").digest == artifact.digest


def test_a_declared_width_that_contradicts_the_coefficients_is_corrected(tmp_path: Path) -> None:
    """The file says two columns and holds four coefficients: as declared it is right by chance."""
    original = onnx.load(get_example("logreg_iris.onnx")).graph
    assert original.input[0].type.tensor_type.shape.dim[1].dim_value == 2
    frame, target = load_iris(return_X_y=True, as_frame=True)
    model = iris()
    held_out = frame.set_axis(list(model.contract.names), axis=1), target
    metrics = package(iris(held_out=held_out), tmp_path / "a").manifest.metrics
    assert metrics["accuracy"] > 0.9
    with pytest.raises(InvalidModel, match="takes 4 columns, and 2 are declared"):
        package(iris(contract=SEPALS, inputs=BOTH), tmp_path / "b")


def test_a_lone_number_is_a_regression(tmp_path: Path) -> None:
    manifest = package(foreign(save(linear(), tmp_path)), tmp_path / "a").manifest
    assert (manifest.task, manifest.outputs.value) == ("regression", "y")


def test_inputs_that_are_not_features_ask_for_a_declaration(tmp_path: Path) -> None:
    with pytest.raises(InvalidModel, match="takes float_input") as refusal:
        package(foreign(save(linear(), tmp_path), inputs=None), tmp_path / "a")
    assert "inputs=(TensorSpec(name='float_input', dtype='float32'" in refusal.value.next_step


def test_a_declaration_of_the_wrong_width_is_refused(tmp_path: Path) -> None:
    one = (TensorSpec(name="float_input", dtype="float32", features=("length",)),)
    with pytest.raises(InvalidModel, match="takes 2 columns, and 1 are declared"):
        package(foreign(save(linear(), tmp_path), inputs=one), tmp_path / "a")


def test_a_fixed_number_of_rows_inside_the_graph_is_refused_with_the_way_out(
    tmp_path: Path,
) -> None:
    with pytest.raises(InvalidModel, match="made for exactly 3 rows at a time"):
        package(foreign(save(linear(3, reshape=True), tmp_path)), tmp_path / "a")


def test_rows_that_influence_each_other_are_refused(tmp_path: Path) -> None:
    model = linear()
    axis = numpy_helper.from_array(np.array([0]), "axis")
    model.graph.initializer.append(axis)
    del model.graph.node[-1]
    model.graph.node.append(helper.make_node("ReduceMean", ["sums", "axis"], ["mean"]))
    model.graph.node.append(helper.make_node("Add", ["sums", "mean"], ["y"]))
    with pytest.raises(InvalidModel, match="answers a row differently") as refusal:
        package(foreign(save(model, tmp_path)), tmp_path / "a")
    assert "dynamic first dimension" in refusal.value.next_step


def test_a_graph_that_gives_nan_for_a_row_of_the_contract_is_refused(tmp_path: Path) -> None:
    """Served, one odd row spoils no other row's answer; here nothing may be odd."""
    model = linear()
    model.graph.node[-1].CopyFrom(helper.make_node("Log", ["sums"], ["y"]))
    negative = tuple(Number(name=name, minimum=-20, maximum=10) for name in SEPALS.names)
    contract = SEPALS.model_copy(update={"features": negative})
    with pytest.raises(InvalidModel, match="numbers that nobody can use for rows"):
        package(foreign(save(model, tmp_path), contract=contract), tmp_path / "a")


def test_probabilities_without_classes_ask_for_labels(tmp_path: Path) -> None:
    model = linear(outputs=2)
    model.graph.node[-1].CopyFrom(helper.make_node("Softmax", ["sums"], ["y"], axis=1))
    path = save(model, tmp_path)
    with pytest.raises(InvalidModel, match="does not tell the classes"):
        package(foreign(path), tmp_path / "a")
    named = foreign(path, labels=("no", "yes"), outputs=OutputNames(probabilities="y"))
    manifest = package(named, tmp_path / "b").manifest
    assert (manifest.task, manifest.labels) == ("binary", ("no", "yes"))


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(InvalidModel, match="cannot be read"):
        package(foreign(tmp_path / "nothing.onnx"), tmp_path / "a")


def test_a_foreign_file_for_a_newer_runtime_is_refused(tmp_path: Path) -> None:
    """Fault row 13."""
    model = linear()
    model.ir_version = 99
    with pytest.raises(RuntimeTooOld, match="IR version is 99"):
        package(foreign(save(model, tmp_path)), tmp_path / "a")


def test_a_foreign_file_with_external_data_is_refused(tmp_path: Path) -> None:
    """Threat "ONNX external data"."""
    model = linear()
    model.graph.initializer[0].data_location = TensorProto.EXTERNAL
    with pytest.raises(UnsafeGraph, match="keeps its data in another file"):
        package(foreign(save(model, tmp_path)), tmp_path / "a")


def test_one_number_per_row_is_no_classifier_whatever_labels_are_declared(tmp_path: Path) -> None:
    """As Keras and PyTorch export a sigmoid: no label would ever be answered."""
    with pytest.raises(InvalidModel, match="one number per row, and 2 labels are declared"):
        package(foreign(save(linear(), tmp_path), labels=("no", "yes")), tmp_path / "artifact")
