"""Running a model: checked answers, and no way for a sick model to take the caller with it."""

from collections.abc import Callable
from threading import Thread
from typing import Any

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from model_store.artifact.facts import OutputNames
from model_store.artifact.manifest import Manifest
from model_store.contract import Contract, default_tensors
from model_store.errors import (
    DeadlineExceeded,
    ModelFailed,
    ModelNotLoadable,
)
from model_store.predictor import ROWS_AT_ONCE, Predictor
from model_store.watchdog import Watchdog

Graph = Callable[..., bytes]
Make = Callable[..., Manifest]
CANARY = 918273


def constant(name: str, values: Any) -> Any:
    return numpy_helper.from_array(np.asarray(values), name)


def copied(name: str) -> Any:
    return helper.make_node("Identity", [f"{name}_value"], [name])


@pytest.fixture
def predictor(graph: Graph, make_manifest: Make, number_contract: Contract) -> Any:
    """Builds a predictor whose graph ignores its input x and gives constant outputs."""

    def build(
        constants: dict[str, Any], /, labels: tuple[Any, ...] = (0, 1, 2), **changes: Any
    ) -> Predictor:
        arrays = {name: np.asarray(value) for name, value in constants.items()}
        kinds = {n: helper.np_dtype_to_tensor_dtype(a.dtype) for n, a in arrays.items()}
        model = graph(
            [copied(name) for name in arrays],
            {"x": TensorProto.FLOAT},
            kinds,
            tuple(constant(f"{name}_value", a) for name, a in arrays.items()),
        )
        fields = {
            "contract": number_contract,
            "inputs": default_tensors(number_contract),
            "outputs": OutputNames(**{n: n for n in ("label", "probabilities") if n in arrays}),
            "labels": labels,
        }
        if "value" in arrays:
            fields |= {"task": "regression", "labels": (), "outputs": OutputNames(value="value")}
        return Predictor(model, make_manifest(model, **fields | changes))

    return build


def rows(count: int) -> dict[str, np.ndarray]:
    return {"x": np.zeros((count, 1), np.float32)}


GOOD = [[0.2, 0.3, 0.5], [1.0, 0.0, 0.0]]


def test_gives_labels_and_probabilities_in_the_order_of_the_rows(predictor: Any):
    outputs = predictor({"label": [2, 0], "probabilities": GOOD}).predict(rows(2), 1.0)
    assert outputs.labels == (2, 0)
    np.testing.assert_array_equal(outputs.probabilities, GOOD)
    assert outputs.values is None


def test_a_graph_without_probabilities_answers_without_them(predictor: Any):
    assert predictor({"label": [1]}).predict(rows(1), None).probabilities is None


def test_a_graph_without_labels_answers_with_the_most_probable(predictor: Any):
    assert predictor({"probabilities": GOOD}).predict(rows(2), None).labels == (2, 0)


@pytest.fixture
def looking_up(graph: Graph, make_manifest: Make, number_contract: Contract) -> Predictor:
    """Uses x as an index: ONNX Runtime fails on a large one and quotes it."""
    nodes = [
        helper.make_node("Cast", ["x"], ["index"], to=TensorProto.INT64),
        helper.make_node("Gather", ["table", "index"], ["value"]),
    ]
    table = (constant("table", np.array([1.5, 2.5], np.float32)),)
    model = graph(nodes, {"x": TensorProto.FLOAT}, {"value": TensorProto.FLOAT}, table)
    return Predictor(model, regression(make_manifest, model, number_contract))


def regression(make_manifest: Make, model: bytes, contract: Contract) -> Manifest:
    return make_manifest(
        model,
        task="regression",
        labels=(),
        contract=contract,
        inputs=default_tensors(contract),
        outputs=OutputNames(value="value"),
    )


def index(value: int) -> dict[str, np.ndarray]:
    return {"x": np.array([[value]], np.float32)}


