"""Rewritten graphs answer what they should, and nothing else in them changes."""

from collections.abc import Callable
from typing import Any

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper
from onnxruntime import InferenceSession
from skl2onnx import convert_sklearn
from skl2onnx.common.data_types import FloatTensorType
from sklearn.ensemble import RandomForestClassifier, RandomForestRegressor
from sklearn.linear_model import LogisticRegression
from sklearn.tree import DecisionTreeClassifier

from model_store.packaging.conversion.convert import tree_directions
from model_store.packaging.conversion.graph_edits import (
    add_votes_before_dividing,
    class_labels,
    correct_widths,
    follow_missing_values,
    free_batch,
    remove_zipmaps,
)

RANDOM = np.random.default_rng(0)
ROWS = RANDOM.normal(size=(200, 3)).astype(np.float32)
NOISE = RANDOM.integers(0, 3, size=200)


def converted(model: Any, zipmap: bool = False, rows: int | None = None) -> onnx.ModelProto:
    proto: onnx.ModelProto = convert_sklearn(
        model,
        initial_types=[("x", FloatTensorType([rows, 3]))],
        options={id(model): {"zipmap": zipmap}} if hasattr(model, "classes_") else None,
        target_opset={"": 18, "ai.onnx.ml": 3},
    )
    return proto


def run(model: onnx.ModelProto, rows: np.ndarray = ROWS) -> list[Any]:
    onnx.checker.check_model(model)
    session = InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    outputs: list[Any] = session.run(None, {"x": rows})
    return outputs


@pytest.mark.parametrize(
    "classes",
    [np.array(["no", "yes"]), np.array([7, 3]), np.array(["a", "b", "c"]), np.array([5, 1, 9])],
    ids=str,
)
def test_votes_that_are_added_before_dividing_tie_where_scikit_learns_do(classes: Any) -> None:
    """Trees of noise: many rows get exactly as many votes for one class as for another."""
    target = classes[NOISE % len(classes)]
    forest = RandomForestClassifier(10, random_state=0, bootstrap=True).fit(
        ROWS[:100], target[:100]
    )
    expected = forest.predict_proba(ROWS)
    top = np.sort(expected, axis=1)
    assert (top[:, -1] == top[:, -2]).sum() > 5, "there are ties to get wrong"
    model = converted(forest)
    names = [output.name for output in model.graph.output]
    add_votes_before_dividing(model)
    assert [output.name for output in model.graph.output] == names
    labels, probabilities = run(model)
    assert labels.tolist() == forest.predict(ROWS).tolist()
    np.testing.assert_allclose(probabilities, expected, atol=1e-7)


def test_a_graph_without_votes_stays_as_it_is() -> None:
    for estimator in (LogisticRegression(), RandomForestRegressor(3)):
        model = converted(estimator.fit(ROWS, NOISE))
        before = model.SerializeToString()
        add_votes_before_dividing(model)
        assert model.SerializeToString() == before


HOLES = np.where(RANDOM.random(ROWS.shape) < 0.3, np.nan, ROWS).astype(np.float32)


@pytest.mark.parametrize(
    "trees",
    [DecisionTreeClassifier(random_state=0), RandomForestClassifier(5, random_state=0)],
    ids=lambda trees: type(trees).__name__,
)
def test_missing_values_go_where_scikit_learn_sends_them(trees: Any) -> None:
    fitted = trees.fit(HOLES, NOISE)
    model = converted(fitted)
    expected = fitted.predict_proba(HOLES)
    assert np.abs(run(model, HOLES)[1] - expected).max() > 0.1, "as converted they do not"
    follow_missing_values(model, tree_directions(fitted))
    np.testing.assert_allclose(run(model, HOLES)[1], expected, atol=1e-6)


def test_without_directions_trees_stay_as_they_are() -> None:
    model = converted(DecisionTreeClassifier().fit(ROWS, NOISE))
    before = model.SerializeToString()
    follow_missing_values(model, [])
    assert model.SerializeToString() == before


