"""Calibrated graphs answer like numpy, for every exporter, opset and IR, and stay refusable."""

from typing import get_args

import numpy as np
import onnx
import onnxruntime as ort
import pytest
from hypothesis import given, settings
from numpy.typing import NDArray
from onnx import TensorProto, helper
from onnxruntime.datasets import get_example
from skl2onnx import to_onnx
from sklearn.datasets import load_iris

from model_store.artifact.facts import OutputNames
from model_store.packaging.conversion.graph_edits import correct_widths, free_batch, remove_zipmaps
from model_store.packaging.errors import InvalidModel
from model_store.packaging.uncertainty.calibration.calibrators import (
    Calibrator,
    Curve,
    Isotonic,
    Method,
    Sigmoid,
    Temperature,
    fit,
)
from model_store.packaging.uncertainty.calibration.graph import calibrated
from model_store.vetting.graph import inspect_graph
from tests.model_store.packaging.uncertainty.calibration import strategies
from tests.model_store.packaging.uncertainty.calibration.classifiers import (
    CASES,
    Classified,
    classified,
)

METHODS: tuple[Method, ...] = get_args(Method)
BOTH = OutputNames(label="label", probabilities="probabilities")
STEPS = Isotonic((Curve((0.1, 0.5, 0.5 + 1e-9, 0.9), (0.2, 0.2, 0.6, 0.7)),))
Floats = NDArray[np.float64]


def run(model: bytes, **inputs: np.ndarray) -> dict[str, np.ndarray]:
    session = ort.InferenceSession(model, providers=["CPUExecutionProvider"])
    names = [output.name for output in session.get_outputs()]
    return dict(zip(names, session.run(names, inputs), strict=True))


def converted(case: Classified, dtype: type) -> bytes:
    """Two outputs, label and probabilities, as every converter has them."""
    proto = to_onnx(
        case.estimator,
        case.X[:1].astype(dtype),
        options={"zipmap": False},
        target_opset={"": 18, "ai.onnx.ml": 3},
    )
    return bytes(proto.SerializeToString())


def passthrough(
    classes: int, *, opset: int = 18, ir: int = 8, element: int = TensorProto.DOUBLE
) -> bytes:
    """A graph that is asked with its own probabilities; its label is always class 0."""
    nodes = [
        helper.make_node("Identity", ["given"], ["probabilities"]),
        helper.make_node("ArgMax", ["all_alike"], ["label"], axis=1, keepdims=0),
        helper.make_node("Sub", ["given", "given"], ["all_alike"]),
    ]
    graph = helper.make_graph(
        [nodes[0], nodes[2], nodes[1]],
        "passthrough",
        [helper.make_tensor_value_info("given", element, ["rows", classes])],
        [
            helper.make_tensor_value_info("label", TensorProto.INT64, ["rows"]),
            helper.make_tensor_value_info("probabilities", element, ["rows", classes]),
        ],
    )
    opsets = [helper.make_opsetid("", opset)]
    model = helper.make_model(graph, opset_imports=opsets, ir_version=ir)
    return bytes(model.SerializeToString())


def calibrated_answers(calibrator: Calibrator, probabilities: Floats, **made: int) -> Floats:
    classes = probabilities.shape[1]
    model, outputs = calibrated(passthrough(classes, **made), BOTH, calibrator, range(classes))
    dtype = np.float32 if made.get("element") == TensorProto.FLOAT else np.float64
    found = run(model, given=probabilities.astype(dtype))
    return np.asarray(found[str(outputs.probabilities)])


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize(("data", "estimator"), CASES)
def test_the_graph_of_a_real_model_is_calibrated(data: str, estimator: str, method: Method) -> None:
    """It stays inspectable, and its labels are its own or the most probable class."""
    case = classified(data, estimator)
    # In float32 naive Bayes answers some digits with numbers that do not sum to 1.
    dtype = np.float64 if estimator == "bayes" else np.float32
    model, rows = converted(case, dtype), case.X_new.astype(dtype)
    plain = run(model, X=rows)
    before = plain["probabilities"].astype(np.float64)
    calibrator = fit(method, case.truth, case.given)
    after, outputs = calibrated(model, BOTH, calibrator, case.labels)
    onnx.checker.check_model(onnx.load_model_from_string(after), full_check=True)
    assert set(inspect_graph(after).outputs) == {outputs.label, outputs.probabilities} - {None}
    found = run(after, X=rows)
    expected = calibrator.apply(before)
    np.testing.assert_allclose(found["calibrated"], expected, rtol=0, atol=1e-9)
    if method == "temperature":
        assert outputs == OutputNames(label="label", probabilities="calibrated")
        assert found["label"].tolist() == plain["label"].tolist()
    else:
        assert outputs == OutputNames(label=None, probabilities="calibrated")
        chosen = found["calibrated"].argmax(axis=1)
        assert chosen.tolist() == expected.argmax(axis=1).tolist()


@given(strategies.CASES)
@settings(max_examples=60)
def test_any_calibrator_answers_any_row_like_numpy(case: tuple[Calibrator, Floats]) -> None:
    calibrator, probabilities = case
    found = calibrated_answers(calibrator, probabilities)
    expected = calibrator.apply(probabilities)
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-9)


