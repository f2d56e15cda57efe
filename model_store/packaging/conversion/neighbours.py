"""Neighbours that count by their closeness: weights="distance" of scikit-learn.

skl2onnx 1.20 negates their distances and then raises all to the same least one, so that each counts
alike.
"""

from collections.abc import Iterator

import numpy as np
import onnx
from onnx import numpy_helper

LEAST = 1e-12
"""Instead of no distance at all: who has that outweighs all others, as in scikit-learn."""


def weigh_by_distance(model: onnx.ModelProto) -> None:
    """Let each of the nearest count by one over its distance, in place."""
    graph = model.graph
    for negation, floor in list(_negated(graph)):
        distances, replaced = negation.input[0], [negation.input[1], floor.input[1]]
        least = f"{distances}_least"
        graph.initializer.append(_least_like(graph, floor.input[1], least))
        floor.input[:] = [distances, least]
        graph.node.remove(negation)
        _forget(graph, replaced)


def _negated(graph: onnx.GraphProto) -> Iterator[tuple[onnx.NodeProto, onnx.NodeProto]]:
    """What changes the sign of the nearest distances, and what then raises them."""
    nearest = {node.output[0] for node in graph.node if node.op_type == "TopK"}
    for node in graph.node:
        if node.op_type == "Mul" and node.input[0] in nearest:
            for other in graph.node:
                if other.op_type == "Max" and other.input[0] == node.output[0]:
                    yield node, other


def _least_like(graph: onnx.GraphProto, constant: str, name: str) -> onnx.TensorProto:
    replaced = next(tensor for tensor in graph.initializer if tensor.name == constant)
    return numpy_helper.from_array(np.full_like(numpy_helper.to_array(replaced), LEAST), name)


def _forget(graph: onnx.GraphProto, constants: list[str]) -> None:
    used = {name for node in graph.node for name in node.input}
    for tensor in [tensor for tensor in graph.initializer if tensor.name in constants]:
        if tensor.name not in used:
            graph.initializer.remove(tensor)
