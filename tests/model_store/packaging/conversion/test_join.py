"""Two graphs in one file, fed by the same inputs, each answering as it does alone."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import onnx
import onnxruntime as ort
import pytest
from numpy.typing import NDArray
from onnx import TensorProto, helper
from skl2onnx import convert_sklearn
from skl2onnx.common.data_types import FloatTensorType
from sklearn.compose import ColumnTransformer
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.tree import DecisionTreeRegressor

from model_store.contract import TensorSpec
from model_store.packaging.conversion.join import ML, joined, opset_of
from model_store.packaging.conversion.trees.rewrite import with_tree_ensembles
from model_store.packaging.errors import ConversionRefused

FLOAT, DOUBLE, INT64, STRING = (
    TensorProto.FLOAT,
    TensorProto.DOUBLE,
    TensorProto.INT64,
    TensorProto.STRING,
)


def graph(
    nodes: Sequence[onnx.NodeProto],
    inputs: dict[str, tuple[int, int]],
    opset: int = 18,
    ml: int | None = None,
    kind: int = FLOAT,
) -> bytes:
    """inputs: name → type and columns; the output is called y."""
    proto = helper.make_graph(
        nodes,
        "g",
        [helper.make_tensor_value_info(n, t, ["rows", c]) for n, (t, c) in inputs.items()],
        [helper.make_tensor_value_info("y", kind, ["rows", 1])],
    )
    opsets = [helper.make_opsetid("", opset)] if opset else []
    opsets += [helper.make_opsetid("ai.onnx.ml", ml)] if ml else []
    model = helper.make_model(proto, opset_imports=opsets, ir_version=8)
    onnx.checker.check_model(model)
    return model.SerializeToString()


def spec(name: str, dtype: Any, *features: str) -> TensorSpec:
    return TensorSpec(name=name, dtype=dtype, features=features or (name,))


def run(model: bytes, feed: dict[str, NDArray[Any]], output: str) -> NDArray[Any]:
    return np.asarray(ort.InferenceSession(model).run([output], feed)[0])


ADDED = graph([helper.make_node("Sub", ["a", "b"], ["y"])], {"a": (FLOAT, 1), "b": (FLOAT, 1)})


def test_columns_of_one_tensor_of_another_type_are_taken_apart() -> None:
    main = graph(
        [helper.make_node("ReduceSum", ["x"], ["y"], keepdims=1)], {"x": (DOUBLE, 3)}, kind=DOUBLE
    )
    both, name = joined(main, [spec("x", "float64", "b", "other", "a")], ADDED, "novelty")
    x = np.array([[1.0, 5.0, 10.0], [2.0, 5.0, 4.0]])
    assert name == "novelty"
    assert run(both, {"x": x}, name).tolist() == [9.0, 2.0]
    np.testing.assert_array_equal(run(both, {"x": x}, "y"), run(main, {"x": x}, "y"))


def test_integers_and_floats_are_fed_alike() -> None:
    main = graph(
        [
            helper.make_node("Cast", ["a"], ["af"], to=FLOAT),
            helper.make_node("Mul", ["af", "b"], ["y"]),
        ],
        {"a": (INT64, 1), "b": (FLOAT, 1)},
    )
    both, name = joined(main, [spec("a", "int64"), spec("b", "float32")], ADDED, "difficulty")
    feed = {"a": np.array([[7]]), "b": np.array([[0.5]], dtype=np.float32)}
    assert run(both, feed, name).tolist() == [6.5]
    assert run(both, feed, "y").tolist() == [[3.5]]


def test_names_that_the_graph_has_already_are_not_taken_again() -> None:
    main = graph(
        [
            helper.make_node("Add", ["a", "b"], ["novelty_y"]),
            helper.make_node("Neg", ["novelty_y"], ["y"]),
        ],
        {"a": (FLOAT, 1), "b": (FLOAT, 1)},
    )
    both, name = joined(main, [spec("a", "float32"), spec("b", "float32")], ADDED, "novelty")
    feed = {name: np.array([[2.0]], dtype=np.float32) for name in "ab"}
    assert name == "novelty_again"
    assert run(both, feed, name).tolist() == [0.0]
    assert run(both, feed, "y").tolist() == [[-4.0]]


def test_an_older_graph_is_raised_and_answers_as_before() -> None:
    """ReduceSum took its axes as an attribute until opset 13."""
    main = graph(
        [
            helper.make_node("Concat", ["a", "b"], ["ab"], axis=1),
            helper.make_node("ReduceSum", ["ab"], ["y"], axes=[1]),
        ],
        {"a": (FLOAT, 1), "b": (FLOAT, 1)},
        opset=11,
    )
    both, name = joined(main, [spec("a", "float32"), spec("b", "float32")], ADDED, "novelty")
    feed = {name: np.array([[2.0], [3.0]], dtype=np.float32) for name in "ab"}
    assert opset_of(both) == 18
    assert run(both, feed, name).tolist() == [0.0, 0.0]
    assert run(both, feed, "y").tolist() == run(main, feed, "y").tolist()


def test_trees_are_raised_with_the_rest() -> None:
    """Behind a scaler, ONNX's own converter ended the process over them."""
    X = np.random.default_rng(1).normal(size=(300, 2)).astype(np.float32)
    columns = ColumnTransformer([("one", StandardScaler(), [0]), ("two", "passthrough", [1])])
    trees = make_pipeline(columns, DecisionTreeRegressor(max_depth=4)).fit(X, X[:, 0] * X[:, 1])
    older = convert_sklearn(
        trees,
        initial_types=[(name, FloatTensorType([None, 1])) for name in "ab"],
        target_opset={"": 14, ML: 3},
    )
    main = with_tree_ensembles(older.SerializeToString())
    assert opset_of(main) < opset_of(ADDED)
    both, _ = joined(main, [spec("a", "float32"), spec("b", "float32")], ADDED, "novelty")
    feed = {"a": X[:, :1], "b": X[:, 1:]}
    assert run(both, feed, "variable").tolist() == run(main, feed, "variable").tolist()


