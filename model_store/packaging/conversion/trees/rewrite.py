"""A graph with each of its tree operators replaced by nodes that mean the same."""

from typing import Any

import numpy as np
import onnx
from onnx import TensorProto, helper, shape_inference

from model_store.packaging.conversion.convert import TARGET_OPSET
from model_store.packaging.conversion.graph_edits import free_name
from model_store.packaging.conversion.join import ML, since
from model_store.packaging.conversion.trees.forest import (
    Array,
    NotExpressible,
    attributes_of,
    numbers,
    read_forest,
)
from model_store.packaging.conversion.trees.tree_ensemble import (
    OPSET,
    Nodes,
    constant,
    ensemble_nodes,
)

LEAST_OPSET = 13
"""Since then Softmax and ReduceSum mean what they mean here."""
LEAST_IR_VERSION = 10
"""Of ONNX 1.16, which brought ai.onnx.ml 5."""
_REPLACED = ("TreeEnsembleClassifier", "TreeEnsembleRegressor")
_DTYPES: dict[int, Any] = {TensorProto.FLOAT: np.float32, TensorProto.DOUBLE: np.float64}
_AFTER = {b"LOGISTIC": "Sigmoid", b"SOFTMAX": "Softmax"}


def with_tree_ensembles(model: bytes) -> bytes:
    """The same graph with TreeEnsemble nodes; all or none, since version 5 drops the older ones.

    A graph without trees is returned as it is. The same graph gives the same bytes.
    Raises NotExpressible.
    """
    proto = onnx.load_model_from_string(model)
    trees = [node for node in proto.graph.node if node.op_type in _REPLACED]
    if not trees:
        return model
    dtypes = _dtypes(proto)
    _raise_opset(proto)
    prefix = free_name(model, "optimised")
    used = {name for node in proto.graph.node for name in node.input}
    used |= {output.name for output in proto.graph.output}
    nodes: list[onnx.NodeProto] = []
    for number, node in enumerate(proto.graph.node):
        if node.op_type in _REPLACED:
            written = _Written(node, f"{prefix}_{number}", used, dtypes.get(node.input[0]))
            nodes.extend(written.nodes())
        else:
            nodes.append(node)
    kept = [onnx.NodeProto.FromString(node.SerializeToString()) for node in nodes]
    del proto.graph.node[:]
    proto.graph.node.extend(kept)
    content: bytes = proto.SerializeToString(deterministic=True)
    return content


def _raise_opset(proto: onnx.ModelProto) -> None:
    opsets = {opset.domain: opset.version for opset in proto.opset_import}
    for node in proto.graph.node:
        if node.domain == ML and node.op_type not in _REPLACED:
            _check_unchanged(node.op_type, opsets[ML])
    if opsets.get("", opsets.get("ai.onnx", LEAST_OPSET)) < LEAST_OPSET:
        raise NotExpressible(f"an opset before {LEAST_OPSET}")
    if not opsets.keys() & {"", "ai.onnx"}:
        opsets[""] = TARGET_OPSET[""]
    opsets[ML] = OPSET
    del proto.opset_import[:]
    proto.opset_import.extend(helper.make_opsetid(d, opsets[d]) for d in sorted(opsets))
    proto.ir_version = max(proto.ir_version, LEAST_IR_VERSION)


def _check_unchanged(operator: str, old: int) -> None:
    """Version 4 lets LabelEncoder take tensors, and reads what 2 could say as 2 did."""
    is_widened = operator == "LabelEncoder" and old >= 2
    if since(operator, old) != since(operator, OPSET) and not is_widened:
        raise NotExpressible(f"{operator} of {ML} {old}")


def _dtypes(proto: onnx.ModelProto) -> dict[str, int]:
    """Name → element type, as far as ONNX can tell."""
    graph = shape_inference.infer_shapes(proto).graph
    values = (*graph.input, *graph.value_info, *graph.output)
    return {value.name: value.type.tensor_type.elem_type for value in values}


