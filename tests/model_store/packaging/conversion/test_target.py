"""What is trained on another scale than the target's answers in the target's own."""

from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.compose import TransformedTargetRegressor
from sklearn.ensemble import RandomForestRegressor
from sklearn.linear_model import LinearRegression, Ridge
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MinMaxScaler, QuantileTransformer, StandardScaler

from model_store.packaging import package
from model_store.packaging.conversion.target import split_target
from model_store.packaging.errors import PartRefused
from tests.model_store.packaging.measures import diabetes

Transformed = TransformedTargetRegressor
Logarithm = partial(Transformed, func=np.log1p, inverse_func=np.expm1)
FOREST = RandomForestRegressor(n_estimators=10, random_state=0)


@pytest.mark.parametrize(
    "estimator",
    [
        Logarithm(make_pipeline(StandardScaler(), Ridge())),
        make_pipeline(StandardScaler(), Logarithm(Ridge())),
        Transformed(FOREST, func=np.sqrt, inverse_func=np.square),
        Transformed(LinearRegression(), transformer=StandardScaler()),
        Transformed(LinearRegression(), transformer=StandardScaler(with_mean=False)),
        Transformed(LinearRegression(), transformer=StandardScaler(with_std=False)),
        Logarithm(),
        Logarithm(Transformed(Ridge(), transformer=StandardScaler())),
    ],
    ids=[
        "a pipeline",
        "the last step of one",
        "a forest",
        "standardised",
        "scaled",
        "centred",
        "the default",
        "twice",
    ],
)
def test_it_is_packaged(estimator: Any, tmp_path: Path) -> None:
    manifest = package(diabetes(estimator), tmp_path / "artifact").manifest
    assert manifest.parity.status == "passed"
    assert manifest.metrics["r2"] > 0.15


@pytest.mark.parametrize("transformer", [MinMaxScaler(), QuantileTransformer(n_quantiles=50)])
def test_other_ways_back_are_refused_by_name(transformer: Any, tmp_path: Path) -> None:
    told = rf"TransformedTargetRegressor.*{type(transformer).__name__} has no ONNX form"
    with pytest.raises(PartRefused, match=told):
        package(diabetes(Transformed(Ridge(), transformer=transformer)), tmp_path / "artifact")


def test_any_other_estimator_is_left_as_it_is() -> None:
    for estimator in (Ridge(), make_pipeline(StandardScaler(), Ridge())):
        assert split_target(estimator) == (estimator, ())
