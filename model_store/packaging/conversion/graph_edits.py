"""Small, exact rewrites of ONNX graphs."""

import json
from typing import Any

import numpy as np
import onnx
from onnx import helper, numpy_helper


def add_votes_before_dividing(model: onnx.ModelProto) -> None:
    """Let a forest add whole votes and divide once, in place.

    Converters give each of N trees the weight 1/N; in float32 fifty times 0.01 is not 0.5, and
    a tie that scikit-learn sees falls to one side.
    """
    for node in list(model.graph.node):
        if node.op_type == "TreeEnsembleClassifier":
            trees = len(set(_attribute(node, "class_treeids").ints))
            weights = _attribute(node, "class_weights")
            votes = np.asarray(weights.floats, dtype=np.float32) * np.float32(trees)
            _replace(weights.floats, votes.tolist())
            if len(set(_attribute(node, "class_ids").ints)) == 1:
                _vote_for_both_classes(node)
            _divide_scores(model, node, trees)


def _vote_for_both_classes(node: onnx.NodeProto) -> None:
    """Two classes are converted as one score against 0.5, which votes are not measured by."""
    ids, weights = _attribute(node, "class_ids"), _attribute(node, "class_weights")
    count = len(ids.ints)
    _replace(ids.ints, [1] * count + [0] * count)
    weights.floats.extend([1 - weight for weight in weights.floats])
    for name in ("class_nodeids", "class_treeids"):
        places = _attribute(node, name)
        places.ints.extend(list(places.ints))


def _replace(field: Any, values: list[Any]) -> None:
    del field[:]
    field.extend(values)


def follow_missing_values(model: onnx.ModelProto, directions: list[list[int]]) -> None:
    """Send NaN where scikit-learn's trees send it, in place; skl2onnx always sends it right.

    `directions[tree][node]` is 1 where a missing value goes left.
    """
    for node in model.graph.node:
        if not directions or not node.op_type.startswith("TreeEnsemble"):
            continue
        trees, nodes = (_attribute(node, f"nodes_{what}ids").ints for what in ("tree", "node"))
        tracks = _attribute(node, "nodes_missing_value_tracks_true")
        _replace(tracks.ints, [directions[t][n] for t, n in zip(trees, nodes, strict=True)])


def _divide_scores(model: onnx.ModelProto, node: onnx.NodeProto, trees: int) -> None:
    """Scores / N, and the first of the most probable classes, as scikit-learn chooses it."""
    label, scores = node.output
    prefix = f"{scores}_of_votes"
    node.output[0], node.output[1] = f"{prefix}_unused", f"{prefix}_votes"
    classes = np.array(_labels_in(node))
    kind = np.int64 if classes.dtype.kind == "i" else object
    model.graph.initializer.extend(
        [
            numpy_helper.from_array(np.array([trees], dtype=np.float32), f"{prefix}_trees"),
            numpy_helper.from_array(classes.astype(kind), f"{prefix}_classes"),
        ]
    )
    votes, best = f"{prefix}_votes", f"{prefix}_best"
    after = list(model.graph.node).index(node) + 1
    for added in (
        helper.make_node("Gather", [f"{prefix}_classes", best], [label], name=f"{prefix}_label"),
        helper.make_node("ArgMax", [votes], [best], name=f"{prefix}_argmax", axis=1, keepdims=0),
        helper.make_node("Div", [votes, f"{prefix}_trees"], [scores], name=f"{prefix}_divide"),
    ):
        model.graph.node.insert(after, added)


def _attribute(node: onnx.NodeProto, name: str) -> onnx.AttributeProto:
    found: onnx.AttributeProto = next(a for a in node.attribute if a.name == name)
    return found


def remove_zipmaps(model: onnx.ModelProto) -> None:
    """Give the tensor of probabilities itself instead of a list of dictionaries, in place."""
    for node in [n for n in model.graph.node if n.op_type == "ZipMap"]:
        output = next(o for o in model.graph.output if o.name == node.output[0])
        labels = _labels_in(node)
        model.graph.node.remove(node)
        output.CopyFrom(
            helper.make_tensor_value_info(
                node.input[0], onnx.TensorProto.FLOAT, ["rows", len(labels)]
            )
        )
        model.metadata_props.add(key=_LABELS, value=json.dumps(labels))


def class_labels(model: onnx.ModelProto) -> tuple[int | str, ...]:
    """The classes in the order of the probabilities, as the graph itself tells; else empty."""
    for prop in model.metadata_props:
        if prop.key == _LABELS:
            return tuple(json.loads(prop.value))
    found = [labels for node in model.graph.node if (labels := _labels_in(node))]
    return tuple(found[-1]) if found else ()


def free_batch(model: onnx.ModelProto) -> int | None:
    """Let inputs and outputs hold any number of rows, in place; returns the number fixed before."""
    constants = {tensor.name for tensor in model.graph.initializer}
    inputs = [value for value in model.graph.input if value.name not in constants]
    fixed: set[int] = {
        dims[0].dim_value
        for value in inputs
        if (dims := value.type.tensor_type.shape.dim) and dims[0].dim_value
    }
    if not fixed:
        return None
    for value in (*inputs, *model.graph.output):
        dims = value.type.tensor_type.shape.dim
        if dims and dims[0].dim_value in fixed:
            dims[0].dim_param = "rows"
    del model.graph.value_info[:]  # these may repeat the fixed number
    return max(fixed)


def correct_widths(model: onnx.ModelProto) -> None:
    """Declare as many columns as a linear model has coefficients for, in place.

    ONNX Runtime takes the declaration at its word and, where it is too narrow, answers nonsense
    without an error; its own logreg_iris.onnx declares two columns for four coefficients.
    """
    inputs = {value.name: value.type.tensor_type.shape.dim for value in model.graph.input}
    for node in model.graph.node:
        dims = inputs.get(node.input[0]) if node.input else None
        if not node.op_type.startswith("Linear") or dims is None or len(dims) != 2:
            continue
        found = {attribute.name: len(attribute.floats) for attribute in node.attribute}
        if found.get("intercepts"):
            dims[1].dim_value = found["coefficients"] // found["intercepts"]


_LABELS = "lambent.labels"
_LABEL_ATTRIBUTES = ("classlabels_int64s", "classlabels_ints", "classlabels_strings")


def _labels_in(node: onnx.NodeProto) -> list[int | str]:
    for attribute in node.attribute:
        if attribute.name in _LABEL_ATTRIBUTES:
            return [*attribute.ints, *(text.decode() for text in attribute.strings)]
    return []


def free_name(model: bytes, name: str) -> str:
    """The name, made longer until it occurs nowhere in the graph and starts none that does."""
    while name.encode() in model:
        name += "_again"
    return name
