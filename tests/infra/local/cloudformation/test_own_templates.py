"""The project's own templates deploy whole, and the services then say what they say."""

import json
import re
from typing import Any

import pytest

from infra.local.api_gateway.stages import BODIES
from tests.infra.local.cloudformation.deploying import deploy, outputs, parameters, physical_ids
from tests.infra.local.support import ROOT, Client, zipped

PLATFORM = (ROOT / "infra" / "platform.yaml").read_text()


@pytest.fixture
def platform(cloudformation: Any, stack_name: str) -> dict[str, str]:
    stack = deploy(cloudformation, stack_name, PLATFORM)
    assert stack["StackStatus"] == "CREATE_COMPLETE"
    return outputs(stack)


@pytest.fixture
def template(client: Client, platform: dict[str, str]) -> str:
    """template.yaml as `sam package` leaves it: its code in S3."""
    code = zipped("def handler(event, context): ...", "functions/inference/handler.py")
    bucket = platform["ArtifactBucket"]
    client("s3").put_object(Bucket=bucket, Key="code.zip", Body=code)
    source = (ROOT / "template.yaml").read_text()
    packaged, found = re.subn(r"CodeUri: functions/\w+", f"CodeUri: s3://{bucket}/code.zip", source)
    assert found == 4
    return packaged


def release(platform_stack: str, version: str, digest: str, **more: str) -> list[dict[str, str]]:
    """Moved by CloudFormation itself: what CodeDeploy does is in test_shifts and in tests/flow."""
    more.setdefault("Gate", "false")
    return parameters(
        PlatformStackName=platform_stack,
        ModelName=platform_stack,
        ModelVersion=version,
        ModelDigest=digest * 64,
        ReleaseDigest=digest * 64,
        **more,
    )


def test_the_platform_is_what_its_template_says(
    client: Client, platform: dict[str, str], stack_name: str
) -> None:
    bucket = platform["ArtifactBucket"]
    rules = client("s3").get_bucket_encryption(Bucket=bucket)["ServerSideEncryptionConfiguration"]
    default = rules["Rules"][0]["ApplyServerSideEncryptionByDefault"]
    assert default["KMSMasterKeyID"] == platform["ArtifactKeyArn"]
    statements = json.loads(client("s3").get_bucket_policy(Bucket=bucket)["Policy"])["Statement"]
    assert {item["Sid"] for item in statements} >= {"DenyWithoutTls"}
    table = client("dynamodb").describe_table(TableName=platform["HistoryTable"])["Table"]
    assert table["KeySchema"][0]["AttributeName"] == "model"


