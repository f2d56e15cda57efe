"""An alias with an UpdatePolicy: CloudFormation lets CodeDeploy move it, and waits.

Time is stepped.
"""

import pytest
from botocore.exceptions import ClientError

from infra.local.server import EmbeddedAws
from tests.infra.local.cloudformation.deploying import deploy, events, outputs, plan

CANARY_MIN = 5
HOOK = "def handler(event, context):\n    return None\n"
CODE = "def handler(event, context):\n    return context.function_version\n"


def stack(release, **changed):
    """As the SAM transform writes it. `changed`: properties of the deployment group."""
    trust = {"Version": "2012-10-17", "Statement": []}
    function = {
        "Role": {"Fn::GetAtt": ["Role", "Arn"]},
        "Runtime": "python3.11",
        "Handler": "index.handler",
        "Code": {"ZipFile": CODE},
        "Description": release,
        "Timeout": 30,
    }
    group = {
        "ApplicationName": {"Ref": "Application"},
        "ServiceRoleArn": {"Fn::GetAtt": ["Role", "Arn"]},
        "DeploymentConfigName": "CodeDeployDefault.LambdaCanary10Percent5Minutes",
        "DeploymentStyle": {
            "DeploymentType": "BLUE_GREEN",
            "DeploymentOption": "WITH_TRAFFIC_CONTROL",
        },
        "AutoRollbackConfiguration": {
            "Enabled": True,
            "Events": [
                "DEPLOYMENT_FAILURE",
                "DEPLOYMENT_STOP_ON_ALARM",
                "DEPLOYMENT_STOP_ON_REQUEST",
            ],
        },
        **changed,
    }
    policy = {
        "ApplicationName": {"Ref": "Application"},
        "DeploymentGroupName": {"Ref": "Group"},
    }
    version = f"Version{release}"
    return {
        "Resources": {
            "Alias": {
                "Type": "AWS::Lambda::Alias",
                "UpdatePolicy": {"CodeDeployLambdaAliasUpdate": policy},
                "Properties": {
                    "Name": "live",
                    "FunctionName": {"Ref": "Function"},
                    "FunctionVersion": {"Fn::GetAtt": [version, "Version"]},
                },
            },
            "Role": {
                "Type": "AWS::IAM::Role",
                "Properties": {"AssumeRolePolicyDocument": trust},
            },
            "Function": {"Type": "AWS::Lambda::Function", "Properties": function},
            version: {
                "Type": "AWS::Lambda::Version",
                "DeletionPolicy": "Retain",
                "Properties": {"FunctionName": {"Ref": "Function"}},
            },
            "Application": {
                "Type": "AWS::CodeDeploy::Application",
                "Properties": {"ComputePlatform": "Lambda"},
            },
            "Group": {"Type": "AWS::CodeDeploy::DeploymentGroup", "Properties": group},
        },
        "Outputs": {"Function": {"Value": {"Ref": "Function"}}},
    }


@pytest.fixture(scope="module")
def embedded_aws(clock):
    with EmbeddedAws(clock=clock, background=False) as running:
        yield running


@pytest.fixture
def after(embedded_aws, clock):
    """Let so many minutes pass."""

    def step(minutes=0):
        clock.ahead_s += 60 * minutes
        embedded_aws.tick()

    return step


@pytest.fixture
def status(cloudformation, stack_name):
    return lambda: cloudformation.describe_stacks(StackName=stack_name)["Stacks"][0]["StackStatus"]


@pytest.fixture
def released(cloudformation, stack_name):
    """The stack with its first release; gives the function's name."""
    return outputs(deploy(cloudformation, stack_name, stack("A")))["Function"]


@pytest.fixture
def live(client, released):
    """(version, weights of others)"""

    def read():
        found = client("lambda").get_alias(FunctionName=released, Name="live")
        weights = found.get("RoutingConfig", {}).get("AdditionalVersionWeights", {})
        return found["FunctionVersion"], weights

    return read


