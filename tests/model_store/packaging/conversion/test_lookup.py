"""A fitted encoder of strings, as a table, gives alone in a graph what scikit-learn gives."""

from typing import Any, Literal

import numpy as np
import pytest
from skl2onnx.common.data_types import StringTensorType
from sklearn.preprocessing import OneHotEncoder, OrdinalEncoder, TargetEncoder

from model_store.contract import MISSING
from model_store.packaging.conversion import lookup
from model_store.packaging.conversion.lookup import UNSEEN, CategoryLookup, is_missing
from tests.model_store.packaging.conversion.graphs import answer

Precision = Literal["float32", "float64"]
CITIES = np.array([["Rome", "x"], ["Oslo", "y"], [np.nan, "x"], ["Rome", "y"]] * 5, dtype=object)


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


def test_a_table_may_have_several_numbers_per_category() -> None:
    """A TargetEncoder of three classes: three per category, interleaved as scikit-learn has it."""
    encoder = TargetEncoder().fit(CITIES, np.arange(len(CITIES)) % 3)
    found = answer(CategoryLookup.of(encoder, "float64"), StringTensorType, CITIES[[0, 1, 3]])
    np.testing.assert_array_equal(found, encoder.transform(CITIES[[0, 1, 3]]))


def test_where_the_encoder_refuses_unseen_categories_they_are_all_zeros() -> None:
    """It never answers for them, so neither does parity: the row must only not fail."""
    encoder = OneHotEncoder().fit(CITIES)
    found = answer(
        CategoryLookup.of(encoder, "float32"),
        StringTensorType,
        np.array([["Rome", "x"], ["Bergen", "x"], ["", "x"]], dtype=object),
    )
    known = encoder.transform(CITIES[[0, 2]]).toarray()
    np.testing.assert_array_equal(found[[0, 2]], known)
    assert found[1].tolist() == [0.0, 0.0, 0.0, *known[0][3:]]


def test_the_width_is_that_of_the_encoders_output() -> None:
    encoder = OneHotEncoder(drop="first").fit(CITIES)
    assert CategoryLookup.of(encoder, "float32").width == encoder.transform(CITIES).shape[1] == 3


def test_a_table_too_large_for_a_graph_is_left_to_the_converter(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Two columns, of 3 and 2 categories and one row each for the others: 4 x 3 + 3 x 2 numbers."""
    encoder = OneHotEncoder().fit(CITIES)
    monkeypatch.setattr(lookup, "LARGEST_TABLE", 18)
    assert CategoryLookup.suits(encoder)
    monkeypatch.setattr(lookup, "LARGEST_TABLE", 17)
    assert not CategoryLookup.suits(encoder)


def test_a_missing_category_is_known_by_the_spelling_of_the_contract() -> None:
    cities, _ = CategoryLookup.of(OneHotEncoder().fit(CITIES), "float32").columns
    assert cities.keys == ("Oslo", "Rome", MISSING)


@pytest.mark.parametrize(
    ("value", "missing"), [(None, True), (np.nan, True), (0.0, False), ("", False), ("nan", False)]
)
def test_only_none_and_nan_are_missing_to_scikit_learn(value: object, missing: bool) -> None:
    assert is_missing(value) is missing
