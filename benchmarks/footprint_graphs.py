"""Graphs of several kinds and sizes, as packaging converts them; trees also written anew."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.ensemble import (
    ExtraTreesClassifier,
    ExtraTreesRegressor,
    GradientBoostingRegressor,
    RandomForestClassifier,
)
from sklearn.gaussian_process import GaussianProcessRegressor
from sklearn.linear_model import LogisticRegression
from sklearn.neighbors import KNeighborsRegressor
from sklearn.neural_network import MLPClassifier, MLPRegressor
from sklearn.svm import SVC

from benchmarks.trees import converted
from infra.capacity.reference import Kind
from model_store.packaging.conversion.trees.rewrite import with_tree_ensembles

SMALLEST = "other-logistic.onnx"
Target = tuple[Any, str, int]
TREES: dict[str, Callable[[], Target]] = {
    "boosting": lambda: (GradientBoostingRegressor(n_estimators=200, max_depth=5), "value", 2000),
    "forest": lambda: (RandomForestClassifier(60, max_depth=10, random_state=0), "two", 6000),
    "three": lambda: (RandomForestClassifier(60, max_depth=12, random_state=0), "three", 6000),
    "extra": lambda: (ExtraTreesRegressor(60, random_state=0), "value", 6000),
    "extra-two": lambda: (ExtraTreesClassifier(200, random_state=0), "two", 6000),
}
OTHER: dict[str, Callable[[], Target]] = {
    "logistic": lambda: (LogisticRegression(), "two", 6000),
    "gaussian": lambda: (GaussianProcessRegressor(), "value", 1500),
    "support": lambda: (SVC(), "two", 6000),
    "neighbours": lambda: (KNeighborsRegressor(), "value", 6000),
    "dense-4": lambda: (_dense(MLPRegressor, 1000), "value", 400),
    "dense-25": lambda: (_dense(MLPRegressor, 2500), "value", 200),
    "dense-81": lambda: (_dense(MLPClassifier, 4500), "two", 100),
}


def graphs(folder: Path) -> Iterator[tuple[Kind, Path]]:
    """What `folder` lacks of them is made; converting the large forests takes minutes."""
    kinds: dict[Kind, dict[str, Callable[[], Target]]] = {"other": OTHER, "trees": TREES}
    for kind, makers in kinds.items():
        for name, make in makers.items():
            file = folder / f"{kind}-{name}.onnx"
            if not file.exists():
                file.write_bytes(_converted(*make()))
            yield kind, file
            if kind == "trees":
                yield "tree ensembles", _written_anew(file)


def _dense(network: type, width: int) -> Any:
    return network(hidden_layer_sizes=(width, width), max_iter=1, random_state=0)


def _converted(estimator: Any, target: str, rows: int) -> bytes:
    random = np.random.default_rng(0)
    x = random.normal(size=(rows, 20)).astype(np.float32)
    value = x[:, 0] + x[:, 1] * x[:, 2] + random.normal(size=rows)
    targets = {"value": value, "two": value > 0, "three": np.digitize(value, [-0.7, 0.7])}
    y = targets[target]
    fitted = estimator.fit(x, y if target == "value" else y.astype(int))
    model: bytes = converted(fitted, x).SerializeToString()
    return model


def _written_anew(file: Path) -> Path:
    anew = file.with_name(file.name.replace("trees-", "tree ensembles-", 1))
    if not anew.exists():
        anew.write_bytes(with_tree_ensembles(file.read_bytes()))
    return anew