@pytest.fixture
def running(client):
    """The ids of the deployments that run."""

    def read():
        statuses = ["Created", "InProgress"]
        return client("codedeploy").list_deployments(includeOnlyStatuses=statuses)["deployments"]

    return read


def reasons(cloudformation, stack_name, name):
    told = events(cloudformation, stack_name)
    return [reason for logical_id, _, reason in told if logical_id == name and reason]


def test_the_first_release_is_live_without_a_deployment(released, live, running, status):
    assert (live(), running(), status()) == (("1", {}), [], "CREATE_COMPLETE")


def test_an_update_waits_for_the_shift_and_tells_so_meanwhile(
    cloudformation, stack_name, live, after, status, eventually
):
    update = deploy(cloudformation, stack_name, stack("B"), "UPDATE")
    assert update["StackStatus"] == "UPDATE_IN_PROGRESS"
    assert events(cloudformation, stack_name)[-1][:2] == ("Alias", "UPDATE_IN_PROGRESS")
    after()
    assert live() == ("1", {"2": 0.1})
    assert status() == "UPDATE_IN_PROGRESS"
    after(CANARY_MIN)
    assert live() == ("2", {})
    eventually(lambda: status() == "UPDATE_COMPLETE")


def test_a_stack_that_waits_is_neither_updated_nor_deleted(
    cloudformation, stack_name, released, after, status, eventually
):
    deploy(cloudformation, stack_name, stack("B"), "UPDATE")
    with pytest.raises(ClientError, match="UPDATE_IN_PROGRESS state and can not be updated"):
        plan(cloudformation, stack_name, stack("C"), "UPDATE")
    with pytest.raises(ClientError, match="UPDATE_IN_PROGRESS state and can not be deleted"):
        cloudformation.delete_stack(StackName=stack_name)
    after()
    after(CANARY_MIN)
    eventually(lambda: status() == "UPDATE_COMPLETE")


def test_an_alarm_rolls_the_stack_back_with_the_old_version_live(
    client, cloudformation, stack_name, released, live, after, status, eventually
):
    alarm = f"{stack_name}-lit"
    client("cloudwatch").put_metric_alarm(
        AlarmName=alarm,
        Namespace="Test",
        MetricName=alarm,
        Statistic="Sum",
        Period=60,
        EvaluationPeriods=1,
        Threshold=1,
        ComparisonOperator="GreaterThanThreshold",
        TreatMissingData="ignore",
    )
    watched = {"Enabled": True, "Alarms": [{"Name": alarm}]}
    deploy(cloudformation, stack_name, stack("B", AlarmConfiguration=watched), "UPDATE")
    after()
    assert live() == ("1", {"2": 0.1})
    client("cloudwatch").set_alarm_state(AlarmName=alarm, StateValue="ALARM", StateReason="test")
    after(1)
    eventually(lambda: status() == "UPDATE_ROLLBACK_COMPLETE")
    assert live() == ("1", {})
    answer = client("lambda").invoke(FunctionName=released, Qualifier="live")
    assert (answer["ExecutedVersion"], answer["Payload"].read()) == ("1", b'"1"')
    (reason,) = reasons(cloudformation, stack_name, "Alias")
    assert f"Activated alarms: <{alarm}>" in reason
    latest = client("lambda").get_function_configuration(FunctionName=released)
    assert latest["Description"] == "A"


def test_the_release_after_one_that_was_rolled_back_is_shifted_as_any_other(
    client, cloudformation, stack_name, live, after, status, eventually, running
):
    deploy(cloudformation, stack_name, stack("B"), "UPDATE")
    (deployment,) = running()
    client("codedeploy").stop_deployment(deploymentId=deployment, autoRollbackEnabled=True)
    eventually(lambda: status() == "UPDATE_ROLLBACK_COMPLETE")
    assert live() == ("1", {})
    deploy(cloudformation, stack_name, stack("C"), "UPDATE")
    after()
    after(CANARY_MIN)
    eventually(lambda: status() == "UPDATE_COMPLETE")
    assert live() == ("3", {})


