"""Columns of tensors become the rows that the contract judges."""

from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.inference.errors import TensorRefused
from functions.inference.open_inference.columns import (
    DATATYPES,
    datatype_of,
    inputs_of,
    point_to_tensors,
    read_request,
    rows_of,
)
from functions.inference.open_inference.messages import InferRequest
from model_store.contract import Code, Feature, Violation
from tests.functions.models import contract

PENGUINS = contract()
CANARY = "canary_22b7"


def tensor(name: str = "island", **changes: Any) -> dict[str, Any]:
    sent = {"name": name, "datatype": "BYTES", "shape": [2], "data": ["Biscoe", "Dream"]}
    return sent | changes


def read(*tensors: dict[str, Any]) -> InferRequest:
    return read_request({"inputs": list(tensors)})


@given(
    rows=st.lists(st.tuples(st.text(), st.none() | st.floats(allow_nan=False)), min_size=1),
    nested=st.booleans(),
)
def test_rows_come_back_as_they_went_into_the_columns(rows: list[Any], nested: bool) -> None:
    islands, bills = (list(column) for column in zip(*rows, strict=True))
    request = read(
        tensor(shape=[len(rows)], data=islands),
        tensor(
            "bill_length_mm",
            datatype="FP64",
            shape=[len(rows), 1] if nested else [len(rows)],
            data=[[bill] for bill in bills] if nested else bills,
        ),
    )
    expected = [{"island": island, "bill_length_mm": bill} for island, bill in rows]
    assert rows_of(request, PENGUINS) == expected


def test_a_feature_that_the_contract_does_not_know_is_left_to_the_contract() -> None:
    rows = rows_of(read(tensor("wings", datatype="ODD", data=[1, 2])), PENGUINS)
    assert rows == [{"wings": 1}, {"wings": 2}]


@pytest.mark.parametrize(
    ("tensors", "told"),
    [
        ([tensor(shape=[3])], "inputs/0/data"),
        ([tensor(shape=[2, 2])], "inputs/0/shape"),
        ([tensor(), tensor("sex", data=["male"], shape=[1])], "same number of rows"),
        ([tensor(data=[], shape=[0])], "at least one"),
        ([tensor(), tensor()], "same tensor twice"),
        ([tensor(), tensor("flipper_length_mm", data=[1, 2])], "inputs/1/datatype.*FP64"),
        ([tensor(datatype="FP32", data=[1, 2])], "inputs/0/datatype.*BYTES"),
    ],
)
def test_columns_that_make_no_rows_are_refused_by_place(
    tensors: list[dict[str, Any]], told: str
) -> None:
    with pytest.raises(TensorRefused, match=told):
        rows_of(read(*tensors), PENGUINS)


@pytest.mark.parametrize(
    ("document", "where"),
    [
        ([], "body"),
        ({"inputs": []}, "/inputs"),
        ({"inputs": [tensor(shape="2")]}, "/inputs/0/shape"),
        ({"inputs": [tensor(shape=[1, 1, 1])]}, "/inputs/0/shape"),
        ({"inputs": [tensor(**{CANARY: 1})]}, "/inputs/0"),
        ({"inputs": [tensor()], CANARY: 1}, "body"),
        ({"inputs": [tensor()], "parameters": {CANARY: [1]}}, "/parameters"),
    ],
)
def test_fault_row_16_what_breaks_the_protocol_is_named_by_known_members_only(
    document: Any, where: str
) -> None:
    with pytest.raises(TensorRefused) as refused:
        read_request(document)
    assert refused.value.where == where
    assert CANARY not in str(refused.value)
    assert refused.value.__suppress_context__


def test_fault_row_16_a_violation_of_a_row_points_into_the_tensor_it_came_from() -> None:
    request = read(tensor("sex"), tensor())
    found = point_to_tensors(
        request,
        [
            Violation(("instances", 1, "island"), Code.UNSEEN_CATEGORY, "is none"),
            Violation(("instances", 0, "bill_length_mm"), Code.MISSING, "is required"),
            Violation(("instances", 1, "bill_length_mm"), Code.MISSING, "is required"),
            Violation(("instances", 0, "sex"), Code.UNKNOWN_FIELD, "is no feature"),
        ],
    )
    assert [(violation.pointer, violation.message) for violation in found] == [
        ("/inputs/1/data/1", "island is none"),
        ("/inputs", "bill_length_mm is required"),
        ("/inputs/0", "sex is no feature"),
    ], "a tensor that is missing is missed once, not once per row"


def test_every_kind_of_feature_has_a_datatype_that_it_also_reads() -> None:
    kinds = {member.model_fields["kind"].default for member in get_args(get_args(Feature)[0])}
    assert DATATYPES.keys() == kinds
    assert all(named in read for named, read in DATATYPES.values())


def test_the_metadata_lists_the_features_in_the_order_of_the_contract() -> None:
    assert [(found.name, found.datatype, found.shape) for found in inputs_of(PENGUINS)] == [
        ("island", "BYTES", [-1]),
        ("bill_length_mm", "FP64", [-1]),
        ("flipper_length_mm", "FP64", [-1]),
        ("sex", "BYTES", [-1]),
    ]


def test_values_of_several_types_are_of_the_one_that_holds_them_all() -> None:
    """A regression whose fallback is a whole number: as INT64, 0.5 would be read as 0."""
    assert datatype_of([3, 0.5]) == "FP64"
    assert datatype_of([]) == "FP64"


@pytest.mark.parametrize(
    ("value", "datatype"), [(True, "BOOL"), (1, "INT64"), (0.5, "FP64"), ("a", "BYTES")]
)
def test_a_boolean_is_no_integer(value: object, datatype: str) -> None:
    assert datatype_of([value]) == datatype