@pytest.mark.parametrize("p", [0.0, 0.1, 0.3, 0.5, 0.5 + 5e-10, 0.5 + 1e-9, 0.9, 1.0])
def test_isotonic_steps_and_ends_are_exact(p: float) -> None:
    """On a point, within a step that is all but vertical, and before and after the curve."""
    probabilities = np.array([[1 - p, p]])
    expected = np.interp(p, STEPS.curves[0].x, STEPS.curves[0].y)
    assert calibrated_answers(STEPS, probabilities)[0, 1] == pytest.approx(expected, abs=1e-12)


def test_a_curve_of_a_single_point_is_level() -> None:
    level = Isotonic((Curve((0.4,), (0.3,)),))
    found = calibrated_answers(level, np.array([[1.0, 0.0], [0.6, 0.4], [0.0, 1.0]]))
    np.testing.assert_allclose(found[:, 1], 0.3)


@pytest.mark.parametrize("calibrator", [Temperature(2), Sigmoid((0.5,), (0.1,)), STEPS])
@pytest.mark.parametrize("opset", [9, 10, 11, 12, 13, 15, 18, 21, 26])
def test_graphs_of_every_opset_are_calibrated_as_they_are(
    opset: int, calibrator: Calibrator
) -> None:
    probabilities = np.random.default_rng(0).dirichlet([1, 1], 20)
    found = calibrated_answers(calibrator, probabilities, opset=opset, ir=3 if opset < 12 else 13)
    np.testing.assert_allclose(found, calibrator.apply(probabilities), rtol=0, atol=1e-12)


def test_float32_probabilities_are_calibrated_in_float64() -> None:
    """In float32 two classes this close would tie, and another one might be the label."""
    close = np.array([[0.49999997, 0.50000003]], dtype=np.float32).astype(np.float64)
    found = calibrated_answers(Temperature(100), close, element=TensorProto.FLOAT)
    assert found.dtype == np.float64
    assert found.argmax(axis=1).tolist() == [1]


def test_a_file_of_an_old_exporter_that_knows_no_standard_opset_is_calibrated() -> None:
    """ONNX Runtime's logreg_iris.onnx: IR 3, ai.onnx.ml 1 and nothing else."""
    proto = onnx.load(get_example("logreg_iris.onnx"))
    remove_zipmaps(proto)
    free_batch(proto)
    correct_widths(proto)
    label, name = (output.name for output in proto.graph.output)
    model = proto.SerializeToString()
    X = load_iris().data.astype(np.float32)
    before = run(model, float_input=X)
    names = OutputNames(label=label, probabilities=name)
    after, outputs = calibrated(model, names, Temperature(1.7), (0, 1, 2))
    found = run(after, float_input=X)
    assert found[label].tolist() == before[label].tolist()
    expected = Temperature(1.7).apply(before[name].astype(np.float64))
    np.testing.assert_allclose(found[str(outputs.probabilities)], expected, atol=1e-12)


@pytest.mark.parametrize(
    "calibrator",
    [Temperature(2), Sigmoid((1,) * 3, (0,) * 3), Isotonic((Curve((0, 1), (0, 1)),) * 3)],
)
@pytest.mark.parametrize(
    "odd",
    [
        [np.nan, 0.5, 0.5],
        [np.inf, 0, 0],
        [-np.inf, np.inf, 1],
        [0.5, 0.7, 0.3],
        [0, 0, 0],
        [-0.5, 0.75, 0.75],
    ],
)
def test_what_is_no_probability_is_never_corrected_into_one(
    odd: list[float], calibrator: Calibrator
) -> None:
    """fault row 24, fault row 25: the reader still sees that the row cannot be used."""
    good = [0.2, 0.3, 0.5]
    found = calibrated_answers(calibrator, np.array([good, odd]))
    assert np.isnan(found[1]).all()
    np.testing.assert_allclose(found[:1], calibrator.apply(np.array([good])), atol=1e-12)


@pytest.mark.parametrize("calibrator", [Temperature(2), Sigmoid((0.5,), (0.1,)), STEPS])
def test_the_same_calibrator_gives_the_same_bytes(calibrator: Calibrator) -> None:
    first, second = (calibrated(passthrough(2), BOTH, calibrator, (0, 1)) for _ in range(2))
    assert first == second


def test_a_graph_may_be_calibrated_twice() -> None:
    once, outputs = calibrated(passthrough(2), BOTH, Temperature(2), (0, 1))
    twice, outputs = calibrated(once, outputs, Temperature(3), (0, 1))
    given = np.array([[0.1, 0.9]])
    found = run(twice, given=given)[str(outputs.probabilities)]
    np.testing.assert_allclose(found, Temperature(6).apply(given), atol=1e-12)


def test_a_graph_without_probabilities_is_refused() -> None:
    with pytest.raises(InvalidModel, match=r"gives none.*predict_proba"):
        calibrated(passthrough(2), OutputNames(label="label"), Temperature(2), (0, 1))


def test_a_graph_of_an_opset_that_is_too_old_is_refused() -> None:
    with pytest.raises(InvalidModel, match=r"opset 9 or newer, and the graph has 8.*Export"):
        calibrated(passthrough(2, opset=8, ir=3), BOTH, Temperature(2), (0, 1))
