"""A graph with TreeEnsemble nodes answers as the one that it was made from."""

from typing import Any

import numpy as np
import onnx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from onnx import helper
from onnxruntime import InferenceSession
from skl2onnx import to_onnx
from sklearn.ensemble import (
    ExtraTreesClassifier,
    ExtraTreesRegressor,
    GradientBoostingClassifier,
    GradientBoostingRegressor,
    HistGradientBoostingClassifier,
    HistGradientBoostingRegressor,
    RandomForestClassifier,
    RandomForestRegressor,
)
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

from model_store.packaging.conversion.graph_edits import add_votes_before_dividing
from model_store.packaging.conversion.trees.forest import NotExpressible
from model_store.packaging.conversion.trees.rewrite import with_tree_ensembles
from model_store.vetting.graph import inspect_graph

Floats = np.ndarray[Any, Any]

FORESTS = (RandomForestClassifier, ExtraTreesClassifier)
CLASSIFIERS = (
    *FORESTS,
    DecisionTreeClassifier,
    GradientBoostingClassifier,
    HistGradientBoostingClassifier,
)
REGRESSORS = (
    RandomForestRegressor,
    ExtraTreesRegressor,
    DecisionTreeRegressor,
    GradientBoostingRegressor,
    HistGradientBoostingRegressor,
)
LABELS = {
    "numbers": np.array([3, 7, 11]),
    "strings": np.array(["Adélie", "Gentoo", "Chinstrap"], dtype=object),
}


def rows(seed: int, count: int, dtype: Any) -> Floats:
    found: Floats = np.random.default_rng(seed).normal(size=(count, 4)).astype(dtype)
    return found


def sized(kind: Any, trees: int, depth: int) -> dict[str, Any]:
    count = {} if "Decision" in kind.__name__ else {"n_estimators": trees}
    count = {"max_iter": trees} if "Hist" in kind.__name__ else count
    return {"max_depth": depth, "random_state": 0, **count}


def graph_of(estimator: Any, dtype: Any) -> onnx.ModelProto:
    options = {id(estimator): {"zipmap": False}} if hasattr(estimator, "classes_") else None
    opset = {"": 18, "ai.onnx.ml": 3}
    return to_onnx(estimator, rows(0, 1, dtype), options=options, target_opset=opset)


def asked(model: bytes, sample: Floats) -> list[Floats]:
    session = InferenceSession(model, providers=["CPUExecutionProvider"])
    found: list[Floats] = session.run(None, {"X": sample})
    return found


def assert_alike(before: bytes, after: bytes, sample: Floats) -> None:
    for old, new in zip(asked(before, sample), asked(after, sample), strict=True):
        assert old.dtype == new.dtype
        assert old.shape == new.shape
        if old.dtype.kind == "f":
            np.testing.assert_allclose(new, old, rtol=2e-6, atol=2e-6)
        else:
            assert new.tolist() == old.tolist()


def operators(model: bytes) -> set[str]:
    return {node.op_type for node in onnx.load_model_from_string(model).graph.node}


@settings(max_examples=10)
@given(
    kind=st.sampled_from(CLASSIFIERS),
    classes=st.sampled_from([2, 3]),
    labels=st.sampled_from(sorted(LABELS)),
    trees=st.integers(1, 12),
    depth=st.integers(1, 7),
    seed=st.integers(0, 1000),
)
def test_any_classifier_answers_as_before(
    kind: Any, classes: int, labels: str, trees: int, depth: int, seed: int
) -> None:
    x = rows(seed, 120, np.float32)
    sums = x[:, 0] + x[:, 1] ** 2
    truth = np.digitize(sums, np.quantile(sums, np.linspace(0, 1, classes + 1)[1:-1]))
    estimator = kind(**sized(kind, trees, depth)).fit(x, LABELS[labels][truth])
    before = graph_of(estimator, np.float32).SerializeToString()
    after = with_tree_ensembles(before)
    assert "TreeEnsemble" in operators(after)
    assert "TreeEnsembleClassifier" not in operators(after)
    assert_alike(before, after, rows(seed + 1, 200, np.float32))


@settings(max_examples=8)
@given(
    kind=st.sampled_from(REGRESSORS),
    trees=st.integers(1, 12),
    depth=st.integers(1, 7),
    seed=st.integers(0, 1000),
)
def test_any_regressor_answers_as_before(kind: Any, trees: int, depth: int, seed: int) -> None:
    x = rows(seed, 120, np.float32)
    estimator = kind(**sized(kind, trees, depth)).fit(x, x[:, 0] * 3 + x[:, 1] ** 2)
    before = graph_of(estimator, np.float32).SerializeToString()
    after = with_tree_ensembles(before)
    assert "TreeEnsembleRegressor" not in operators(after)
    assert_alike(before, after, rows(seed + 1, 200, np.float32))


