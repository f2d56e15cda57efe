"""Change sets and stacks behave as on AWS, seen through boto3."""

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.infra.local.cloudformation.deploying import (
    deploy,
    events,
    outputs,
    parameters,
    physical_ids,
    plan,
)
from tests.infra.local.support import Client

TEMPLATE = """
Parameters:
  Days: {Type: Number, Default: 7, AllowedValues: [7, 14]}
  Secret: {Type: String, NoEcho: true, Default: hidden}
Conditions:
  Long: !Equals [!Ref Days, 14]
Resources:
  Logs:
    Type: AWS::Logs::LogGroup
    Properties: {RetentionInDays: !Ref Days}
  Alarm:
    Type: AWS::CloudWatch::Alarm
    Properties:
      AlarmDescription: !Sub watches ${Logs}
      Namespace: N
      MetricName: M
      Statistic: Sum
      Period: 60
      EvaluationPeriods: 1
      Threshold: 1
      ComparisonOperator: GreaterThanThreshold
  Extra:
    Type: AWS::Logs::LogGroup
    Condition: Long
Outputs:
  Group: {Value: !Ref Logs, Description: where it logs}
  Arn: {Value: !GetAtt Logs.Arn}
  Extra: {Condition: Long, Value: !Ref Extra}
"""


# Passes every check of the template, and fails when it is made.
BAD = {
    "Type": "AWS::Lambda::Permission",
    "Properties": {
        "FunctionName": "absent",
        "Action": "lambda:InvokeFunction",
        "Principal": "apigateway.amazonaws.com",
    },
}


def group(**properties: Any) -> dict[str, Any]:
    return {"Type": "AWS::Logs::LogGroup", "Properties": properties}


def retention(client: Client, name: str) -> int | None:
    found = client("logs").describe_log_groups(logGroupNamePrefix=name)["logGroups"]
    return dict(found[0]).get("retentionInDays") if found else None


def test_a_stack_is_created_updated_and_deleted(
    cloudformation: Any, client: Client, stack_name: str
) -> None:
    created = deploy(cloudformation, stack_name, TEMPLATE)
    name = outputs(created)["Group"]
    assert created["StackStatus"] == "CREATE_COMPLETE"
    assert name.startswith(f"{stack_name}-Logs-")
    assert outputs(created).keys() == {"Group", "Arn"}
    assert retention(client, name) == 7
    alarms = client("cloudwatch").describe_alarms(
        AlarmNames=[physical_ids(cloudformation, stack_name)["Alarm"]]
    )["MetricAlarms"]
    assert alarms[0]["AlarmDescription"] == f"watches {name}"

    updated = deploy(
        cloudformation, stack_name, TEMPLATE, "UPDATE", Parameters=parameters(Days="14")
    )
    assert updated["StackStatus"] == "UPDATE_COMPLETE"
    assert retention(client, name) == 14
    assert outputs(updated)["Extra"].startswith(f"{stack_name}-Extra-")

    cloudformation.delete_stack(StackName=stack_name)
    gone = cloudformation.describe_stacks(StackName=created["StackId"])["Stacks"][0]
    assert gone["StackStatus"] == "DELETE_COMPLETE"
    assert retention(client, name) is None
    with pytest.raises(ClientError, match=f"Stack with id {stack_name} does not exist"):
        cloudformation.describe_stacks(StackName=stack_name)


def test_a_change_set_shows_what_would_change_and_changes_nothing(
    cloudformation: Any, client: Client, stack_name: str
) -> None:
    planned = plan(cloudformation, stack_name, TEMPLATE, "CREATE")
    changed = [line["ResourceChange"] for line in planned["Changes"]]
    assert {(item["Action"], item["LogicalResourceId"]) for item in changed} == {
        ("Add", "Logs"),
        ("Add", "Alarm"),
    }
    stack = cloudformation.describe_stacks(StackName=stack_name)["Stacks"][0]
    assert stack["StackStatus"] == "REVIEW_IN_PROGRESS"
    assert retention(client, stack_name) is None


def test_nothing_to_change_fails_the_change_set_in_the_words_sam_looks_for(
    cloudformation: Any, stack_name: str
) -> None:
    deploy(cloudformation, stack_name, TEMPLATE)
    planned = plan(
        cloudformation, stack_name, TEMPLATE, "UPDATE", Parameters=parameters(Secret="other")
    )
    assert planned["Status"] == "FAILED"
    assert planned["StatusReason"].startswith("The submitted information didn't contain changes.")
    with pytest.raises(ClientError, match="InvalidChangeSetStatus"):
        cloudformation.execute_change_set(ChangeSetName=planned["ChangeSetId"])


def test_a_changed_output_alone_is_a_change(cloudformation: Any, stack_name: str) -> None:
    deploy(cloudformation, stack_name, TEMPLATE)
    changed = TEMPLATE.replace("where it logs", "where it writes")
    updated = deploy(cloudformation, stack_name, changed, "UPDATE")
    assert updated["StackStatus"] == "UPDATE_COMPLETE"
    assert "where it writes" in json.dumps(updated["Outputs"])


