"""Rewritten encoders and imputers give, alone in a graph, what scikit-learn's give."""

from typing import Any, Literal

import numpy as np
import pytest
from onnxruntime import InferenceSession
from skl2onnx import convert_sklearn
from skl2onnx.common.data_types import DoubleTensorType, FloatTensorType, StringTensorType
from sklearn.impute import SimpleImputer
from sklearn.preprocessing import OneHotEncoder, OrdinalEncoder, TargetEncoder

from model_store.packaging.imputer import NumberImputer
from model_store.packaging.lookup import UNSEEN, CategoryLookup

Precision = Literal["float32", "float64"]
CITIES = np.array([["Rome", "x"], ["Oslo", "y"], [np.nan, "x"], ["Rome", "y"]] * 5, dtype=object)
NUMBERS = np.array([[1.0, 0.1], [np.nan, 0.2], [3.0, np.nan], [5.0, 1 / 3]])


def answer(part: Any, kind: Any, rows: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    graph = convert_sklearn(part, initial_types=[("x", kind([None, rows.shape[1]]))])
    session = InferenceSession(graph.SerializeToString(), providers=["CPUExecutionProvider"])
    found: np.ndarray[Any, Any] = session.run(None, {"x": rows})[0]
    return found


@pytest.mark.parametrize("precision", ["float32", "float64"])
@pytest.mark.parametrize(
    "encoder",
    [
        OneHotEncoder(handle_unknown="ignore", sparse_output=False),
        OneHotEncoder(handle_unknown="infrequent_if_exist", min_frequency=6, sparse_output=False),
        OneHotEncoder(handle_unknown="ignore", drop="first"),
        OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=-1),
        TargetEncoder(),
    ],
    ids=["one-hot", "rare", "dropped", "ordinal", "target"],
)
@pytest.mark.filterwarnings("ignore:Found unknown categories")
def test_an_encoder_is_a_table(encoder: Any, precision: Precision) -> None:
    """Missing, rare, dropped and unseen categories become what scikit-learn makes of them."""
    encoder.fit(CITIES, np.arange(len(CITIES)))
    rows = np.vstack([CITIES[:4], np.array([[UNSEEN, "x"]], dtype=object)])
    expected = encoder.transform(rows)
    expected = expected.toarray() if hasattr(expected, "toarray") else expected
    sent = np.where(rows != rows, "", rows)
    found = answer(CategoryLookup.of(encoder, precision), StringTensorType, sent)
    assert found.dtype == precision
    np.testing.assert_array_equal(found, np.asarray(expected, dtype=precision))


def test_numbers_are_no_table() -> None:
    assert not CategoryLookup.suits(OneHotEncoder().fit([[1], [2]]))
    assert CategoryLookup.suits(OneHotEncoder().fit([["a"], ["b"]]))


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
