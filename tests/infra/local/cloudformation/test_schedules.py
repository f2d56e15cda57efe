"""A function on a schedule, as the SAM transform makes it of `Events: Schedule`."""

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from infra.local.lambda_service.functions import Reference
from infra.local.lambda_service.triggers import may_invoke
from tests.infra.local.cloudformation.deploying import deploy, events, physical_ids, plan
from tests.infra.local.support import Client

ACCOUNT = "123456789012"


def template(schedule: str = "rate(1 minute)", **properties: Any) -> dict[str, Any]:
    trust = {
        "Effect": "Allow",
        "Principal": {"Service": "lambda.amazonaws.com"},
        "Action": "sts:AssumeRole",
    }
    judge = {
        "Type": "AWS::Serverless::Function",
        "Properties": {
            "Role": {"Fn::GetAtt": ["Role", "Arn"]},
            "Handler": "index.handler",
            "Runtime": "python3.13",
            "InlineCode": "def handler(event, context):\n    return 1\n",
            "Events": {
                "Often": {"Type": "Schedule", "Properties": {"Schedule": schedule, **properties}}
            },
        },
    }
    role = {
        "Type": "AWS::IAM::Role",
        "Properties": {"AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": [trust]}},
    }
    return {
        "Transform": "AWS::Serverless-2016-10-31",
        "Resources": {"Role": role, "Judge": judge},
    }


def rule_of(client: Client, stack: str) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    name = physical_ids(client("cloudformation"), stack)["JudgeOften"]
    rules = client("events")
    targets: list[dict[str, Any]] = rules.list_targets_by_rule(Rule=name)["Targets"]
    return rules.describe_rule(Name=name), targets


CAPABILITIES = ["CAPABILITY_IAM", "CAPABILITY_AUTO_EXPAND"]


def test_a_schedule_is_a_rule_whose_target_lets_it_in(
    cloudformation: Any, client: Client, stack_name: str
) -> None:
    deploy(cloudformation, stack_name, template(Input='{"a": 1}'), Capabilities=CAPABILITIES)
    rule, (target,) = rule_of(client, stack_name)
    assert (rule["ScheduleExpression"], rule["State"]) == ("rate(1 minute)", "ENABLED")
    assert json.loads(target["Input"]) == {"a": 1}
    function = Reference.parse(target["Arn"], "")
    assert function.name == physical_ids(cloudformation, stack_name)["Judge"]
    assert may_invoke(function, ACCOUNT, "events.amazonaws.com", rule["Arn"])
    assert not may_invoke(function, ACCOUNT, "events.amazonaws.com", rule["Arn"] + "x")


def test_another_schedule_changes_the_rule_in_place(
    cloudformation: Any, client: Client, stack_name: str
) -> None:
    for kind, text in (("CREATE", "rate(1 minute)"), ("UPDATE", "rate(5 minutes)")):
        changed = template(text, Enabled=kind == "CREATE")
        deploy(cloudformation, stack_name, changed, kind, Capabilities=CAPABILITIES)
    rule, targets = rule_of(client, stack_name)
    assert (rule["ScheduleExpression"], rule["State"]) == ("rate(5 minutes)", "DISABLED")
    assert len(targets) == 1


def test_a_deleted_stack_leaves_no_rule(
    cloudformation: Any, client: Client, stack_name: str
) -> None:
    deploy(cloudformation, stack_name, template(), Capabilities=CAPABILITIES)
    name = physical_ids(cloudformation, stack_name)["JudgeOften"]
    cloudformation.delete_stack(StackName=stack_name)
    with pytest.raises(ClientError, match="does not exist"):
        client("events").describe_rule(Name=name)


def test_a_cron_schedule_fails_the_stack_by_name(cloudformation: Any, stack_name: str) -> None:
    failed = deploy(
        cloudformation, stack_name, template("cron(0 10 * * ? *)"), Capabilities=CAPABILITIES
    )
    assert failed["StackStatus"] == "ROLLBACK_COMPLETE"
    told = [reason for _, _, reason in events(cloudformation, stack_name)]
    assert any("cron(0 10 * * ? *), which is not supported" in reason for reason in told)


def test_an_event_pattern_is_refused_before_anything_is_made(
    cloudformation: Any, stack_name: str
) -> None:
    rule = {"Type": "AWS::Events::Rule", "Properties": {"EventPattern": {"source": ["aws.s3"]}}}
    with pytest.raises(ClientError, match="the property EventPattern of AWS::Events::Rule"):
        plan(cloudformation, stack_name, {"Resources": {"Rule": rule}}, "CREATE")
