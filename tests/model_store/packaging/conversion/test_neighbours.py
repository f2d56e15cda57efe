"""Neighbours count by their closeness in a graph as they do in scikit-learn."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from onnxruntime import InferenceSession
from skl2onnx import to_onnx
from sklearn.base import BaseEstimator
from sklearn.datasets import load_diabetes
from sklearn.ensemble import VotingRegressor
from sklearn.neighbors import KNeighborsClassifier, KNeighborsRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from model_store.packaging import package
from model_store.packaging.conversion.neighbours import weigh_by_distance
from tests.model_store.packaging.measures import cancer, diabetes

ROWS, TARGET = load_diabetes(return_X_y=True, scaled=False)


def weighed(estimator: BaseEstimator, rows: Any) -> InferenceSession:
    model = to_onnx(estimator, rows[:1], target_opset=18)
    weigh_by_distance(model)
    return InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])


@pytest.mark.parametrize(("dtype", "within"), [("f4", 1e-5), ("f8", 1e-9)])
@pytest.mark.parametrize("options", [{}, {"p": 1}, {"n_neighbors": 1}, {"n_neighbors": 40}])
def test_the_nearer_ones_count_more(options: dict[str, Any], dtype: str, within: float) -> None:
    """Rows that nobody has seen, and those that were learned, which have no distance at all."""
    rows = ROWS.astype(dtype)
    neighbours = KNeighborsRegressor(weights="distance", **options).fit(rows[:300], TARGET[:300])
    found = weighed(neighbours, rows).run(None, {"X": rows})[0].ravel()
    np.testing.assert_allclose(found, neighbours.predict(rows), rtol=within)


def test_twins_that_were_learned_share_their_row_and_leave_others_none() -> None:
    rows, values = np.array([[0.0], [0.0], [1e-3], [1.0]]), np.array([1.0, 3.0, 100.0, 1000.0])
    neighbours = KNeighborsRegressor(3, weights="distance").fit(rows, values)
    found = weighed(neighbours, rows).run(None, {"X": rows[:1]})[0]
    np.testing.assert_allclose(found, [[2.0]], rtol=1e-6)


@pytest.mark.parametrize(
    "make",
    [
        lambda: diabetes(make_pipeline(StandardScaler(), KNeighborsRegressor(weights="distance"))),
        lambda: cancer(make_pipeline(StandardScaler(), KNeighborsClassifier(weights="distance"))),
        lambda: diabetes(
            VotingRegressor(
                [("near", KNeighborsRegressor(weights="distance")), ("far", KNeighborsRegressor())]
            )
        ),
    ],
)
def test_a_model_of_them_is_packaged_without_another_remedy(make: Any, tmp_path: Path) -> None:
    manifest = package(make(), tmp_path / "artifact").manifest
    assert (manifest.parity.status, manifest.parity.remedy) == ("passed", "float32")
