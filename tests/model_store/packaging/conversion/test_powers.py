"""A PowerTransformer is a graph that has float64's room for a power of large numbers."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from skl2onnx.common.data_types import DoubleTensorType, FloatTensorType
from sklearn.compose import make_column_transformer
from sklearn.linear_model import Ridge
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import PowerTransformer

from model_store.packaging import package
from model_store.packaging.conversion.powers import Powers
from tests.model_store.packaging.conversion.graphs import answer
from tests.model_store.packaging.measures import diabetes

GENERATOR = np.random.default_rng(5)
POSITIVE = np.column_stack(
    [GENERATOR.lognormal(size=200), GENERATOR.gamma(2, 9, 200), GENERATOR.normal(5000, 9, 200)]
)


@pytest.mark.parametrize("standardize", [True, False])
@pytest.mark.parametrize("method", ["yeo-johnson", "box-cox"])
@pytest.mark.parametrize(
    ("kind", "dtype", "within"), [(FloatTensorType, "f4", 1e-6), (DoubleTensorType, "f8", 1e-10)]
)
def test_it_is_computed_as_scikit_learn_does(
    method: str, standardize: bool, kind: Any, dtype: str, within: float
) -> None:
    rows = POSITIVE.astype(dtype).astype(np.float64)
    transformer = PowerTransformer(method, standardize=standardize).fit(rows)
    found = answer(Powers(transformer), kind, rows.astype(dtype))
    assert found.dtype == dtype
    np.testing.assert_allclose(found, transformer.transform(rows), rtol=within, atol=within)


@pytest.mark.parametrize("exponent", [-1.5, 0.0, 0.5, 1.0, 2.0, 3.5])
def test_every_exponent_has_its_limits_on_both_sides_of_zero(exponent: float) -> None:
    rows = np.array([[-7.5], [-1.0], [-1e-3], [0.0], [1e-3], [1.0], [42.0], [np.nan]])
    transformer = PowerTransformer(standardize=False).fit(rows)
    transformer.lambdas_ = np.array([exponent])
    found = answer(Powers(transformer), DoubleTensorType, rows)
    np.testing.assert_allclose(found, transformer.transform(rows), rtol=1e-10, atol=1e-13)


def test_a_model_of_powers_is_packaged_without_another_remedy(tmp_path: Path) -> None:
    powers = make_column_transformer((PowerTransformer(), ["bmi", "bp", "s1"]))
    manifest = package(diabetes(make_pipeline(powers, Ridge())), tmp_path / "artifact").manifest
    assert (manifest.parity.status, manifest.parity.remedy) == ("passed", "float32")