def test_parameters_keep_their_values_and_their_secrets(
    cloudformation: Any, stack_name: str
) -> None:
    deploy(cloudformation, stack_name, TEMPLATE, Parameters=parameters(Days="14"))
    keep = [{"ParameterKey": "Days", "UsePreviousValue": True}]
    changed = TEMPLATE.replace("where it logs", "elsewhere")
    updated = deploy(cloudformation, stack_name, changed, "UPDATE", Parameters=keep)
    shown = {item["ParameterKey"]: item["ParameterValue"] for item in updated["Parameters"]}
    assert shown == {"Days": "14", "Secret": "****"}


def test_a_resource_that_fails_to_be_created_takes_the_others_with_it(
    cloudformation: Any, client: Client, stack_name: str
) -> None:
    template = {
        "Resources": {
            "Logs": group(LogGroupName=f"/{stack_name}"),
            "Bad": {**BAD, "DependsOn": "Logs"},
        }
    }
    stack = deploy(cloudformation, stack_name, template)
    assert stack["StackStatus"] == "ROLLBACK_COMPLETE"
    assert not client("logs").describe_log_groups(logGroupNamePrefix=f"/{stack_name}")["logGroups"]
    seen = events(cloudformation, stack_name)
    failed = next(reason for name, status, reason in seen if status == "CREATE_FAILED")
    assert "Function not found" in failed
    assert ("Logs", "DELETE_COMPLETE", "") in seen
    assert any("failed to create: [Bad]" in reason for _, _, reason in seen)
    with pytest.raises(ClientError, match="ROLLBACK_COMPLETE state and can not be updated"):
        plan(cloudformation, stack_name, template, "UPDATE")


def test_a_failed_update_puts_everything_back(
    cloudformation: Any, client: Client, stack_name: str
) -> None:
    before = {
        "Resources": {
            "Logs": group(LogGroupName=f"/{stack_name}", RetentionInDays=7),
            "Old": group(LogGroupName=f"/{stack_name}-old"),
        }
    }
    after = {
        "Resources": {
            "Logs": group(LogGroupName=f"/{stack_name}", RetentionInDays=14),
            "Old": group(LogGroupName=f"/{stack_name}-new"),
            "Fresh": group(LogGroupName=f"/{stack_name}-fresh"),
            "Bad": {**BAD, "DependsOn": ["Logs", "Old", "Fresh"]},
        }
    }
    deploy(cloudformation, stack_name, before)
    stack = deploy(cloudformation, stack_name, after, "UPDATE")
    assert stack["StackStatus"] == "UPDATE_ROLLBACK_COMPLETE"
    groups = client("logs").describe_log_groups(logGroupNamePrefix=f"/{stack_name}")["logGroups"]
    assert {item["logGroupName"]: item.get("retentionInDays") for item in groups} == {
        f"/{stack_name}": 7,
        f"/{stack_name}-old": None,
    }
    assert physical_ids(cloudformation, stack_name)["Old"] == f"/{stack_name}-old"
    seen = events(cloudformation, stack_name)
    assert any("failed to update: [Bad]" in reason for _, _, reason in seen)
    repaired = deploy(
        cloudformation,
        stack_name,
        {"Resources": {**before["Resources"], "More": group()}},
        "UPDATE",
    )
    assert repaired["StackStatus"] == "UPDATE_COMPLETE"


def test_what_is_to_be_retained_survives_its_stack(
    cloudformation: Any, client: Client, stack_name: str
) -> None:
    kept = {**group(LogGroupName=f"/{stack_name}"), "DeletionPolicy": "Retain"}
    deploy(cloudformation, stack_name, {"Resources": {"Kept": kept, "Other": group()}})
    stack_id = cloudformation.describe_stacks(StackName=stack_name)["Stacks"][0]["StackId"]
    cloudformation.delete_stack(StackName=stack_name)
    assert ("Kept", "DELETE_SKIPPED", "") in events(cloudformation, stack_id)
    assert client("logs").describe_log_groups(logGroupNamePrefix=f"/{stack_name}")["logGroups"]


def test_replacing_makes_the_new_one_before_the_old_one_goes(
    cloudformation: Any, client: Client, stack_name: str
) -> None:
    def named(name: str) -> dict[str, Any]:
        return {"Resources": {"Logs": group(LogGroupName=f"/{stack_name}/{name}")}}

    deploy(cloudformation, stack_name, named("a"))
    deploy(cloudformation, stack_name, named("b"), "UPDATE")
    found = client("logs").describe_log_groups(logGroupNamePrefix=f"/{stack_name}/")["logGroups"]
    assert [item["logGroupName"] for item in found] == [f"/{stack_name}/b"]
    statuses = [(name, status) for name, status, _ in events(cloudformation, stack_name)]
    assert statuses.index(("Logs", "DELETE_IN_PROGRESS")) > statuses.index(
        (stack_name, "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS")
    )


