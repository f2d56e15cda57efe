"""A fitted imputer of numbers gives alone in a graph what scikit-learn gives."""

from typing import Any

import numpy as np
import pytest
from skl2onnx.common.data_types import DoubleTensorType, FloatTensorType
from sklearn.impute import SimpleImputer

from model_store.packaging.conversion.imputer import NumberImputer
from tests.model_store.packaging.conversion.graphs import answer

NUMBERS = np.array([[1.0, 0.1], [np.nan, 0.2], [3.0, np.nan], [5.0, 1 / 3]])


@pytest.mark.parametrize("kind", [FloatTensorType, DoubleTensorType])
@pytest.mark.parametrize("indicator", [False, True])
def test_an_imputer_keeps_the_precision_and_tells_what_was_missing(
    kind: Any, indicator: bool
) -> None:
    imputer = SimpleImputer(strategy="median", add_indicator=indicator).fit(NUMBERS)
    rows = NUMBERS.astype(np.float64 if kind is DoubleTensorType else np.float32)
    found = answer(NumberImputer.of(imputer), kind, rows)
    assert found.dtype == rows.dtype
    np.testing.assert_array_equal(found, imputer.transform(NUMBERS).astype(rows.dtype))


def test_an_imputer_that_dropped_an_empty_column_is_left_to_the_converter() -> None:
    empty = np.array([[1.0, np.nan], [2.0, np.nan]])
    assert not NumberImputer.suits(SimpleImputer().fit(empty))
    assert NumberImputer.suits(SimpleImputer(keep_empty_features=True).fit(empty))


def test_only_the_columns_that_had_missing_values_are_told() -> None:
    """The others would be a column of zeros that the model was not trained on."""
    complete = np.nan_to_num(NUMBERS[:, :1])
    rows = np.hstack([complete, NUMBERS])
    imputer = SimpleImputer(add_indicator=True).fit(rows)
    assert NumberImputer.of(imputer).indicated == (1, 2)
    found = answer(NumberImputer.of(imputer), DoubleTensorType, rows)
    np.testing.assert_array_equal(found, imputer.transform(rows))


def test_another_mark_of_what_is_missing_is_left_to_the_converter() -> None:
    assert not NumberImputer.suits(SimpleImputer(missing_values=-1).fit(np.nan_to_num(NUMBERS)))


def test_an_imputer_of_integers_keeps_its_halves() -> None:
    """Its statistics are floats though its column is not."""
    imputer = SimpleImputer().fit(np.array([[1], [2]]))
    rows = np.array([[np.nan], [4.0]], dtype=np.float32)
    found = answer(NumberImputer.of(imputer), FloatTensorType, rows)
    assert found.tolist() == [[1.5], [4.0]]