@pytest.fixture
def counting(graph: Graph, make_manifest: Make, number_contract: Contract) -> Predictor:
    """Answers each row with how many rows it was run with."""
    nodes = [
        helper.make_node("Shape", ["x"], ["shape"]),
        helper.make_node("Cast", ["shape"], ["sizes"], to=TensorProto.FLOAT),
        helper.make_node("ReduceProd", ["sizes"], ["count"], keepdims=0),
        helper.make_node("Expand", ["count", "shape"], ["value"]),
    ]
    model = graph(nodes, {"x": TensorProto.FLOAT}, {"value": TensorProto.FLOAT})
    return Predictor(model, regression(make_manifest, model, number_contract))


def test_a_batch_takes_no_more_memory_than_a_part_of_it(counting: Predictor):
    """What a node computes of a row lies in memory for as many rows as it is given."""
    found = counting.predict(rows(2 * ROWS_AT_ONCE + 3), None).values
    assert found.tolist() == [ROWS_AT_ONCE] * 2 * ROWS_AT_ONCE + [3] * 3


@pytest.mark.parametrize("deadline", [None, 60.0])
def test_a_batch_of_several_parts_is_answered_in_order(
    looking_up: Predictor, deadline: float | None
):
    places = np.random.default_rng(0).integers(0, 2, (3 * ROWS_AT_ONCE, 1))
    found = looking_up.predict({"x": places.astype(np.float32)}, deadline).values
    np.testing.assert_array_equal(found, np.array([1.5, 2.5])[places.ravel()])


@pytest.mark.parametrize("deadline", [None, 60.0])
def test_a_failure_inside_the_model_is_one_clean_error(
    looking_up: Predictor, deadline: float | None
):
    """Fault row 26: and the next call works."""
    with pytest.raises(ModelFailed, match="failed in ONNX Runtime"):
        looking_up.predict(index(CANARY), deadline)
    assert looking_up.predict(index(1), deadline).values is not None


def test_a_failure_inside_the_model_never_quotes_the_input(
    looking_up: Predictor, capfd: pytest.CaptureFixture[str]
):
    """Threat "Personal data in logs": neither in the error, nor its context, nor on stderr."""
    with pytest.raises(ModelFailed) as failed:
        looking_up.predict(index(CANARY), None)
    assert str(CANARY) not in str(failed.value)
    assert failed.value.__cause__ is None
    assert failed.value.__context__ is None
    captured = capfd.readouterr()
    assert str(CANARY) not in captured.out + captured.err


@pytest.mark.parametrize("tensors", [{"y": rows(1)["x"]}, {"x": np.zeros((1, 1), np.int64)}])
def test_tensors_that_the_graph_does_not_take_fail_cleanly(predictor: Any, tensors: Any):
    """Fault row 26."""
    with pytest.raises(ModelFailed):
        predictor({"label": [0]}).predict(tensors, None)


@pytest.fixture
def looping(graph: Graph, make_manifest: Make, number_contract: Contract) -> Predictor:
    """Loops x times, so that one model is both quick and endless."""
    state = helper.make_tensor_value_info
    body = helper.make_graph(
        [
            helper.make_node("Identity", ["go"], ["go_on"]),
            helper.make_node("Cos", ["sum"], ["new_sum"]),
        ],
        "body",
        [
            state("turn", TensorProto.INT64, []),
            state("go", TensorProto.BOOL, []),
            state("sum", TensorProto.FLOAT, [None, 1]),
        ],
        [state("go_on", TensorProto.BOOL, []), state("new_sum", TensorProto.FLOAT, [None, 1])],
    )
    nodes = [
        helper.make_node("Cast", ["x"], ["turns"], to=TensorProto.INT64),
        helper.make_node("Reshape", ["turns", "scalar"], ["count"]),
        helper.make_node("Loop", ["count", "", "x"], ["value"], body=body),
    ]
    scalar = (constant("scalar", np.array([], np.int64)),)
    model = graph(nodes, {"x": TensorProto.FLOAT}, {"value": TensorProto.FLOAT}, scalar)
    manifest = regression(make_manifest, model, number_contract)
    return Predictor(model, manifest, Watchdog())