def test_a_named_resource_cannot_be_replaced_under_its_name(
    cloudformation: Any, stack_name: str
) -> None:
    def table(key: str) -> dict[str, Any]:
        properties = {
            "TableName": stack_name,
            "BillingMode": "PAY_PER_REQUEST",
            "AttributeDefinitions": [{"AttributeName": key, "AttributeType": "S"}],
            "KeySchema": [{"AttributeName": key, "KeyType": "HASH"}],
        }
        return {"Resources": {"Table": {"Type": "AWS::DynamoDB::Table", "Properties": properties}}}

    deploy(cloudformation, stack_name, table("a"))
    stack = deploy(cloudformation, stack_name, table("b"), "UPDATE")
    assert stack["StackStatus"] == "UPDATE_ROLLBACK_COMPLETE"
    assert any("custom-named" in reason for _, _, reason in events(cloudformation, stack_name))


def test_exports_bind_stacks_to_each_other(
    cloudformation: Any, client: Client, stack_name: str
) -> None:
    def exporting(value: str) -> dict[str, Any]:
        output = {"Value": value, "Export": {"Name": {"Fn::Sub": "${AWS::StackName}-Group"}}}
        return {"Resources": {"Logs": group()}, "Outputs": {"Group": output}}

    user = {
        "Resources": {
            "Logs": group(LogGroupName={"Fn::ImportValue": f"{stack_name}-Group"}),
        }
    }
    deploy(cloudformation, stack_name, exporting(f"/{stack_name}/x"))
    deploy(cloudformation, f"{stack_name}-user", user)
    assert physical_ids(cloudformation, f"{stack_name}-user")["Logs"] == f"/{stack_name}/x"
    with pytest.raises(ClientError, match="in use by"):
        cloudformation.delete_stack(StackName=stack_name)
    changed = deploy(cloudformation, stack_name, exporting("other"), "UPDATE")
    assert changed["StackStatus"] == "UPDATE_ROLLBACK_COMPLETE"

    cloudformation.delete_stack(StackName=f"{stack_name}-user")
    cloudformation.delete_stack(StackName=stack_name)
    with pytest.raises(ClientError, match="No export named"):
        plan(cloudformation, f"{stack_name}-late", user, "CREATE")


def test_create_stack_and_update_stack_need_no_change_set(
    cloudformation: Any, client: Client, stack_name: str
) -> None:
    body = json.dumps({"Resources": {"Logs": group(RetentionInDays=7)}})
    cloudformation.create_stack(StackName=stack_name, TemplateBody=body)
    name = physical_ids(cloudformation, stack_name)["Logs"]
    with pytest.raises(ClientError, match="No updates are to be performed"):
        cloudformation.update_stack(StackName=stack_name, TemplateBody=body)
    cloudformation.update_stack(StackName=stack_name, TemplateBody=body.replace("7", "14"))
    assert retention(client, name) == 14


@pytest.mark.parametrize(
    ("resource", "named"),
    [
        ({"Type": "AWS::Neptune::DBCluster"}, "AWS::Neptune::DBCluster"),
        (group(DataProtectionPolicy={}), "DataProtectionPolicy"),
        ({**group(), "UpdatePolicy": {}}, "UpdatePolicy"),
        (group(LogGroupName={"Fn::Cidr": []}), "Fn::Cidr"),
    ],
)
def test_what_is_not_supported_fails_before_anything_is_made(
    cloudformation: Any, stack_name: str, resource: dict[str, Any], named: str
) -> None:
    with pytest.raises(ClientError, match=f"does not support.*{named}"):
        plan(
            cloudformation, stack_name, {"Resources": {"Logs": group(), "New": resource}}, "CREATE"
        )
    with pytest.raises(ClientError, match="does not exist"):
        cloudformation.describe_stacks(StackName=stack_name)


def test_members_that_nothing_reads_are_refused_by_name(
    cloudformation: Any, stack_name: str
) -> None:
    planned = plan(cloudformation, stack_name, {"Resources": {"Logs": group()}}, "CREATE")
    with pytest.raises(ClientError, match="does not support the member DisableRollback"):
        cloudformation.execute_change_set(
            ChangeSetName=planned["ChangeSetId"], DisableRollback=True
        )


def test_actions_that_nothing_answers_are_refused_by_name(cloudformation: Any) -> None:
    with pytest.raises(ClientError, match="does not support the action DetectStackDrift"):
        cloudformation.detect_stack_drift(StackName="any")


def test_templates_and_resources_can_be_read_back(cloudformation: Any, stack_name: str) -> None:
    deploy(cloudformation, stack_name, TEMPLATE)
    assert cloudformation.get_template(StackName=stack_name)["TemplateBody"] == TEMPLATE
    summary = cloudformation.get_template_summary(StackName=stack_name)
    assert [item["ParameterKey"] for item in summary["Parameters"]] == ["Days", "Secret"]
    listed = cloudformation.list_stack_resources(StackName=stack_name)["StackResourceSummaries"]
    assert {item["LogicalResourceId"]: item["ResourceStatus"] for item in listed} == {
        "Logs": "CREATE_COMPLETE",
        "Alarm": "CREATE_COMPLETE",
    }
