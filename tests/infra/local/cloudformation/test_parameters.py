"""Parameter values are checked as CloudFormation checks them."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from infra.local.cloudformation.errors import CloudFormationError, NotSupported
from infra.local.cloudformation.parameters import for_reference, resolve, shown


def definitions(**definition: Any) -> dict[str, Any]:
    return {"P": {"Type": "String", **definition}}


@pytest.mark.parametrize(
    ("definition", "value"),
    [
        ({"AllowedValues": ["on", "off"]}, "On"),
        ({"AllowedPattern": "[a-z]+"}, "a1"),
        ({"MinLength": 2}, "a"),
        ({"MaxLength": 2}, "abc"),
        ({"Type": "Number", "MinValue": 5}, "4.9"),
        ({"Type": "Number", "MaxValue": 5}, "5.1"),
        ({"Type": "Number"}, "five"),
        ({"Type": "Number"}, "1_000"),
        ({"Type": "CommaDelimitedList", "AllowedValues": ["a", "b"]}, "a, c"),
        ({}, "é" * 2049),  # 4,098 bytes
    ],
)
def test_values_that_break_a_constraint_are_refused_with_its_name(
    definition: dict[str, Any], value: str
) -> None:
    with pytest.raises(CloudFormationError, match="P"):
        resolve(definitions(**definition), {"P": value})


@pytest.mark.parametrize(
    ("definition", "value"),
    [
        ({"AllowedValues": [1, 3, 5]}, "3"),
        ({"AllowedPattern": "^[a-z]+$"}, "abc"),
        ({"Type": "Number", "MinValue": -1}, "-1"),
        ({"Type": "Number", "MaxValue": "2.5"}, "2.5"),
        ({"Type": "CommaDelimitedList", "AllowedValues": ["a", "b"]}, "a, b"),
        ({}, "é" * 2048),  # 4,096 bytes
    ],
)
def test_values_at_the_limit_are_taken(definition: dict[str, Any], value: str) -> None:
    assert resolve(definitions(**definition), {"P": value}) == {"P": value}


def test_the_constraint_description_is_what_the_caller_reads() -> None:
    strict = definitions(AllowedPattern="a+", ConstraintDescription="only the letter a")
    with pytest.raises(CloudFormationError, match="only the letter a"):
        resolve(strict, {"P": "b"})


def test_a_pattern_covers_the_whole_value() -> None:
    with pytest.raises(CloudFormationError):
        resolve(definitions(AllowedPattern="[a-z]"), {"P": "ab"})


def test_defaults_are_checked_too_and_read_as_text() -> None:
    assert resolve(definitions(Default=True), {}) == {"P": "true"}
    with pytest.raises(CloudFormationError):
        resolve(definitions(Default="z", AllowedValues=["a"]), {})


def test_a_value_is_needed_and_only_for_known_names() -> None:
    with pytest.raises(CloudFormationError, match=r"\[P\] must have values"):
        resolve(definitions(), {})
    with pytest.raises(CloudFormationError, match=r"\[Q\] do not exist"):
        resolve(definitions(Default=""), {"Q": "x"})


def test_types_that_would_look_something_up_are_refused() -> None:
    with pytest.raises(NotSupported, match="AWS::SSM::Parameter::Value"):
        resolve(definitions(Type="AWS::SSM::Parameter::Value<String>"), {"P": "x"})


def test_secrets_are_never_shown() -> None:
    assert shown(definitions(NoEcho="true"), {"P": "x"})[0]["ParameterValue"] == "****"
    assert shown(definitions(), {"P": "x"})[0]["ParameterValue"] == "x"


@given(st.lists(st.text(alphabet="abc xyz", min_size=1), min_size=1))
def test_lists_are_split_and_trimmed(items: list[str]) -> None:
    listed = definitions(Type="CommaDelimitedList")
    values = resolve(listed, {"P": ",".join(items)})
    assert for_reference(listed, values) == {"P": [item.strip() for item in items]}
