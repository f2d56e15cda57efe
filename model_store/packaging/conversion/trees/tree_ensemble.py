"""Trees as a TreeEnsemble (ai.onnx.ml 5), which shares leaves and stores numbers as bytes.

https://onnx.ai/onnx/operators/onnx_aionnxml_TreeEnsemble.html
"""

from collections.abc import Iterator
from typing import Literal

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import helper, numpy_helper

from model_store.packaging.conversion.join import ML
from model_store.packaging.conversion.trees.forest import Array, Forest, NotExpressible

OPSET = 5
MOST_GATHERED = 4096
"""Trees times targets, the numbers per row: while 1,000 rows are answered, 16 MB."""

Aggregate = Literal["AVERAGE", "SUM", "MIN", "MAX"]
_AGGREGATES: dict[Aggregate, int] = {"AVERAGE": 0, "SUM": 1, "MIN": 2, "MAX": 3}

Nodes = Iterator[onnx.NodeProto]


def ensemble_nodes(forest: Forest, rows: str, scores: str, aggregate: Aggregate) -> Nodes:
    """The nodes that turn `rows`, float[N, F], into `scores`, float[N, K].

    A leaf of TreeEnsemble has one weight. Where leaves have several, each tree answers which of
    the distinct leaves it reached, and their weights are looked up and added.
    Raises NotExpressible.
    """
    if (forest.is_given.sum(axis=1) <= 1).all():
        leaves = forest.is_given.argmax(axis=1)
        weights = np.take_along_axis(forest.weights, leaves[:, None], axis=1)[:, 0]
        targets = forest.weights.shape[1]
        yield _ensemble(forest, leaves, weights, targets, _AGGREGATES[aggregate], rows, scores)
        return
    yield from _looked_up(forest, rows, scores, aggregate)


def _looked_up(forest: Forest, rows: str, scores: str, aggregate: Aggregate) -> Nodes:
    trees, targets = len(forest.roots), forest.weights.shape[1]
    if aggregate != "SUM" or trees * targets > MOST_GATHERED:
        raise NotExpressible(f"{trees} trees with {targets} weights to a leaf")
    table, row = np.unique(forest.weights[forest.is_leaf], axis=0, return_inverse=True)
    reached = np.zeros(len(forest.is_leaf), dtype=forest.weights.dtype)
    reached[forest.is_leaf] = row.ravel()
    sums = _AGGREGATES["SUM"]
    places, numbers, found = (f"{scores}_{what}" for what in ("reached", "places", "found"))
    yield _ensemble(forest, _tree_of(forest), reached, trees, sums, rows, places)
    yield helper.make_node("Cast", [places], [numbers], name=numbers, to=onnx.TensorProto.INT64)
    yield constant(f"{scores}_leaves", table)
    yield helper.make_node("Gather", [f"{scores}_leaves", numbers], [found], name=found, axis=0)
    yield constant(f"{scores}_trees", np.array([1], dtype=np.int64))
    inputs = [found, f"{scores}_trees"]
    yield helper.make_node("ReduceSum", inputs, [scores], name=scores, keepdims=0)


def _tree_of(forest: Forest) -> Array:
    """int64[N]: which tree each node is in, by its depth below the roots."""
    tree = np.full(len(forest.is_leaf), -1, dtype=np.int64)
    tree[forest.roots] = np.arange(len(forest.roots))
    level = forest.roots[~forest.is_leaf[forest.roots]]
    while level.size:
        below = np.concatenate([forest.true[level], forest.false[level]])
        tree[below] = np.tile(tree[level], 2)
        level = below[~forest.is_leaf[below]]
    return tree


def _ensemble(
    forest: Forest,
    target: Array,
    weight: Array,
    targets: int,
    aggregate: int,
    rows: str,
    scores: str,
) -> onnx.NodeProto:
    """target, weight: of each node that is a leaf."""
    is_leaf = forest.is_leaf
    kept = ~is_leaf
    kept[forest.roots] = True  # a tree that is one leaf becomes a branch with that leaf twice
    place = np.cumsum(kept) - 1
    leaf_targets, leaf_weights, place[is_leaf] = _shared(target[is_leaf], weight[is_leaf])
    true, false = forest.true[kept], forest.false[kept]
    missing = forest.missing[kept]
    tracks = {"nodes_missing_value_tracks_true": missing.tolist()} if missing.any() else {}
    return helper.make_node(
        "TreeEnsemble",
        [rows],
        [scores],
        name=scores,
        domain=ML,
        aggregate_function=aggregate,
        n_targets=targets,
        post_transform=0,
        tree_roots=(np.cumsum(kept) - 1)[forest.roots].tolist(),
        nodes_modes=_tensor(np.where(is_leaf, 0, forest.mode)[kept].astype(np.uint8)),
        nodes_featureids=np.where(is_leaf, 0, forest.feature)[kept].tolist(),
        nodes_splits=_tensor(forest.split[kept]),
        nodes_truenodeids=place[true].tolist(),
        nodes_falsenodeids=place[false].tolist(),
        nodes_trueleafs=is_leaf[true].astype(np.int64).tolist(),
        nodes_falseleafs=is_leaf[false].astype(np.int64).tolist(),
        leaf_targetids=leaf_targets.tolist(),
        leaf_weights=_tensor(leaf_weights),
        **tracks,
    )


def _shared(target: Array, weight: Array) -> tuple[Array, Array, Array]:
    """Leaves that answer alike become one; the most common first, for they have short
    numbers, and else in the order in which the trees come to them."""
    bits: NDArray[np.int64] = weight.view(f"i{weight.itemsize}").astype(np.int64)
    pairs = np.stack([target, bits], axis=1)
    _, first, inverse, counts = np.unique(
        pairs, axis=0, return_index=True, return_inverse=True, return_counts=True
    )
    order = np.lexsort((first, -counts))
    rank = np.empty_like(order)
    rank[order] = np.arange(len(order))
    return target[first[order]], weight[first[order]], rank[inverse.ravel()]


def constant(name: str, values: Array) -> onnx.NodeProto:
    return helper.make_node("Constant", [], [name], name=name, value=_tensor(values))


def _tensor(values: Array) -> onnx.TensorProto:
    return numpy_helper.from_array(np.ascontiguousarray(values))
