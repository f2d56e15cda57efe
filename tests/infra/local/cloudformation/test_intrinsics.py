"""Intrinsic functions give what CloudFormation gives."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from infra.local.cloudformation.errors import InvalidTemplate, NotSupported
from infra.local.cloudformation.intrinsics import UNKNOWN, Scope, unknown

ATTRIBUTES = {("Table", "Arn"): "arn:table"}


def scope(**conditions: Any) -> Scope:
    return Scope(
        values={
            "Name": "penguins",
            "Names": ["a", "b"],
            "Count": "0",
            "AWS::Region": "us-east-1",
            "AWS::URLSuffix": "amazonaws.com",
        },
        conditions={"Yes": True, "No": False, **conditions},
        exports={"bucket": "models"},
        reference=lambda name: {"Table": "table-1"}[name],
        attribute=lambda name, attribute: ATTRIBUTES[name, attribute],
    )


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        ({"Ref": "Name"}, "penguins"),
        ({"Ref": "Names"}, ["a", "b"]),
        ({"Ref": "Table"}, "table-1"),
        ({"Ref": "AWS::Region"}, "us-east-1"),
        ({"Fn::GetAtt": ["Table", "Arn"]}, "arn:table"),
        ({"Fn::GetAtt": "Table.Arn"}, "arn:table"),
        ({"Fn::Sub": "${Name}/${Table}/${Table.Arn}"}, "penguins/table-1/arn:table"),
        ({"Fn::Sub": ["${Own}-${Name}", {"Own": {"Ref": "Table"}}]}, "table-1-penguins"),
        (
            {"Fn::Sub": "${!Literal} $context.path ${AWS::URLSuffix}"},
            "${Literal} $context.path amazonaws.com",
        ),
        ({"Fn::Join": [",", {"Ref": "Names"}]}, "a,b"),
        ({"Fn::Join": ["-", ["x", 1, True]]}, "x-1-true"),
        ({"Fn::If": ["Yes", 1, 2]}, 1),
        ({"Fn::If": ["No", 1, 2]}, 2),
        ({"Fn::Equals": [{"Ref": "Count"}, 0]}, True),
        ({"Fn::Not": [{"Condition": "Yes"}]}, False),
        ({"Fn::And": [{"Condition": "Yes"}, {"Condition": "No"}]}, False),
        ({"Fn::Or": [{"Condition": "Yes"}, {"Condition": "No"}]}, True),
        ({"Fn::ImportValue": {"Fn::Sub": "bucket"}}, "models"),
    ],
)
def test_functions(template: Any, expected: Any) -> None:
    assert scope().resolve(template) == expected


def test_no_value_takes_the_property_or_the_item_away() -> None:
    nothing = {"Fn::If": ["No", "x", {"Ref": "AWS::NoValue"}]}
    assert scope().resolve({"kept": [1, nothing], "gone": nothing}) == {"kept": [1]}


def test_the_branch_that_is_not_taken_may_mention_what_is_not_there() -> None:
    assert scope().resolve({"Fn::If": ["Yes", 1, {"Fn::ImportValue": "absent"}]}) == 1


def test_a_condition_of_an_iam_statement_is_no_function() -> None:
    statement = {"Condition": {"Bool": {"aws:SecureTransport": "false"}}}
    assert scope().resolve(statement) == statement


def test_a_value_that_is_not_known_yet_makes_everything_around_it_unknown() -> None:
    waiting = Scope({}, {}, {}, unknown, lambda name, attribute: unknown(f"{name}.{attribute}"))
    assert UNKNOWN in waiting.resolve({"Fn::Sub": "arn:${Api}/*"})
    assert UNKNOWN in waiting.resolve({"Fn::Join": ["-", ["a", {"Fn::GetAtt": "Api.Arn"}]]})


def test_what_is_imported_is_remembered() -> None:
    importing = scope()
    importing.resolve({"Fn::ImportValue": "bucket"})
    assert importing.imports == {"bucket"}
    with pytest.raises(InvalidTemplate, match="No export named absent"):
        importing.resolve({"Fn::ImportValue": "absent"})


@pytest.mark.parametrize("function", ["Fn::Transform", "Fn::ForEach", "Fn::Cidr", "Fn::Select"])
def test_functions_that_nothing_resolves_are_refused_by_name(function: str) -> None:
    with pytest.raises(NotSupported, match=function):
        scope().resolve({"Deep": [{function: "x"}]})


@pytest.mark.parametrize(
    ("template", "message"),
    [
        ({"Fn::If": ["Absent", 1, 2]}, "Unresolved condition Absent"),
        ({"Fn::If": ["Yes", 1]}, "Fn::If cannot work with"),
        ({"Fn::Join": ","}, "Fn::Join cannot work with"),
        ("{{resolve:ssm:x}}", "dynamic reference"),
    ],
)
def test_mistakes_are_named(template: Any, message: str) -> None:
    with pytest.raises((InvalidTemplate, NotSupported), match=message):
        scope().resolve(template)


plain = st.recursive(
    st.text(alphabet=st.characters(exclude_characters="{")) | st.integers() | st.booleans(),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.text(alphabet="abc", min_size=1), inner, max_size=3)
    ),
)


@given(plain)
def test_a_value_without_functions_is_left_as_it_is(value: Any) -> None:
    assert scope().resolve(value) == value
