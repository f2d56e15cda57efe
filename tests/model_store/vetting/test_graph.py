"""Threats "ONNX external data" and "ONNX resource bombs"; fault row 13."""

from collections.abc import Callable

import numpy as np
import onnx
import onnxruntime
import pytest
from onnx import TensorProto, helper, numpy_helper
from onnxruntime.capi import onnxruntime_pybind11_state as onnxruntime_errors

from model_store.vetting.errors import RuntimeTooOld, UnsafeGraph
from model_store.vetting.graph import (
    MAX_DECLARED_ELEMENTS,
    MAX_IR_VERSION,
    MAX_MODEL_BYTES,
    MAX_OPSETS,
    inspect_graph,
)
from tests.model_store.vetting.graphs import FLOAT, identity, onnx_model


def external_tensor() -> onnx.TensorProto:
    tensor = numpy_helper.from_array(np.zeros(4, dtype=np.float32), "weights")
    tensor.data_location = TensorProto.EXTERNAL
    tensor.external_data.add(key="location", value="../secrets")
    tensor.ClearField("raw_data")
    return tensor


def in_initializer() -> onnx.ModelProto:
    return onnx_model(
        [helper.make_node("Identity", ["x"], ["y"])], initializers=[external_tensor()]
    )


def in_attribute() -> onnx.ModelProto:
    return onnx_model([helper.make_node("Constant", [], ["y"], value=external_tensor())])


def in_sparse_tensor() -> onnx.ModelProto:
    model = onnx_model([helper.make_node("Identity", ["x"], ["y"])])
    sparse = model.graph.sparse_initializer.add(dims=[9])
    sparse.values.CopyFrom(external_tensor())
    return model


def in_subgraph() -> onnx.ModelProto:
    branch = helper.make_graph(
        [helper.make_node("Constant", [], ["b"], value=external_tensor())],
        "branch",
        [],
        [helper.make_tensor_value_info("b", FLOAT, [4])],
    )
    condition = helper.make_node("Constant", [], ["c"], value_ints=[1])
    chosen = helper.make_node("If", ["c"], ["y"], then_branch=branch, else_branch=branch)
    return onnx_model([condition, chosen])


def in_function() -> onnx.ModelProto:
    model = onnx_model([helper.make_node("Identity", ["x"], ["y"])])
    node = helper.make_node("Constant", [], ["o"], value=external_tensor())
    model.functions.append(
        helper.make_function("", "Own", [], ["o"], [node], [helper.make_opsetid("", 18)])
    )
    return model


@pytest.mark.parametrize(
    "craft", [in_initializer, in_attribute, in_sparse_tensor, in_subgraph, in_function]
)
def test_data_in_another_file_is_refused_wherever_it_hides(
    craft: Callable[[], onnx.ModelProto],
) -> None:
    with pytest.raises(UnsafeGraph, match="keeps its data in another file"):
        inspect_graph(craft().SerializeToString())


@pytest.mark.parametrize("domain", ["com.microsoft", "evil.example"])
def test_unknown_operator_domains_are_refused(domain: str) -> None:
    node = helper.make_node("Anything", ["x"], ["y"], domain=domain)
    with pytest.raises(UnsafeGraph, match=domain):
        inspect_graph(onnx_model([node]).SerializeToString())


def test_of_the_runtimes_own_operators_one_is_let_through() -> None:
    node = helper.make_node("Tokenizer", ["x"], ["y"], domain="com.microsoft")
    assert inspect_graph(onnx_model([node]).SerializeToString()).outputs == ("y",)
    other = helper.make_node("Tokenizer", ["x"], ["y"], domain="evil.example")
    with pytest.raises(UnsafeGraph, match=r"'Tokenizer' of domain 'evil\.example'"):
        inspect_graph(onnx_model([other]).SerializeToString())


def test_an_unknown_domain_is_found_inside_a_function() -> None:
    model = onnx_model([helper.make_node("Identity", ["x"], ["y"])])
    node = helper.make_node("Call", [], ["o"], domain="evil.example")
    model.functions.append(helper.make_function("", "Own", [], ["o"], [node], []))
    with pytest.raises(UnsafeGraph, match=r"evil\.example"):
        inspect_graph(model.SerializeToString())