def test_an_alias_moved_behind_its_back_fails_the_update_and_stays(
    client, cloudformation, stack_name, released, live, after, status, eventually
):
    client("lambda").publish_version(FunctionName=released)
    client("lambda").update_function_configuration(FunctionName=released, Description="by hand")
    client("lambda").publish_version(FunctionName=released)
    client("lambda").update_alias(FunctionName=released, Name="live", FunctionVersion="2")
    deploy(cloudformation, stack_name, stack("B"), "UPDATE")
    after()
    eventually(lambda: status() == "UPDATE_ROLLBACK_COMPLETE")
    assert live() == ("2", {})
    (reason,) = reasons(cloudformation, stack_name, "Alias")
    assert "does not match the current version in AppSpec file" in reason


def test_what_fails_after_the_shift_puts_the_alias_back_at_once(
    cloudformation, stack_name, live, after, status, eventually
):
    """No second shift: nobody waits for the way back."""
    template = stack("B")
    template["Resources"]["Late"] = {
        "Type": "AWS::Lambda::Permission",
        "DependsOn": "Alias",
        "Properties": {
            "FunctionName": "absent",
            "Action": "lambda:InvokeFunction",
            "Principal": "x.amazonaws.com",
        },
    }
    deploy(cloudformation, stack_name, template, "UPDATE")
    after()
    after(CANARY_MIN)
    assert live() == ("2", {})
    eventually(lambda: status() == "UPDATE_ROLLBACK_COMPLETE")
    assert live() == ("1", {})


def test_a_changed_policy_alone_is_a_change_without_a_shift(
    cloudformation, stack_name, released, live, running
):
    template = stack("A")
    policy = template["Resources"]["Alias"]["UpdatePolicy"]["CodeDeployLambdaAliasUpdate"]
    policy["AfterAllowTrafficHook"] = released
    update = deploy(cloudformation, stack_name, template, "UPDATE")
    assert (update["StackStatus"], live(), running()) == ("UPDATE_COMPLETE", ("1", {}), [])


def test_without_the_policy_the_alias_is_moved_at_once(
    cloudformation, stack_name, released, live, running
):
    """What a release that is no risk does: the same model again."""
    template = stack("B")
    del template["Resources"]["Alias"]["UpdatePolicy"]
    del template["Resources"]["Group"], template["Resources"]["Application"]
    update = deploy(cloudformation, stack_name, template, "UPDATE")
    assert (update["StackStatus"], live(), running()) == ("UPDATE_COMPLETE", ("2", {}), [])


def test_a_hook_is_asked_before_the_shift(
    client, cloudformation, stack_name, released, live, after, status, eventually, running
):
    template = stack("B")
    resources = template["Resources"]
    policy = resources["Alias"]["UpdatePolicy"]["CodeDeployLambdaAliasUpdate"]
    policy["BeforeAllowTrafficHook"] = {"Ref": "Hook"}
    function = resources["Function"]["Properties"]
    resources["Hook"] = {
        "Type": "AWS::Lambda::Function",
        "Properties": {**function, "Code": {"ZipFile": HOOK}},
    }
    deploy(cloudformation, stack_name, template, "UPDATE")
    after()
    (deployment,) = running()
    found = client("codedeploy").list_deployment_targets(deploymentId=deployment)["targetIds"]
    target = client("codedeploy").get_deployment_target(deploymentId=deployment, targetId=found[0])
    before = target["deploymentTarget"]["lambdaTarget"]["lifecycleEvents"][0]
    assert (before["lifecycleEventName"], before["status"]) == ("BeforeAllowTraffic", "InProgress")
    assert live() == ("1", {})
    after(61)
    eventually(lambda: status() == "UPDATE_ROLLBACK_COMPLETE")
    assert live() == ("1", {})