@pytest.mark.parametrize("classes", [2, 3])
def test_trees_that_read_doubles_answer_as_before(classes: int) -> None:
    x = rows(1, 200, np.float64)
    truth = np.digitize(x[:, 0], [-0.5, 0.5][: classes - 1])
    estimator = RandomForestClassifier(10, random_state=0).fit(x, truth)
    before = graph_of(estimator, np.float64).SerializeToString()
    assert_alike(before, with_tree_ensembles(before), rows(2, 200, np.float64))


@pytest.mark.parametrize("kind", FORESTS)
@pytest.mark.parametrize("classes", [2, 3])
def test_exact_votes_stay_exact(kind: Any, classes: int) -> None:
    x = rows(1, 200, np.float32)
    estimator = kind(20, random_state=0).fit(x, np.digitize(x[:, 0], [-0.5, 0.5][: classes - 1]))
    graph = graph_of(estimator, np.float32)
    add_votes_before_dividing(graph)
    before = graph.SerializeToString()
    sample = rows(2, 300, np.float32)
    old, new = asked(before, sample), asked(with_tree_ensembles(before), sample)
    assert [answer.tolist() for answer in old] == [answer.tolist() for answer in new]


def test_missing_values_take_the_same_branches() -> None:
    x = rows(1, 200, np.float32)
    x[::3, 0] = np.nan
    truth = (np.nan_to_num(x[:, 0]) + x[:, 1] > 0).astype(int)
    estimator = HistGradientBoostingClassifier(max_iter=15).fit(x, truth)
    before = graph_of(estimator, np.float32).SerializeToString()
    sample = rows(2, 200, np.float32)
    sample[::2, 0] = sample[::5, 1] = np.nan
    assert_alike(before, with_tree_ensembles(before), sample)


def test_a_tree_that_is_one_leaf_answers_as_before() -> None:
    x = rows(1, 20, np.float32)
    before = graph_of(DecisionTreeRegressor().fit(x, np.full(20, 4.5)), np.float32)
    content = before.SerializeToString()
    assert_alike(content, with_tree_ensembles(content), rows(2, 5, np.float32))


def forest() -> onnx.ModelProto:
    x = rows(1, 300, np.float32)
    estimator = RandomForestClassifier(30, random_state=0)
    return graph_of(estimator.fit(x, (x[:, 0] > x[:, 1]).astype(int)), np.float32)


def test_a_forest_becomes_a_third_of_the_size_and_passes_inspection() -> None:
    before = forest().SerializeToString()
    after = with_tree_ensembles(before)
    assert len(after) < 0.35 * len(before)
    assert inspect_graph(after).opsets["ai.onnx.ml"] == 5


def test_the_same_graph_gives_the_same_bytes() -> None:
    before = forest().SerializeToString()
    assert with_tree_ensembles(before) == with_tree_ensembles(before)


def test_a_graph_without_trees_is_left_alone() -> None:
    node = helper.make_node("Neg", ["x"], ["y"])
    value = [helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, [1]) for name in "xy"]
    model = helper.make_model(helper.make_graph([node], "g", value[:1], value[1:]))
    assert with_tree_ensembles(model.SerializeToString()) == model.SerializeToString()


def changed(name: str, value: Any) -> onnx.ModelProto:
    """The forest with another value of one attribute."""
    model = forest()
    node = next(n for n in model.graph.node if n.op_type == "TreeEnsembleClassifier")
    kept = [attribute for attribute in node.attribute if attribute.name != name]
    del node.attribute[:]
    node.attribute.extend([*kept, helper.make_attribute(name, value)])
    return model


def compared_by(mode: str) -> onnx.ModelProto:
    node = next(n for n in forest().graph.node if n.op_type == "TreeEnsembleClassifier")
    modes = next(a for a in node.attribute if a.name == "nodes_modes").strings
    return changed("nodes_modes", [mode if m == b"BRANCH_LEQ" else m.decode() for m in modes])


def of_opset(opset: int) -> onnx.ModelProto:
    model = forest()
    del model.opset_import[:]
    model.opset_import.extend(
        [helper.make_opsetid("", opset), helper.make_opsetid("ai.onnx.ml", 3)]
    )
    return model


@pytest.mark.parametrize(
    ("make", "told"),
    [
        pytest.param(lambda: compared_by("BRANCH_EQ"), "BRANCH_EQ", id="a branch by equality"),
        pytest.param(lambda: changed("post_transform", "PROBIT"), "PROBIT", id="probit"),
        pytest.param(lambda: changed("post_transform", "LOGISTIC"), "shares", id="logistic shares"),
        pytest.param(lambda: changed("base_values", [0.1, 0.2, 0.3]), "base values", id="bases"),
        pytest.param(lambda: of_opset(12), "opset", id="an old opset"),
    ],
)
def test_what_cannot_be_expressed_is_said(make: Any, told: str) -> None:
    with pytest.raises(NotExpressible, match=told):
        with_tree_ensembles(make().SerializeToString())