ENDLESS = {"x": np.array([[1e18]], np.float32)}
QUICK = {"x": np.array([[3]], np.float32)}


def test_an_endless_model_is_stopped_at_the_deadline(looping: Predictor):
    """Fault row 27: and the next call works, with and without a deadline."""
    with pytest.raises(DeadlineExceeded, match=r"within 0\.3 s"):
        looping.predict(ENDLESS, 0.3)
    assert looping.predict(QUICK, 60.0).values is not None
    assert looping.predict(QUICK, None).values is not None


@pytest.mark.parametrize("deadline", [0.0, -1.0])
def test_a_deadline_that_has_passed_does_not_start_the_model(looping: Predictor, deadline: float):
    """Fault row 27."""
    with pytest.raises(DeadlineExceeded):
        looping.predict(QUICK, deadline)


def test_stopping_one_call_leaves_those_beside_it_alone(looping: Predictor):
    """Fault row 27, with endless and quick calls running at once on one session."""
    told: list[str] = []

    def endless() -> None:
        try:
            looping.predict(ENDLESS, 0.2)
        except DeadlineExceeded:
            told.append("stopped")

    def quick() -> None:
        for _ in range(50):
            looping.predict(QUICK, 60.0)
        told.append("answered")

    threads = [Thread(target=work) for work in (endless, quick, endless, quick)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(told) == ["answered", "answered", "stopped", "stopped"]


@pytest.mark.parametrize("model", [b"", b"garbage"])
def test_bytes_that_are_no_model_are_refused(make_manifest: Make, model: bytes):
    with pytest.raises(ModelNotLoadable, match="penguins@1"):
        Predictor(model, make_manifest(model))


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"outputs": OutputNames(label="class")}, "no tensor called class"),
        ({"outputs": OutputNames(label="label", probabilities="p")}, "no tensor called p"),
    ],
)
def test_a_graph_without_the_manifest_s_outputs_is_refused(
    predictor: Any, changes: dict[str, Any], problem: str
):
    with pytest.raises(ModelNotLoadable, match=problem):
        predictor({"label": [0]}, **changes)


def test_a_graph_with_other_inputs_than_the_manifest_s_is_refused(
    predictor: Any, penguins: Contract
):
    with pytest.raises(ModelNotLoadable, match="differ in the inputs"):
        predictor({"label": [0]}, contract=penguins, inputs=default_tensors(penguins))


def test_zipmap_outputs_are_refused_with_the_way_out(
    graph: Graph, make_manifest: Make, number_contract: Contract
):
    nodes = [
        copied("label"),
        helper.make_node(
            "ZipMap", ["p"], ["probabilities"], domain="ai.onnx.ml", classlabels_int64s=[0, 1, 2]
        ),
    ]
    constants = (constant("label_value", [0]), constant("p", np.array(GOOD, np.float32)))
    model = graph(nodes, {"x": TensorProto.FLOAT}, {"label": TensorProto.INT64}, constants)
    loaded = onnx.load_from_string(model)
    pairs = helper.make_map_type_proto(
        TensorProto.INT64, helper.make_tensor_type_proto(TensorProto.FLOAT, None)
    )
    kind = helper.make_sequence_type_proto(pairs)
    loaded.graph.output.append(helper.make_value_info("probabilities", kind))
    model = loaded.SerializeToString()
    manifest = make_manifest(
        model,
        contract=number_contract,
        inputs=default_tensors(number_contract),
        labels=(0, 1, 2),
    )
    with pytest.raises(ModelNotLoadable, match=r"probabilities.*zipmap=False"):
        Predictor(model, manifest)
