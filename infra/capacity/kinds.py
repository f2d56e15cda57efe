"""What a graph is made of: trees as they are converted, trees written anew, anything else."""

import re
from collections.abc import Mapping

from infra.capacity.reference import Kind
from model_store.artifact.manifest import Manifest

CLASSICAL, NEWEST_TREES = "ai.onnx.ml", 5
"""The domain of tree operators, and the version whose TreeEnsemble replaced the two before it."""
WRITTEN_ANEW = "TreeEnsemble"
SURELY_TREES = re.compile(r"(Forest|ExtraTrees|DecisionTree|GradientBoosting|LGBM|XGB)\w*$")
SURELY_NONE = re.compile(r"sklearn\.(linear_model|naive_bayes|neighbors|neural_network|svm)\.\w+$")
"""The estimator at the end of a pipeline; what combines others may hold either."""

Parts = Mapping[Kind, int]
"""Bytes of a graph."""


def parts_of(manifest: Manifest) -> tuple[Parts, ...]:
    """As its manifest says; in one from before that was recorded, each that it may be, the lightest
    first."""
    size, trees = manifest.model_file.size, manifest.provenance.trees
    if trees is None:
        return tuple({kind: size} for kind in _guessed(manifest))
    anew = trees.get(WRITTEN_ANEW, 0)
    converted = sum(trees.values()) - anew
    rest = max(0, size - anew - converted)
    return ({"other": rest, "trees": converted, "tree ensembles": anew},)


def _guessed(manifest: Manifest) -> tuple[Kind, ...]:
    made = manifest.provenance
    operators, estimator = made.opset.get(CLASSICAL, 0), made.estimator or ""
    if manifest.parity.optimisations:
        return ("tree ensembles",)
    is_sure = manifest.outputs.difficulty is None  # which is told by a forest of its own
    if not operators or (is_sure and SURELY_NONE.search(estimator)):
        return ("other",)
    trees: Kind = "tree ensembles" if operators >= NEWEST_TREES else "trees"
    return (trees,) if SURELY_TREES.search(estimator) else ("other", trees)
