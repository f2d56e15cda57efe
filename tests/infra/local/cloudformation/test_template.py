"""Template text is read as CloudFormation reads it."""

import pytest

from infra.local.cloudformation.errors import InvalidTemplate, NotSupported
from infra.local.cloudformation.template import check_resources, expand, parse


def test_short_tags() -> None:
    found = parse(
        """
        Resources:
          Policy:
            Type: X
            Properties:
              Arn: !GetAtt Table.Stream.Arn
              Name: !Sub ${A}-x
              Bucket: !If [Long, !Ref B, !Ref AWS::NoValue]
        """
    )
    assert found["Resources"]["Policy"]["Properties"] == {
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


@pytest.mark.parametrize(
    ("policy", "named"),
    [
        ({"AutoScalingRollingUpdate": {}}, "AutoScalingRollingUpdate"),
        ({"CodeDeployLambdaAliasUpdate": {"Sometimes": "a"}}, "Sometimes"),
    ],
)
def test_update_policies_that_would_be_ignored_are_refused(
    policy: dict[str, object], named: str
) -> None:
    with pytest.raises(NotSupported, match=named):
        check_resources(
            {"Resources": {"A": {"Type": "AWS::Lambda::Alias", "UpdatePolicy": policy}}}
        )


@pytest.mark.parametrize("resource", [None, [], {}, {"Properties": {}}])
def test_a_resource_needs_a_type(resource: object) -> None:
    with pytest.raises(InvalidTemplate, match="Resources/A has no Type"):
        check_resources({"Resources": {"A": resource}})


@pytest.mark.parametrize("policy", ["Snapshot", "RetainExceptOnCreate"])
def test_policies_that_would_not_be_kept_are_refused(policy: str) -> None:
    with pytest.raises(NotSupported, match=policy):
        check_resources({"Resources": {"A": {"Type": "X", "UpdateReplacePolicy": policy}}})


@pytest.mark.parametrize("section", ["Rules", "Mappings", "Hooks"])
def test_sections_that_would_be_ignored_are_refused(section: str) -> None:
    with pytest.raises(NotSupported, match=section):
        parse(f"Resources: {{A: {{Type: X}}}}\n{section}: {{}}")


def test_other_transforms_are_refused() -> None:
    with pytest.raises(NotSupported, match="AWS::LanguageExtensions"):
        expand({"Transform": "AWS::LanguageExtensions"}, {}, "us-east-1", dict)
