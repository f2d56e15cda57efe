"""Template text is read as CloudFormation reads it."""

import pytest

from infra.local.cloudformation.errors import InvalidTemplate, NotSupported
from infra.local.cloudformation.template import check_resources, parse


def test_short_tags_and_unquoted_dates() -> None:
    found = parse(
        """
        AWSTemplateFormatVersion: 2010-09-09
        Resources:
          Policy:
            Type: X
            Properties:
              Version: 2012-10-17
              Arn: !GetAtt Table.Stream.Arn
              Name: !Sub ${A}-x
              Bucket: !If [Long, !Ref B, !Ref AWS::NoValue]
        """
    )
    assert found["AWSTemplateFormatVersion"] == "2010-09-09"
    assert found["Resources"]["Policy"]["Properties"] == {
        "Version": "2012-10-17",
        "Arn": {"Fn::GetAtt": ["Table", "Stream.Arn"]},
        "Name": {"Fn::Sub": "${A}-x"},
        "Bucket": {"Fn::If": ["Long", {"Ref": "B"}, {"Ref": "AWS::NoValue"}]},
    }


def test_json_is_read_too() -> None:
    assert parse('{"Resources": {"A":\t{"Type": "X"}}}')["Resources"] == {"A": {"Type": "X"}}


@pytest.mark.parametrize("text", ["a: [", "{", "[]", "Resources: {}", "Resorces: {A: {}}"])
def test_what_is_no_template_is_refused(text: str) -> None:
    with pytest.raises(InvalidTemplate):
        parse(text)


@pytest.mark.parametrize("attribute", ["UpdatePolicy", "CreationPolicy"])
def test_attributes_that_would_be_ignored_are_refused(attribute: str) -> None:
    with pytest.raises(NotSupported, match=attribute):
        check_resources({"Resources": {"A": {"Type": "X", attribute: {}}}})


@pytest.mark.parametrize("resource", [None, [], {}, {"Properties": {}}])
def test_a_resource_needs_a_type(resource: object) -> None:
    with pytest.raises(InvalidTemplate, match="Resources/A has no Type"):
        check_resources({"Resources": {"A": resource}})


def test_snapshots_are_not_taken_silently_as_deletion() -> None:
    with pytest.raises(NotSupported, match="Snapshot"):
        check_resources({"Resources": {"A": {"Type": "X", "DeletionPolicy": "Snapshot"}}})
