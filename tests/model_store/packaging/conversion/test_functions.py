"""Functions of numpy before the model, and on its target, become what numpy computes."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from skl2onnx.common.data_types import DoubleTensorType, FloatTensorType
from sklearn.base import clone
from sklearn.compose import TransformedTargetRegressor, make_column_transformer
from sklearn.datasets import load_diabetes
from sklearn.ensemble import RandomForestRegressor
from sklearn.linear_model import LinearRegression, Ridge
from sklearn.model_selection import train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import (
    FunctionTransformer,
    MinMaxScaler,
    QuantileTransformer,
    StandardScaler,
)

from model_store.contract import Contract
from model_store.contract.features import Number
from model_store.packaging import Constant, Model, package
from model_store.packaging.conversion.functions import FORMS, NumberFunction, split_target
from model_store.packaging.errors import ConversionRefused
from tests.model_store.packaging.conversion.graphs import answer

NUMBERS = np.array([[0.001, 0.5, 1.0], [1.5, 3.0, 27.1]])
FRAME, TARGET = load_diabetes(return_X_y=True, as_frame=True, scaled=False)
LOGARITHM = {"func": np.log1p, "inverse_func": np.expm1}
SOME = ["bmi", "bp"]


@pytest.mark.parametrize(("kind", "dtype"), [(FloatTensorType, "f4"), (DoubleTensorType, "f8")])
@pytest.mark.parametrize("function", FORMS, ids=lambda function: function.__name__)
def test_a_function_is_a_graph(function: Any, kind: Any, dtype: str) -> None:
    rows = NUMBERS.astype(dtype)
    transformer = FunctionTransformer(function).fit(rows)
    found = answer(NumberFunction.of(transformer), kind, rows)
    assert found.dtype == rows.dtype
    rounding = 100 * np.finfo(dtype).eps  # of 1 + 0.001, whose logarithm is small
    np.testing.assert_allclose(found, transformer.transform(rows), rtol=rounding, atol=1e-7)


def test_what_is_missing_stays_missing() -> None:
    rows = np.array([[np.nan, 1.0]])
    found = answer(
        NumberFunction.of(FunctionTransformer(np.log1p).fit(rows)), DoubleTensorType, rows
    )
    assert np.isnan(found[0, 0])


@pytest.mark.parametrize(
    ("transformer", "told"),
    [
        (FunctionTransformer(np.cbrt), "the function cbrt has no ONNX form"),
        (FunctionTransformer(lambda x: x + 1), "the function <lambda> has no ONNX form"),
        (FunctionTransformer(np.log, kw_args={"where": True}), "the function log has no ONNX form"),
    ],
    ids=["another", "the user's own", "with arguments"],
)
def test_other_functions_are_refused_by_name(transformer: Any, told: str) -> None:
    with pytest.raises(ConversionRefused, match=rf"FunctionTransformer.*{told}.*np\.log1p"):
        NumberFunction.of(transformer)


def model_of(estimator: Any) -> Model:
    x, x_test, y, y_test = train_test_split(FRAME, TARGET, random_state=0)
    features = tuple(Number(name=name) for name in FRAME.columns)
    return Model(
        name="progression",
        version="1",
        contract=Contract(name="measures", version="1.0", features=features),
        estimator=estimator,
        train=(x, y),
        held_out=(x_test, y_test),
        fallback=Constant(value=140.5),
    )


def through(regressor: Any, **target: Any) -> Any:
    return TransformedTargetRegressor(regressor, **target)


LOGS = make_column_transformer((FunctionTransformer(np.log), SOME), remainder="passthrough")
FOREST = RandomForestRegressor(n_estimators=10, random_state=0)


@pytest.mark.parametrize(
    "estimator",
    [
        make_pipeline(clone(LOGS), Ridge()),
        through(make_pipeline(clone(LOGS), Ridge()), **LOGARITHM),
        make_pipeline(clone(LOGS), StandardScaler(), through(Ridge(), **LOGARITHM)),
        through(FOREST, func=np.sqrt, inverse_func=np.square),
        through(LinearRegression(), transformer=StandardScaler()),
        through(LinearRegression(), transformer=StandardScaler(with_mean=False)),
        through(LinearRegression(), transformer=StandardScaler(with_std=False)),
        through(None, **LOGARITHM),
        through(through(Ridge(), transformer=StandardScaler()), **LOGARITHM),
    ],
    ids=[
        "logarithms of some",
        "of the target too",
        "as the last step",
        "a forest",
        "standardised",
        "scaled",
        "centred",
        "by default",
        "twice",
    ],
)
def test_a_model_with_functions_is_packaged(estimator: Any, tmp_path: Path) -> None:
    manifest = package(model_of(estimator), tmp_path / "artifact").manifest
    assert manifest.parity.status == "passed"
    assert manifest.metrics["r2"] > 0.15


@pytest.mark.parametrize("transformer", [MinMaxScaler(), QuantileTransformer(n_quantiles=50)])
def test_other_ways_back_are_refused_by_name(transformer: Any, tmp_path: Path) -> None:
    told = rf"TransformedTargetRegressor.*{type(transformer).__name__} has no ONNX form"
    with pytest.raises(ConversionRefused, match=told):
        package(model_of(through(Ridge(), transformer=transformer)), tmp_path / "artifact")


def test_without_a_function_the_estimator_is_left_as_it_is() -> None:
    for estimator in (Ridge(), make_pipeline(StandardScaler(), Ridge())):
        assert split_target(estimator) == (estimator, ())