@pytest.mark.parametrize("classes", [np.array(["a", "b", "c"]), np.array([4, 2, 9])], ids=str)
def test_a_zipmap_becomes_the_tensor_it_was_made_of_and_its_classes_are_kept(classes: Any) -> None:
    target = classes[NOISE]
    model = converted(LogisticRegression().fit(ROWS, target), zipmap=True)
    maps = run(model)[1]
    remove_zipmaps(model)
    labels = class_labels(model)
    assert labels == tuple(sorted(classes.tolist()))
    probabilities = run(model)[1]
    assert probabilities.shape == (len(ROWS), 3)
    for row, mapped in zip(probabilities[:5], maps[:5], strict=True):
        assert dict(zip(labels, row.tolist(), strict=True)) == mapped


def test_classes_that_only_the_zipmap_knew_are_not_lost() -> None:
    nodes = [
        helper.make_node("Softmax", ["x"], ["p"], axis=1),
        helper.make_node(
            "ZipMap", ["p"], ["y"], domain="ai.onnx.ml", classlabels_strings=["a", "b", "c"]
        ),
    ]
    graph = helper.make_graph(
        nodes,
        "shares",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, [None, 3])],
        [helper.make_value_info("y", onnx.TypeProto())],
    )
    opsets = [helper.make_opsetid("", 18), helper.make_opsetid("ai.onnx.ml", 3)]
    model = helper.make_model(graph, opset_imports=opsets, ir_version=8)
    remove_zipmaps(model)
    assert class_labels(model) == ("a", "b", "c")
    assert [output.name for output in model.graph.output] == ["p"]
    assert run(model)[0].shape == (len(ROWS), 3)


def test_the_classes_of_a_graph_are_told_by_the_graph() -> None:
    assert class_labels(converted(LogisticRegression().fit(ROWS, NOISE))) == (0, 1, 2)
    assert class_labels(converted(RandomForestRegressor(2).fit(ROWS, NOISE))) == ()


def linear(rows: int | None, width: int = 2) -> onnx.ModelProto:
    """Four coefficients, a declared number of rows and of columns."""
    node = helper.make_node(
        "LinearRegressor",
        ["x"],
        ["y"],
        domain="ai.onnx.ml",
        coefficients=[1.0] * 4,
        intercepts=[0.5],
    )
    graph = helper.make_graph(
        [node],
        "linear",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, [rows, width])],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, [rows, 1])],
        value_info=[helper.make_tensor_value_info("y", TensorProto.FLOAT, [rows, 1])],
    )
    opsets = [helper.make_opsetid("", 18), helper.make_opsetid("ai.onnx.ml", 3)]
    return helper.make_model(graph, opset_imports=opsets, ir_version=8)


def dims(value: onnx.ValueInfoProto) -> list[int]:
    return [dim.dim_value for dim in value.type.tensor_type.shape.dim]


def test_a_fixed_number_of_rows_is_freed_and_told() -> None:
    model = linear(3, width=4)
    assert free_batch(model) == 3
    assert (dims(model.graph.input[0]), dims(model.graph.output[0])) == ([0, 4], [0, 1])
    assert not model.graph.value_info
    assert run(model, np.ones((7, 4), np.float32))[0].tolist() == [[4.5]] * 7


def test_a_free_number_of_rows_is_nothing_to_tell() -> None:
    model = linear(None)
    before = model.SerializeToString()
    assert free_batch(model) is None
    assert model.SerializeToString() == before


def test_constants_that_are_listed_as_inputs_keep_their_shape() -> None:
    """Old exporters list every initializer as an input."""
    model = linear(3)
    model.graph.initializer.append(numpy_helper.from_array(np.ones((5, 2), np.float32), "w"))
    model.graph.input.append(helper.make_tensor_value_info("w", TensorProto.FLOAT, [5, 2]))
    assert free_batch(model) == 3
    assert dims(model.graph.input[1]) == [5, 2]


def test_a_width_that_contradicts_the_coefficients_is_corrected() -> None:
    model = linear(None, width=2)
    correct_widths(model)
    assert dims(model.graph.input[0])[1] == 4
    assert run(model, np.ones((2, 4), np.float32))[0].tolist() == [[4.5]] * 2


@pytest.mark.parametrize("edit", [correct_widths, remove_zipmaps, free_batch])
def test_a_graph_that_needs_no_edit_stays_as_it_is(edit: Callable[[Any], Any]) -> None:
    model = linear(None, width=4)
    before = model.SerializeToString()
    edit(model)
    assert model.SerializeToString() == before
