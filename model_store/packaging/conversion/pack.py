"""One input per type instead of one per feature: ONNX Runtime takes its time over every input.

The features' values reach the same nodes in the same order, so every answer stays what it was; that
is checked, to the bit, on the rows of the proof.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
import onnx
from onnx import helper, numpy_helper

from model_store.contract import Row, TensorSpec, TensorType
from model_store.outputs import Outputs
from model_store.packaging.conversion.graph_edits import free_name
from model_store.packaging.model import Model
from model_store.packaging.served import Graph, served

NAMES: dict[TensorType, str] = {
    "float32": "all_numbers",
    "float64": "all_numbers",
    "int64": "all_integers",
    "string": "all_strings",
    "bool": "all_booleans",
}


def packed(
    model: Model, graph: Graph, rows: Sequence[Row], progress: Callable[[str], None]
) -> Graph:
    """The graph with packed inputs, or as it was where that would change an answer to `rows`."""
    if not model.optimise:
        return graph
    proto, inputs = onnx.load_from_string(graph.model), list(graph.inputs)
    if any(_is_nested(node) for node in proto.graph.node):
        return graph
    for dtype in NAMES:
        single = [spec for spec in inputs if spec.dtype == dtype and len(spec.features) == 1]
        if len(single) > 1:
            name = free_name(graph.model, NAMES[dtype])
            _pack(proto.graph, [spec.name for spec in single], name)
            features = tuple(spec.features[0] for spec in single)
            inputs = [spec for spec in inputs if spec not in single]
            inputs.append(TensorSpec(name=name, dtype=dtype, features=features))
    if tuple(inputs) == graph.inputs:
        return graph
    content = bytes(proto.SerializeToString(deterministic=True))
    found = replace(graph, model=content, inputs=tuple(inputs))
    if _same(served(model, graph).outputs(rows), served(model, found).outputs(rows)):
        return found
    progress("the inputs stay as they are: packed, they change an answer")
    return graph


def _pack(graph: onnx.GraphProto, names: list[str], packed: str) -> None:
    """In place. What puts the columns side by side again is left out; others get their column."""
    declared = {value.name: value for value in graph.input}
    kind = declared[names[0]].type.tensor_type.elem_type
    for name in names:
        graph.input.remove(declared[name])
    graph.input.append(helper.make_tensor_value_info(packed, kind, ["rows", len(names)]))
    columns = {name: name for name in names}
    for node in list(graph.node):
        if node.op_type == "Identity" and node.input[0] in columns and not _leaves(graph, node):
            columns[node.output[0]] = columns[node.input[0]]
            graph.node.remove(node)
    for node in list(graph.node):
        put = [columns.get(name, name) for name in node.input]
        if node.op_type == "Concat" and put == names:
            node.CopyFrom(helper.make_node("Identity", [packed], list(node.output), node.name))
        else:
            node.input[:] = put
    if any(name in names for node in graph.node for name in node.input):
        _split(graph, names, packed)


def _is_nested(node: onnx.NodeProto) -> bool:
    """Whether it holds a graph of its own, which may use whatever lies around it."""
    return any(attribute.HasField("g") or attribute.graphs for attribute in node.attribute)


def _leaves(graph: onnx.GraphProto, node: onnx.NodeProto) -> bool:
    return any(output.name == node.output[0] for output in graph.output)


def _split(graph: onnx.GraphProto, names: list[str], packed: str) -> None:
    sizes = f"{packed}_sizes"
    ones = np.ones(len(names), dtype=np.int64)
    graph.initializer.append(numpy_helper.from_array(ones, sizes))
    split = helper.make_node("Split", [packed, sizes], names, f"{packed}_split", axis=1)
    graph.node.insert(0, split)


def _same(one: Outputs, other: Outputs) -> bool:
    arrays = ("probabilities", "values", "novelty", "difficulty")
    return one.labels == other.labels and all(
        np.array_equal(getattr(one, name), getattr(other, name), equal_nan=True)
        if getattr(one, name) is not None
        else getattr(other, name) is None
        for name in arrays
    )