class _Written:
    """One tree operator written anew, with the outputs it had."""

    def __init__(
        self, node: onnx.NodeProto, prefix: str, used: set[str], element: int | None
    ) -> None:
        self._node, self._prefix, self._used = node, prefix, used
        self._found = attributes_of(node)
        self._base = numbers(self._found, "base_values")
        self._dtype = _DTYPES.get(element or TensorProto.FLOAT)
        if self._dtype is None:
            raise NotExpressible("trees of neither float nor double")
        self._after: bytes = self._found.get("post_transform", b"NONE")
        if self._after not in (b"NONE", *_AFTER):
            raise NotExpressible(self._after.decode())

    def nodes(self) -> Nodes:
        if self._node.op_type == "TreeEnsembleRegressor":
            yield from self._regressor()
        else:
            yield from self._classifier()

    def _regressor(self) -> Nodes:
        targets = int(self._found.get("n_targets", 1))
        aggregate = self._found.get("aggregate_function", b"SUM").decode()
        yield from self._scores(targets, aggregate)
        yield from self._finished(self._name("scores"), self._node.output[0])

    def _classifier(self) -> Nodes:
        labels = self._labels()
        ids = set(self._found["class_ids"].tolist())
        if len(labels) == 2 and ids == {0}:
            yield from self._two_classes(labels)
            return
        if len(labels) == 2 and len(ids) < 2:
            raise NotExpressible("two classes with a score for the second alone")
        yield from self._scores(len(labels), "SUM")
        yield from self._finished(self._name("scores"), self._node.output[1])
        best = self._name("best")
        if self._node.output[0] in self._used:
            yield self._make("ArgMax", [self._name("scores")], best, axis=1, keepdims=0)
            yield from self._label(labels, best)

    def _two_classes(self, labels: Array) -> Nodes:
        """One score against 0.5 if no weight is negative, else against 0, as ONNX Runtime does."""
        is_share = not (numbers(self._found, "class_weights") < 0).any()
        if is_share and self._after != b"NONE":
            raise NotExpressible(f"{self._after.decode()} of shares")
        yield from self._scores(1, "SUM")
        score, other, both = self._name("scores"), self._name("other"), self._name("both")
        if is_share:
            yield constant(self._name("one"), self._number(1))
            yield self._make("Sub", [self._name("one"), score], other)
        else:
            yield self._make("Neg", [score], other)
        yield self._make("Concat", [other, score], both, axis=1)
        yield from self._finished(both, self._node.output[1])
        if self._node.output[0] in self._used:
            yield from self._second_if_above(0.5 if is_share else 0.0, labels)

    def _second_if_above(self, limit: float, labels: Array) -> Nodes:
        yield constant(self._name("limit"), self._number(limit))
        above, place, best = self._name("above"), self._name("place"), self._name("best")
        yield self._make("Greater", [self._name("scores"), self._name("limit")], above)
        yield self._make("Cast", [above], place, to=TensorProto.INT64)
        yield constant(self._name("flat"), np.array([-1], dtype=np.int64))
        yield self._make("Reshape", [place, self._name("flat")], best)
        yield from self._label(labels, best)

    def _scores(self, targets: int, aggregate: str) -> Nodes:
        """Called `scores` in the end: the trees' answers and the base values added up."""
        if aggregate not in ("SUM", "AVERAGE", "MIN", "MAX"):
            raise NotExpressible(aggregate)
        if len(self._base) not in (0, targets):
            raise NotExpressible(f"{len(self._base)} base values for {targets} targets")
        forest = read_forest(self._node, targets, self._dtype)
        summed = self._name("sums" if len(self._base) else "scores")
        yield from ensemble_nodes(forest, self._node.input[0], summed, aggregate)  # type: ignore[arg-type]
        if len(self._base):
            base = self._base.astype(self._dtype).reshape(1, -1)
            yield constant(self._name("base"), base)
            yield self._make("Add", [summed, self._name("base")], self._name("scores"))

    def _finished(self, scores: str, output: str) -> Nodes:
        """The older operators answer in float32 whatever they read."""
        if self._after in _AFTER:
            arguments = {"axis": 1} if self._after == b"SOFTMAX" else {}
            transformed = self._name("transformed")
            yield self._make(_AFTER[self._after], [scores], transformed, **arguments)
            scores = transformed
        if self._dtype == np.float64:
            yield self._make("Cast", [scores], output, to=TensorProto.FLOAT)
        else:
            yield self._make("Identity", [scores], output)

    def _label(self, labels: Array, best: str) -> Nodes:
        yield constant(self._name("labels"), labels)
        yield self._make("Gather", [self._name("labels"), best], self._node.output[0])

    def _labels(self) -> Array:
        if (texts := self._found.get("classlabels_strings")) is not None:
            return np.array([text.decode() for text in texts], dtype=object)
        labels: Array = self._found["classlabels_int64s"]
        return labels

    def _number(self, value: float) -> Array:
        return np.array([value], dtype=self._dtype)

    def _name(self, what: str) -> str:
        return f"{self._prefix}_{what}"

    @staticmethod
    def _make(operator: str, inputs: list[str], output: str, **arguments: Any) -> onnx.NodeProto:
        return helper.make_node(
            operator, inputs, [output], name=f"{output}_{operator}", **arguments
        )