@pytest.mark.parametrize(
    "changes", [{"ir_version": 99}, {"opsets": {"": 99}}, {"opsets": {"": 18, "ai.onnx.ml": 99}}]
)
def test_versions_newer_than_the_runtime_are_refused(changes: dict[str, object]) -> None:
    """Fault row 13."""
    with pytest.raises(RuntimeTooOld, match="is 99; the pinned onnxruntime loads up to"):
        inspect_graph(identity(**changes))


def test_declared_sizes_are_capped() -> None:
    tensor = helper.make_tensor("big", FLOAT, [1], [0.0])
    tensor.dims[:] = [MAX_DECLARED_ELEMENTS, 2]
    node = helper.make_node("Constant", [], ["y"], value=tensor)
    with pytest.raises(UnsafeGraph, match="declares the shape"):
        inspect_graph(onnx_model([node]).SerializeToString())


def test_the_declared_size_of_a_sparse_tensor_is_capped() -> None:
    """A few bytes may stand for gigabytes of zeros."""
    model = onnx_model([helper.make_node("Identity", ["x"], ["y"])])
    model.graph.sparse_initializer.add(dims=[MAX_DECLARED_ELEMENTS, 2])
    with pytest.raises(UnsafeGraph, match="sparse"):
        inspect_graph(model.SerializeToString())


def test_negative_sizes_are_refused() -> None:
    tensor = helper.make_tensor("big", FLOAT, [1], [0.0])
    tensor.dims[:] = [-1, -1]
    node = helper.make_node("Constant", [], ["y"], value=tensor)
    with pytest.raises(UnsafeGraph, match="declares the shape"):
        inspect_graph(onnx_model([node]).SerializeToString())


def test_the_file_size_is_capped() -> None:
    with pytest.raises(UnsafeGraph, match="the most allowed"):
        inspect_graph(bytes(MAX_MODEL_BYTES + 1))


@pytest.mark.parametrize("content", [b"", b"not onnx at all", b"\x08"])
def test_bytes_that_are_no_model_are_refused(content: bytes) -> None:
    with pytest.raises(UnsafeGraph):
        inspect_graph(content)


def test_a_sound_graph_is_reported() -> None:
    report = inspect_graph(identity())
    assert (report.ir_version, report.opsets) == (8, {"": 18})
    assert report.trees == {}


def test_trees_are_reported_with_the_bytes_that_they_take_wherever_they_are() -> None:
    ml = {"domain": "ai.onnx.ml", "nodes_values": [0.5] * 1000}
    outer = helper.make_node("TreeEnsembleRegressor", ["x"], ["t"], **ml)
    inner = helper.make_node("TreeEnsembleRegressor", ["x"], ["b"], **ml)
    result = helper.make_tensor_value_info("b", FLOAT, [4])
    branch = helper.make_graph([inner], "branch", [], [result])
    chosen = helper.make_node("If", ["c"], ["y"], then_branch=branch, else_branch=branch)
    model = onnx_model([outer, chosen], opsets={"": 18, "ai.onnx.ml": 3})
    report = inspect_graph(model.SerializeToString())
    assert report.trees == {"TreeEnsembleRegressor": outer.ByteSize() + 2 * inner.ByteSize()}
    assert (report.inputs, report.outputs) == (("x",), ("y",))


def loads(content: bytes) -> bool:
    try:
        onnxruntime.InferenceSession(content, providers=["CPUExecutionProvider"])
    except onnxruntime_errors.Fail:
        return False
    return True


def test_the_newest_versions_are_what_the_runtime_loads() -> None:
    """Fault row 13: the limits must follow the pinned onnxruntime."""
    onnxruntime.set_default_logger_severity(4)
    assert loads(identity(ir_version=MAX_IR_VERSION))
    assert not loads(identity(ir_version=MAX_IR_VERSION + 1))
    for domain, newest in MAX_OPSETS.items():
        assert loads(identity(opsets={"": 18, domain: newest}))
        assert not loads(identity(opsets={"": 18, domain: newest + 1}))
