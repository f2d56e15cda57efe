"""Plans: what changes, how, and in which order."""

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from infra.local.cloudformation.errors import InvalidTemplate, NotSupported
from infra.local.cloudformation.intrinsics import Scope
from infra.local.cloudformation.plan import Plan
from infra.local.cloudformation.stacks import Deployed, Policies, Release

GROUP = "AWS::Logs::LogGroup"
ALARM = "AWS::CloudWatch::Alarm"


def scope_of(reference: Any, attribute: Any) -> Scope:
    return Scope({"AWS::Region": "us-east-1"}, {"No": False}, {}, reference, attribute)


def release(resources: dict[str, Any], **tags: str) -> Release:
    return Release("", {"Resources": resources}, {}, tags, [])


def group(**properties: Any) -> dict[str, Any]:
    return {"Type": GROUP, "Properties": properties}


def deployed(**properties: Any) -> Deployed:
    return Deployed(
        logical_resource_id="Logs",
        physical_resource_id="group-1",
        resource_type=GROUP,
        resource_status="CREATE_COMPLETE",
        timestamp=datetime(2026, 1, 1, tzinfo=UTC),
        properties=properties,
        attributes={"Arn": "arn:group-1:*"},
        policies=Policies("Delete", "Delete"),
    )


def plan(resources: dict[str, Any], existing: dict[str, Deployed], **tags: str) -> Plan:
    return Plan(release(resources, **tags), existing, scope_of)


def lines(resources: dict[str, Any], existing: dict[str, Deployed]) -> list[tuple[str, str, Any]]:
    found = [line["ResourceChange"] for line in plan(resources, existing).changes]
    return [(line["Action"], line["LogicalResourceId"], line["Replacement"]) for line in found]


def test_what_is_new_changed_and_gone() -> None:
    existing = {"Logs": deployed(RetentionInDays=1)}
    assert lines({"Logs": group(RetentionInDays=1)}, existing) == []
    assert lines({"Logs": group(RetentionInDays=7)}, existing) == [("Modify", "Logs", "False")]
    assert lines({"Logs": group(LogGroupName="x", RetentionInDays=1)}, existing) == [
        ("Modify", "Logs", "True")
    ]
    assert lines({"Other": group()}, existing) == [
        ("Add", "Other", None),
        ("Remove", "Logs", None),
    ]


def test_what_refers_to_a_replaced_resource_changes_with_it() -> None:
    alarm: dict[str, Any] = {
        "Type": ALARM,
        "Properties": {
            "AlarmName": "a",
            "AlarmDescription": {"Ref": "Logs"},
            "ComparisonOperator": "GreaterThanThreshold",
            "EvaluationPeriods": 1,
        },
    }
    before = {"Logs": deployed()}
    watching = {
        **alarm["Properties"],
        "AlarmDescription": "group-1",
    }
    before["Alarm"] = Deployed(
        **{
            **vars(deployed()),
            "logical_resource_id": "Alarm",
            "resource_type": ALARM,
            "properties": watching,
        }
    )
    assert lines({"Logs": group(), "Alarm": alarm}, before) == []
    assert lines({"Logs": group(LogGroupName="new"), "Alarm": alarm}, before) == [
        ("Modify", "Logs", "True"),
        ("Modify", "Alarm", "False"),
    ]


def test_a_stacks_tags_reach_the_resources_that_take_tags() -> None:
    tagged = plan({"Logs": group()}, {"Logs": deployed()}, team="risk").changes
    assert [line["ResourceChange"]["LogicalResourceId"] for line in tagged] == ["Logs"]


def test_a_resource_whose_condition_is_false_is_not_there() -> None:
    assert lines({"Logs": {**group(), "Condition": "No"}, "Kept": group()}, {}) == [
        ("Add", "Kept", None)
    ]


def test_unknown_types_and_properties_are_refused_with_their_place() -> None:
    with pytest.raises(NotSupported, match=r"Resources/Q: .* AWS::Neptune::DBCluster"):
        lines({"Q": {"Type": "AWS::Neptune::DBCluster"}}, {})
    with pytest.raises(
        NotSupported, match=r"Resources/Logs: .* LogGroupClass .*local/cloudformation/types_"
    ):
        lines({"Logs": group(LogGroupClass="STANDARD")}, {})


@pytest.mark.parametrize(
    ("kind", "properties", "told"),
    [
        ("Logs::LogGroup", {"Tags": [{"Key": "a", "Value": "b", "Foo": 1}]}, r"Tags\.Foo"),
        ("Lambda::Permission", {"EventSourceToken": "x"}, "EventSourceToken"),
        ("CloudWatch::Alarm", {"ThresholdMetricId": "band"}, "ThresholdMetricId"),
        ("CloudWatch::Alarm", {"Metrics": [{"Id": "a", "AccountId": "1"}]}, r"Metrics\.AccountId"),
        (
            "DynamoDB::Table",
            {"PointInTimeRecoverySpecification": {"RecoveryPeriodInDays": 7}},
            r"PointInTimeRecoverySpecification\.RecoveryPeriodInDays",
        ),
    ],
)
def test_what_would_have_no_effect_is_refused_by_name(
    kind: str, properties: dict[str, Any], told: str
) -> None:
    with pytest.raises(NotSupported, match=f"Resources/It: .* the property {told} of AWS::{kind}"):
        lines({"It": {"Type": f"AWS::{kind}", "Properties": properties}}, {})


def test_references_to_nothing_are_refused() -> None:
    with pytest.raises(InvalidTemplate, match="Absent"):
        lines({"Logs": group(LogGroupName={"Ref": "Absent"})}, {})
    with pytest.raises(InvalidTemplate, match="does not support attribute type Nope"):
        lines({"A": group(), "B": group(LogGroupName={"Fn::GetAtt": ["A", "Nope"]})}, {})


def test_outputs_and_dependencies_may_not_mention_what_is_not_there() -> None:
    absent = {"Logs": {**group(), "Condition": "No"}, "Kept": group()}
    outputs = {"Outputs": {"Group": {"Value": {"Ref": "Logs"}}}}
    broken = Release("", {"Resources": absent, **outputs}, {}, {}, [])
    with pytest.raises(InvalidTemplate, match="Logs"):
        Plan(broken, {}, scope_of)
    with pytest.raises(InvalidTemplate, match="Nowhere"):
        lines({"Logs": {**group(), "DependsOn": "Nowhere"}}, {})
    conditional = {**absent, "Kept": {**group(), "DependsOn": "Logs"}}
    assert lines(conditional, {}) == [("Add", "Kept", None)]


def test_circles_are_refused() -> None:
    circle = {"A": {**group(), "DependsOn": "B"}, "B": group(LogGroupName={"Ref": "A"})}
    with pytest.raises(InvalidTemplate, match="Circular dependency"):
        lines(circle, {})


@given(st.data())
def test_everything_comes_after_what_it_depends_on(data: st.DataObject) -> None:
    names = [f"R{index}" for index in range(data.draw(st.integers(1, 12)))]
    graph = {
        name: data.draw(st.sets(st.sampled_from(names[:index]))) if index else set()
        for index, name in enumerate(names)
    }
    shuffled = data.draw(st.permutations(list(graph.items())))
    resources = {
        name: {**group(LogGroupName={"Fn::Join": ["", [{"Ref": other} for other in before]]})}
        if index % 2
        else {**group(), "DependsOn": sorted(before)}
        for index, (name, before) in enumerate(shuffled)
    }
    found = plan(resources, {}).order
    assert sorted(found) == sorted(names)
    for name, before in graph.items():
        assert all(found.index(other) < found.index(name) for other in before)