def test_an_operator_that_would_mean_something_else_is_refused() -> None:
    """LabelEncoder of ai.onnx.ml 1 is another operator than that of 2."""
    main = graph(
        [helper.make_node("LabelEncoder", ["c"], ["y"], domain=ML, classes_strings=["u"])],
        {"c": (STRING, 1)},
        ml=1,
        kind=INT64,
    )
    newer = graph(
        [
            helper.make_node(
                "LabelEncoder",
                ["c"],
                ["y"],
                domain=ML,
                keys_strings=["u"],
                values_floats=[1.0],
            )
        ],
        {"c": (STRING, 1)},
        ml=2,
    )
    with pytest.raises(ConversionRefused, match=r"LabelEncoder of ai\.onnx\.ml 1"):
        joined(main, [spec("c", "string")], newer, "novelty")


def test_a_graph_without_onnxs_own_operators_gets_them() -> None:
    main = graph(
        [helper.make_node("Scaler", ["a"], ["y"], domain=ML, offset=[1.0], scale=[2.0])],
        {"a": (FLOAT, 1), "b": (FLOAT, 1)},
        opset=0,
        ml=1,
    )
    assert opset_of(main) == 0
    both, name = joined(main, [spec("a", "float32"), spec("b", "float32")], ADDED, "novelty")
    feed = {name: np.array([[2.0]], dtype=np.float32) for name in "ab"}
    assert run(both, feed, name).tolist() == [0.0]
    assert run(both, feed, "y").tolist() == [[2.0]]


def test_the_same_graphs_give_the_same_bytes() -> None:
    main = graph([helper.make_node("Neg", ["a"], ["y"])], {"a": (FLOAT, 1), "b": (FLOAT, 1)})
    inputs = [spec("a", "float32"), spec("b", "float32")]
    assert joined(main, inputs, ADDED, "novelty") == joined(main, inputs, ADDED, "novelty")
