"""numpy's functions before the model become nodes that compute the same."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from skl2onnx.common.data_types import DoubleTensorType, FloatTensorType
from sklearn.compose import make_column_transformer
from sklearn.linear_model import Ridge
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer

from model_store.packaging import package
from model_store.packaging.conversion.ufuncs import FORMS, Ufunc
from model_store.packaging.errors import PartRefused
from tests.model_store.packaging.conversion.graphs import answer
from tests.model_store.packaging.measures import diabetes

NUMBERS = np.array([[0.001, 0.5, 1.0], [1.5, 3.0, 27.1]])


@pytest.mark.parametrize(("kind", "dtype"), [(FloatTensorType, "f4"), (DoubleTensorType, "f8")])
@pytest.mark.parametrize("function", FORMS, ids=lambda function: function.__name__)
def test_a_function_is_a_graph(function: Any, kind: Any, dtype: str) -> None:
    rows = NUMBERS.astype(dtype)
    transformer = FunctionTransformer(function).fit(rows)
    found = answer(Ufunc.of(transformer), kind, rows)
    assert found.dtype == rows.dtype
    rounding = np.finfo(dtype).eps  # 1000 times that of 1 + 0.001 is that of its logarithm
    np.testing.assert_allclose(found, transformer.transform(rows), rtol=1000 * rounding, atol=0)


def test_what_is_missing_stays_missing() -> None:
    rows = np.array([[np.nan, 1.0]])
    found = answer(Ufunc.of(FunctionTransformer(np.log1p).fit(rows)), DoubleTensorType, rows)
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
    with pytest.raises(PartRefused, match=rf"FunctionTransformer.*{told}.*np\.log1p"):
        Ufunc.of(transformer)


def test_a_model_of_logarithms_is_packaged(tmp_path: Path) -> None:
    logs = make_column_transformer(
        (FunctionTransformer(np.log), ["bmi", "bp"]), remainder="passthrough"
    )
    manifest = package(diabetes(make_pipeline(logs, Ridge())), tmp_path / "artifact").manifest
    assert manifest.parity.status == "passed"
