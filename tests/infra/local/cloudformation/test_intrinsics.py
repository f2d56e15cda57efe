"""Intrinsic functions give what CloudFormation gives."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from infra.local.cloudformation.errors import InvalidTemplate, NotSupported
from infra.local.cloudformation.intrinsics import Pending, Scope
from infra.local.cloudformation.references import check_functions, references

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
        mappings={"Sizes": {"small": {"memory": 512}}},
        condition_definitions={"Yes": True, "No": False, **conditions},
        reference=lambda name: {"Table": "table-1"}[name],
        attribute=lambda name, attribute: ATTRIBUTES[name, attribute],
        imported={"bucket": "models"}.__getitem__,
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
        ({"Fn::Select": ["1", {"Ref": "Names"}]}, "b"),
        ({"Fn::Split": ["/", "a/b"]}, ["a", "b"]),
        ({"Fn::If": ["Yes", 1, 2]}, 1),
        ({"Fn::If": ["No", 1, 2]}, 2),
        ({"Fn::Equals": [{"Ref": "Count"}, 0]}, True),
        ({"Fn::Not": [{"Condition": "Yes"}]}, False),
        ({"Fn::And": [{"Condition": "Yes"}, {"Condition": "No"}]}, False),
        ({"Fn::Or": [{"Condition": "Yes"}, {"Condition": "No"}]}, True),
        ({"Fn::FindInMap": ["Sizes", "small", "memory"]}, 512),
        ({"Fn::ImportValue": {"Fn::Sub": "bucket"}}, "models"),
        ({"Fn::Base64": "model"}, "bW9kZWw="),
        ({"Fn::GetAZs": ""}, ["us-east-1a", "us-east-1b", "us-east-1c"]),
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
    waiting = Scope({}, {}, {}, Pending, lambda name, att: Pending(f"{name}.{att}"), str)
    assert waiting.resolve({"Fn::Sub": "arn:${Api}/*"}) == Pending("arn:Api/*")
    assert waiting.resolve({"Fn::Join": ["-", ["a", {"Ref": "Api"}]]}) == Pending("a-Api")
    assert waiting.resolve({"Fn::Select": [0, {"Fn::Split": ["-", {"Ref": "Api"}]}]}) == Pending(
        "Api[0]"
    )


@pytest.mark.parametrize("function", ["Fn::Transform", "Fn::ForEach", "Fn::Cidr"])
def test_functions_that_nothing_resolves_are_refused_by_name(function: str) -> None:
    with pytest.raises(NotSupported, match=function):
        check_functions({"Deep": [{function: "x"}]})


@pytest.mark.parametrize(
    ("template", "message"),
    [
        ({"Fn::Select": [2, ["a"]]}, "nonexistent index"),
        ({"Fn::FindInMap": ["Sizes", "huge", "memory"]}, "Unable to get mapping"),
        ({"Fn::If": ["Absent", 1, 2]}, "Unresolved condition Absent"),
        ({"Fn::If": ["Yes", 1]}, "Fn::If cannot work with"),
        ({"Fn::Join": ","}, "Fn::Join cannot work with"),
        ("{{resolve:ssm:x}}", "dynamic reference"),
    ],
)
def test_mistakes_are_named(template: Any, message: str) -> None:
    with pytest.raises((InvalidTemplate, NotSupported), match=message):
        scope().resolve(template)


def test_references_are_found_only_in_the_branch_that_is_taken() -> None:
    value = {
        "Fn::If": [
            "Yes",
            [{"Ref": "A"}, {"Fn::GetAtt": ["B", "Arn"]}, {"Fn::Sub": "${C}${D.Arn}${!E}"}],
            {"Ref": "F"},
        ]
    }
    assert references(value, {"Yes": True}.__getitem__) == {"A", "B", "C", "D"}
    assert references(value, {"Yes": False}.__getitem__) == {"F"}


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


@given(st.lists(st.text(alphabet="ab$!{}x", max_size=4), min_size=1, max_size=4))
def test_split_undoes_join(parts: list[str]) -> None:
    joined = {"Fn::Join": ["|", parts]}
    assert scope().resolve({"Fn::Split": ["|", joined]}) == parts
