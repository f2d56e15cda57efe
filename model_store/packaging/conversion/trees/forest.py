"""The trees in a TreeEnsembleClassifier or TreeEnsembleRegressor (ai.onnx.ml 1 to 3), as arrays.

https://onnx.ai/onnx/operators/onnx_aionnxml_TreeEnsembleRegressor.html
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import helper, numpy_helper

Array = NDArray[Any]

MODES = {b"BRANCH_LEQ": 0, b"BRANCH_LT": 1, b"BRANCH_GTE": 2, b"BRANCH_GT": 3}
_LEAF = 255
_NUMBERS = {b"LEAF": _LEAF, **MODES}


class NotExpressible(Exception):
    """The graph has trees of a kind that is left as it is; says which."""


@dataclass(frozen=True, eq=False)
class Forest:
    """N nodes, leaves among them, in the order of their trees.

    mode: uint8[N] as TreeEnsemble numbers it. feature, missing: int64[N]. split: float[N].
    true, false: int64[N], places of the children. is_leaf: bool[N]. roots: int64[trees].
    weights: float[N, K], what a leaf adds to each of K targets.
    is_given: bool[N, K], whether the node says so at all.
    """

    mode: Array
    feature: Array
    split: Array
    missing: Array
    true: Array
    false: Array
    is_leaf: Array
    roots: Array
    weights: Array
    is_given: Array


def read_forest(node: onnx.NodeProto, targets: int, dtype: Any) -> Forest:
    """dtype: of what the trees read, and so of the numbers they compare and add.

    Raises NotExpressible for branches that compare with `==` or `!=`, and broken trees."""
    found = attributes_of(node)
    mode = _modes(found["nodes_modes"])
    places = _Places(found["nodes_treeids"], found["nodes_nodeids"])
    is_leaf = mode == _LEAF
    true, false = (
        places.of(found["nodes_treeids"], np.where(is_leaf, found["nodes_nodeids"], children))
        for children in (found["nodes_truenodeids"], found["nodes_falsenodeids"])
    )
    inner = ~is_leaf
    is_child = np.zeros(len(mode), dtype=bool)
    is_child[true[inner]] = is_child[false[inner]] = True
    weights, is_given = _weights(found, places, len(mode), targets)
    if is_given[inner].any():
        raise NotExpressible("a weight on a branch")
    return Forest(
        mode=mode,
        feature=found["nodes_featureids"],
        split=numbers(found, "nodes_values").astype(dtype),
        missing=found.get("nodes_missing_value_tracks_true", np.zeros(len(mode), dtype=np.int64)),
        true=true,
        false=false,
        is_leaf=is_leaf,
        roots=np.flatnonzero(~is_child),
        weights=weights.astype(dtype),
        is_given=is_given,
    )


def attributes_of(node: onnx.NodeProto) -> dict[str, Any]:
    """Name → value: lists and tensors as arrays, text as bytes; empty lists are left out."""
    found = {a.name: _value(a) for a in node.attribute}
    return {name: v for name, v in found.items() if not (isinstance(v, np.ndarray) and not v.size)}


def numbers(found: dict[str, Any], name: str) -> Array:
    """A list of floats, or the tensor of doubles that stands for it; empty if there is neither."""
    value = found.get(f"{name}_as_tensor", found.get(name))
    return np.zeros(0, dtype=np.float32) if value is None else np.asarray(value)


def _value(attribute: onnx.AttributeProto) -> Any:
    match attribute.type:
        case onnx.AttributeProto.FLOATS:
            return np.array(attribute.floats, dtype=np.float32)
        case onnx.AttributeProto.INTS:
            return np.array(attribute.ints, dtype=np.int64)
        case onnx.AttributeProto.STRINGS:
            return np.array(list(attribute.strings), dtype=object)
        case onnx.AttributeProto.TENSOR:
            return numpy_helper.to_array(attribute.t)
    return helper.get_attribute_value(attribute)


def _modes(names: Array) -> Array:
    if unknown := set(names) - set(_NUMBERS):
        raise NotExpressible(", ".join(sorted(name.decode() for name in unknown)))
    return np.array([_NUMBERS[name] for name in names], dtype=np.uint8)


class _Places:
    """Where the node of a tree stands in the lists."""

    def __init__(self, trees: Array, nodes: Array) -> None:
        self._stride = int(nodes.max()) + 1
        keys = trees * self._stride + nodes
        self._order = np.argsort(keys, kind="stable")
        self._keys = keys[self._order]

    def of(self, trees: Array, nodes: Array) -> Array:
        keys = trees * self._stride + nodes
        at = np.minimum(np.searchsorted(self._keys, keys), len(self._keys) - 1)
        if not np.array_equal(self._keys[at], keys):
            raise NotExpressible("a branch to a node that is not there")
        found: Array = self._order[at]
        return found


def _weights(
    found: dict[str, Any], places: _Places, count: int, targets: int
) -> tuple[Array, Array]:
    kind = "class" if "class_ids" in found else "target"
    values = numbers(found, f"{kind}_weights")
    at = places.of(found[f"{kind}_treeids"], found[f"{kind}_nodeids"]), found[f"{kind}_ids"]
    is_given = np.zeros((count, targets), dtype=bool)
    is_given[at] = True
    if is_given.sum() != len(values):
        raise NotExpressible("two weights of a leaf for one target")
    weights = np.zeros((count, targets), dtype=values.dtype)
    weights[at] = values
    return weights, is_given
