"""Rows as the tensors that a graph takes."""

from typing import Any

import numpy as np
import pytest

from model_store.contract import (
    MISSING,
    Contract,
    Row,
    TensorSpec,
    check_tensors,
    default_tensors,
    encode,
)
from model_store.errors import ContractError


@pytest.fixture
def contract() -> Contract:
    features: list[dict[str, Any]] = [
        {"kind": "number", "name": "n", "missing": {"policy": "allow"}},
        {"kind": "integer", "name": "i"},
        {"kind": "boolean", "name": "b"},
        {"kind": "date", "name": "d"},
        {"kind": "category", "name": "c", "categories": ["u"], "missing": {"policy": "allow"}},
        {"kind": "text", "name": "t"},
    ]
    return Contract.model_validate({"name": "row", "version": "1.0", "features": features})


ROW = Row({"n": 0.1, "i": 3, "b": True, "d": "1970-01-11", "c": "u", "t": "hé"})
EMPTY = Row({"n": None, "i": 0, "b": False, "d": "1969-12-31", "c": None, "t": ""})


def test_by_default_each_feature_is_one_input_of_its_name(contract: Contract):
    specs = default_tensors(contract)
    assert [(s.name, s.dtype) for s in specs] == [
        ("n", "float32"),
        ("i", "float32"),
        ("b", "float32"),
        ("d", "float32"),
        ("c", "string"),
        ("t", "string"),
    ]
    check_tensors(contract, specs)


def test_features_can_share_a_tensor_in_the_declared_order():
    spec = TensorSpec(name="all", dtype="float64", features=("d", "b", "n"))
    (array,) = encode([ROW, EMPTY], [spec]).values()
    np.testing.assert_array_equal(array, [[10, 1, 0.1], [-1, 0, np.nan]])


def test_missing_strings_and_numbers_have_one_spelling_each(contract: Contract):
    tensors = encode([EMPTY], default_tensors(contract))
    assert np.isnan(tensors["n"]).all()
    assert tensors["c"].tolist() == [[MISSING]]


@pytest.mark.parametrize(
    ("dtype", "features", "problem"),
    [
        ("float32", ("c",), "a category does not fit float32"),
        ("string", ("n",), "a number does not fit string"),
        ("int64", ("n",), "a number does not fit int64"),
        ("bool", ("i",), "an integer does not fit bool"),
        ("float32", ("n", "q"), "no such feature"),
    ],
)
def test_refuses_a_tensor_that_cannot_hold_its_features(
    contract: Contract, dtype: Any, features: tuple[str, ...], problem: str
):
    spec = TensorSpec(name="bad", dtype=dtype, features=features)
    with pytest.raises(ContractError, match=problem.replace("an integer", "an? integer")):
        check_tensors(contract, [spec])


def test_refuses_an_integer_tensor_for_a_feature_that_may_be_missing():
    feature = {"kind": "integer", "name": "i", "missing": {"policy": "allow"}}
    contract = Contract.model_validate({"name": "row", "version": "1.0", "features": [feature]})
    with pytest.raises(ContractError, match="cannot hold a missing value"):
        check_tensors(contract, [TensorSpec(name="i", dtype="int64", features=("i",))])


def test_refuses_two_inputs_of_one_name(contract: Contract):
    spec = TensorSpec(name="i", dtype="int64", features=("i",))
    with pytest.raises(ContractError, match="same name"):
        check_tensors(contract, [spec, spec])