def test_a_model_goes_live_is_released_again_and_leaves(
    cloudformation: Any, client: Client, template: str, stack_name: str
) -> None:
    stack = f"{stack_name}-model"
    created = deploy(cloudformation, stack, template, Parameters=release(stack_name, "1", "a"))
    assert created["StackStatus"] == "CREATE_COMPLETE"
    ids, lambdas, gateway = (
        physical_ids(cloudformation, stack),
        client("lambda"),
        client("apigateway"),
    )
    name = outputs(created)["FunctionName"]
    live = lambdas.get_function(FunctionName=name, Qualifier="live")
    assert live["Configuration"]["Version"] == "1"
    assert live["Configuration"]["Environment"]["Variables"]["LAMBENT_DIGEST"] == "a" * 64
    assert live["Concurrency"]["ReservedConcurrentExecutions"] == 20
    stage = gateway.get_stage(restApiId=ids["Api"], stageName="live")
    assert stage["methodSettings"]["*/*"]["throttlingRateLimit"] == 50
    assert stage["accessLogSettings"]["destinationArn"].startswith("arn:aws:logs:")
    body = BODIES.deployed_body["us-east-1", ids["Api"], stage["deploymentId"]]
    assert "/{proxy+}" in body["paths"]
    assert gateway.get_usage_plan(usagePlanId=ids["UsagePlan"])["throttle"]["burstLimit"] == 100
    assert client("events").list_rule_names_by_target(
        TargetArn=lambdas.get_function(FunctionName=f"{name}_canary")["Configuration"][
            "FunctionArn"
        ]
    )["RuleNames"]
    alarms = client("cloudwatch").describe_alarms(AlarmNamePrefix=name)["MetricAlarms"]
    assert {alarm["AlarmName"].removeprefix(f"{name}-") for alarm in alarms} == {
        "errors",
        "latency",
        "throttles",
        "fallbacks",
        "canary-errors-1",
        "canary-fallbacks-1",
        "canary-latency-1",
        "judge",
    }

    second = deploy(
        cloudformation,
        stack,
        template,
        "UPDATE",
        Parameters=release(stack_name, "2", "b", ApiKeyRequired="false", Tracing="on"),
    )
    assert second["StackStatus"] == "UPDATE_COMPLETE"
    assert lambdas.get_alias(FunctionName=name, Name="live")["FunctionVersion"] == "2"
    pinned = lambdas.get_function_configuration(FunctionName=name, Qualifier="1")
    assert pinned["Environment"]["Variables"]["LAMBENT_DIGEST"] == "a" * 64
    now = lambdas.get_function_configuration(FunctionName=name, Qualifier="live")
    assert now["TracingConfig"] == {"Mode": "Active"}
    assert "UsagePlan" not in physical_ids(cloudformation, stack)
    assert outputs(second)["LambdaVersion"] == "2"
    watched = client("cloudwatch").describe_alarms(AlarmNamePrefix=f"{name}-canary")["MetricAlarms"]
    assert {alarm["AlarmName"].rsplit("-", 1)[1] for alarm in watched} == {"2"}
    hook = lambdas.get_function_configuration(FunctionName=f"CodeDeployHook_{name}")
    assert hook["Environment"]["Variables"]["LAMBENT_CANDIDATE"] == "2"

    cloudformation.delete_stack(StackName=stack)
    status = cloudformation.describe_stacks(StackName=created["StackId"])["Stacks"][0]
    assert status["StackStatus"] == "DELETE_COMPLETE"


def test_a_bad_release_leaves_the_good_one_serving(
    cloudformation: Any, client: Client, template: str, stack_name: str
) -> None:
    stack = f"{stack_name}-model"
    created = deploy(cloudformation, stack, template, Parameters=release(stack_name, "1", "a"))
    name = outputs(created)["FunctionName"]
    broken = template.replace("/code.zip", "/absent.zip")
    failed = deploy(
        cloudformation, stack, broken, "UPDATE", Parameters=release(stack_name, "2", "b")
    )
    assert failed["StackStatus"] == "UPDATE_ROLLBACK_COMPLETE"
    live = client("lambda").get_function_configuration(FunctionName=name, Qualifier="live")
    assert live["Environment"]["Variables"]["LAMBENT_DIGEST"] == "a" * 64
    assert outputs(failed)["DeployedDigest"] == "a" * 64
    repaired = deploy(
        cloudformation, stack, template, "UPDATE", Parameters=release(stack_name, "2", "b")
    )
    assert repaired["StackStatus"] == "UPDATE_COMPLETE"


def test_changed_stack_tags_reach_what_exists(
    cloudformation: Any, client: Client, template: str, platform: dict[str, str], stack_name: str
) -> None:
    stack, release_1 = f"{stack_name}-model", release(stack_name, "1", "a")
    created = deploy(cloudformation, stack, template, Parameters=release_1)
    tags = [{"Key": "team", "Value": "risk"}]
    for name, body, given in ((stack_name, PLATFORM, []), (stack, template, release_1)):
        tagged = deploy(cloudformation, name, body, "UPDATE", Parameters=given, Tags=tags)
        assert tagged["StackStatus"] == "UPDATE_COMPLETE"
    key = client("kms").list_resource_tags(KeyId=platform["ArtifactKeyArn"])["Tags"]
    assert key == [{"TagKey": "team", "TagValue": "risk"}]
    bucket = client("s3").get_bucket_tagging(Bucket=platform["ArtifactBucket"])["TagSet"]
    assert bucket == tags
    function = outputs(created)["FunctionName"]
    assert client("lambda").get_function(FunctionName=function)["Tags"]["team"] == "risk"
