"""From a fitted estimator to ONNX bytes: always the same ones, and the estimator untouched."""

import pickle
from typing import Any

import numpy as np
import onnx
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from onnxruntime import InferenceSession
from skl2onnx import convert_sklearn
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.tree import DecisionTreeClassifier

from model_store.contract import TensorSpec
from model_store.packaging.conversion.convert import (
    convert,
    first_line,
    tensors_for,
    tree_directions,
)
from model_store.packaging.conversion.remedies import (
    CAST_BEFORE_MODEL,
    DOUBLE,
    EXACT_VOTES,
    PLAIN,
    Remedy,
)

ROWS = np.array([[0.0, 1.0], [1.0, 0.0], [2.0, np.nan], [3.0, 5.0]] * 5)
LABELS = ["a", "b", "b", "a"] * 5
SPECS = tuple(TensorSpec(name=name, dtype="float32", features=(name,)) for name in ("x", "y"))
FOREST = RandomForestClassifier(5, random_state=0).fit(ROWS, LABELS)
SCALED = make_pipeline(StandardScaler(), LogisticRegression()).fit(np.nan_to_num(ROWS), LABELS)


def run(model: bytes, remedy: Remedy) -> Any:
    session = InferenceSession(model, providers=["CPUExecutionProvider"])
    columns = {name: ROWS[:, [i]].astype(remedy.inputs) for i, name in enumerate("xy")}
    return session.run(None, {name: np.nan_to_num(column) for name, column in columns.items()})


@pytest.mark.parametrize("remedy", [PLAIN, CAST_BEFORE_MODEL, DOUBLE], ids=lambda r: r.name)
def test_the_graph_takes_one_input_per_feature_in_the_dtype_of_the_remedy(remedy: Remedy) -> None:
    model = convert(SCALED, SPECS, remedy)
    session = InferenceSession(model, providers=["CPUExecutionProvider"])
    kind = "tensor(float)" if remedy.inputs == "float32" else "tensor(double)"
    assert [(given.name, given.type) for given in session.get_inputs()] == [
        ("x", kind),
        ("y", kind),
    ]
    labels, probabilities = run(model, remedy)
    assert labels.tolist() == SCALED.predict(np.nan_to_num(ROWS)).tolist()
    np.testing.assert_allclose(probabilities, SCALED.predict_proba(np.nan_to_num(ROWS)), atol=1e-6)


@pytest.mark.parametrize("remedy", [PLAIN, EXACT_VOTES], ids=lambda remedy: remedy.name)
def test_the_same_estimator_gives_the_same_bytes_and_stays_as_it_was(remedy: Remedy) -> None:
    before = pickle.dumps(FOREST)
    assert convert(FOREST, SPECS, remedy) == convert(FOREST, SPECS, remedy)
    assert pickle.dumps(FOREST) == before


@pytest.mark.parametrize("backwards", [False, True])
def test_nothing_in_the_bytes_depends_on_the_process_or_the_version_of_the_converter(
    backwards: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """skl2onnx lists opsets in the order of a set of strings."""

    def as_in_another_process(*arguments: Any, **options: Any) -> onnx.ModelProto:
        model = convert_sklearn(*arguments, **options)
        opsets = sorted(model.opset_import, key=lambda opset: opset.domain, reverse=backwards)
        opsets = [onnx.OperatorSetIdProto.FromString(o.SerializeToString()) for o in opsets]
        del model.opset_import[:]
        model.opset_import.extend(opsets)
        return model

    monkeypatch.setattr(
        "model_store.packaging.conversion.convert.convert_sklearn", as_in_another_process
    )
    model = onnx.load_from_string(convert(FOREST, SPECS, PLAIN))
    assert [opset.domain for opset in model.opset_import] == ["", "ai.onnx.ml"]
    assert model.producer_version == ""


def test_strings_stay_strings_whatever_the_remedy() -> None:
    text = TensorSpec(name="city", dtype="string", features=("city",))
    found = tensors_for((*SPECS, text), DOUBLE)
    assert [spec.dtype for spec in found] == ["float64", "float64", "string"]
    assert [spec.name for spec in found] == ["x", "y", "city"]


def test_a_pipeline_within_a_pipeline_is_converted_like_its_parts_in_a_row() -> None:
    flat = convert(SCALED, SPECS, CAST_BEFORE_MODEL)
    deep = convert(make_pipeline("passthrough", make_pipeline(SCALED)), SPECS, CAST_BEFORE_MODEL)
    for ours, theirs in zip(run(deep, DOUBLE), run(flat, DOUBLE), strict=True):
        np.testing.assert_array_equal(ours, theirs)


def test_each_tree_tells_where_it_sends_missing_values() -> None:
    tree = DecisionTreeClassifier(random_state=0).fit(ROWS, LABELS)
    assert tree_directions(tree) == [tree.tree_.missing_go_to_left.tolist()]
    sizes = [len(directions) for directions in tree_directions(FOREST)]
    assert sizes == [one.tree_.node_count for one in FOREST.estimators_]
    assert tree_directions(SCALED[-1]) == []


@given(text=st.text())
@example(text="x" * 301)
def test_a_message_of_a_third_party_is_cut_to_its_first_line(text: str) -> None:
    found = first_line(ValueError(text))
    assert found
    assert len(found.splitlines()) == 1
    assert len(found) <= 300


def test_an_error_without_a_message_is_called_by_its_name() -> None:
    assert first_line(KeyError()) == "KeyError"
    assert first_line(ValueError("\n\n  Broken.  \nmore")) == "Broken"
