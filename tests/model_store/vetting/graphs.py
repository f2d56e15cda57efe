"""Graphs made by hand, sound and otherwise."""

import numpy as np
import onnx
from onnx import TensorProto, helper

ONE = {"x": np.zeros((1, 1), dtype=np.float32)}
FLOAT = TensorProto.FLOAT


def onnx_model(
    nodes: list[onnx.NodeProto],
    *,
    initializers: list[onnx.TensorProto] | None = None,
    ir_version: int = 8,
    opsets: dict[str, int] | None = None,
) -> onnx.ModelProto:
    graph = helper.make_graph(
        nodes,
        "crafted",
        [helper.make_tensor_value_info("x", FLOAT, [None, 1])],
        [helper.make_tensor_value_info("y", FLOAT, None)],
        initializer=initializers or [],
    )
    imports = [helper.make_opsetid(name, number) for name, number in (opsets or {"": 18}).items()]
    return helper.make_model(graph, opset_imports=imports, ir_version=ir_version)


def identity(**changes: object) -> bytes:
    node = helper.make_node("Identity", ["x"], ["y"])
    return onnx_model([node], **changes).SerializeToString()
