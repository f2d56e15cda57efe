"""CodeDeploy's API, as boto3 calls it."""

import pytest
from botocore.exceptions import ClientError

from infra.local.codedeploy.groups import PREDEFINED
from infra.local.server import EmbeddedAws

CANARY = "CodeDeployDefault.LambdaCanary10Percent5Minutes"
RUNNING = ["Created", "Queued", "InProgress", "Ready"]


def test_running_deployments_are_found_without_knowing_their_application(shifting):
    """fault row 41: how a rollback finds what it must stop."""
    shifting.group()
    deployment = shifting.start()

    def found(*statuses, **named):
        return shifting.codedeploy.list_deployments(includeOnlyStatuses=statuses, **named)[
            "deployments"
        ]

    assert deployment in found(*RUNNING)
    shifting.after()
    assert deployment not in found("Created")
    assert deployment in found("InProgress")
    named = {"applicationName": shifting.application, "deploymentGroupName": "group"}
    assert found(*RUNNING, **named) == [deployment]
    shifting.codedeploy.stop_deployment(deploymentId=deployment)
    assert deployment not in found(*RUNNING)
    newest_first = found(**named)
    assert newest_first[1:] == [deployment]


def test_deployments_are_found_by_when_they_were_made(shifting):
    shifting.group()
    deployment = shifting.start()
    made = int(shifting.clock.now)

    def found(**when):
        named = {"applicationName": shifting.application, "deploymentGroupName": "group"}
        return shifting.codedeploy.list_deployments(createTimeRange=when, **named)["deployments"]

    assert found(start=made - 60) == found(start=made - 60, end=made + 60) == [deployment]
    assert found(start=made + 60) == found(end=made - 60) == []


def test_half_a_name_finds_nothing(shifting):
    with pytest.raises(ClientError, match="DeploymentGroupNameRequiredException"):
        shifting.codedeploy.list_deployments(applicationName=shifting.application)
    with pytest.raises(ClientError, match="ApplicationNameRequiredException"):
        shifting.codedeploy.list_deployments(deploymentGroupName="group")


def test_a_deployment_tells_what_it_moves_and_how_far_it_is(shifting):
    shifting.group()
    deployment = shifting.start()
    shifting.after()
    info = shifting.info(deployment)
    assert (info["deploymentConfigName"], info["computePlatform"]) == (CANARY, "Lambda")
    assert info["startTime"].timestamp() == pytest.approx(shifting.clock.now)
    (name,) = shifting.codedeploy.list_deployment_targets(deploymentId=deployment)["targetIds"]
    found = shifting.codedeploy.batch_get_deployment_targets(
        deploymentId=deployment, targetIds=[name]
    )
    (target,) = found["deploymentTargets"]
    assert target["deploymentTargetType"] == "LambdaFunction"
    assert target["lambdaTarget"]["lambdaFunctionInfo"] == {
        "functionName": shifting.function,
        "functionAlias": "live",
        "currentVersion": "1",
        "targetVersion": "2",
        "targetVersionWeight": 0.1,
    }
    before, allow, _ = target["lambdaTarget"]["lifecycleEvents"]
    assert before["endTime"] == before["startTime"] == allow["startTime"]
    assert "endTime" not in allow


def test_the_content_of_an_appspec_is_not_told_as_on_aws(shifting):
    """https://docs.aws.amazon.com/codedeploy/latest/APIReference/API_GetDeployment.html"""
    shifting.group()
    revision = shifting.info(shifting.start())["revision"]
    assert revision["revisionType"] == "AppSpecContent"
    assert revision["appSpecContent"].keys() == {"sha256"}


def test_a_group_is_changed_and_deleted(shifting):
    """As its deployments tell: nobody asks for a group itself."""
    shifting.group()
    named = {"applicationName": shifting.application, "deploymentGroupName": "group"}
    shifting.codedeploy.update_deployment_group(
        applicationName=shifting.application,
        currentDeploymentGroupName="group",
        deploymentConfigName="CodeDeployDefault.LambdaAllAtOnce",
    )
    info = shifting.info(shifting.start())
    assert info["deploymentConfigName"] == "CodeDeployDefault.LambdaAllAtOnce"
    assert info["autoRollbackConfiguration"]["enabled"]
    shifting.codedeploy.delete_deployment_group(**named)
    with pytest.raises(ClientError, match="DeploymentGroupDoesNotExistException"):
        shifting.start()
    shifting.codedeploy.delete_application(applicationName=shifting.application)
    with pytest.raises(ClientError, match="ApplicationDoesNotExistException"):
        shifting.start()


def test_names_that_are_taken_or_unknown_are_refused(shifting):
    shifting.group()
    with pytest.raises(ClientError, match="DeploymentGroupAlreadyExistsException"):
        shifting.group()
    with pytest.raises(ClientError, match="ApplicationAlreadyExistsException"):
        shifting.codedeploy.create_application(
            applicationName=shifting.application, computePlatform="Lambda"
        )
    with pytest.raises(ClientError, match="DeploymentDoesNotExistException"):
        shifting.info("d-UNKNOWN")
    with pytest.raises(ClientError, match="DeploymentConfigDoesNotExistException"):
        shifting.start("Sometimes")


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"ec2TagFilters": [{"Key": "a"}]}, "ec2TagFilters"),
        ({"triggerConfigurations": [{"triggerName": "a"}]}, "triggerConfigurations"),
        ({"deploymentStyle": {"deploymentType": "IN_PLACE"}}, "InvalidDeploymentStyle"),
        ({"alarms": [f"a{number}" for number in range(11)]}, "AlarmsLimitExceeded"),
        ({"deploymentConfigName": "Mine"}, "DeploymentConfigDoesNotExist"),
    ],
)
def test_what_a_group_cannot_do_is_refused_by_name(shifting, settings, words):
    with pytest.raises(ClientError, match=words):
        shifting.group(**settings)


@pytest.mark.parametrize(
    ("call", "arguments", "words"),
    [
        ("create_deployment_config", {"deploymentConfigName": "a"}, "CreateDeploymentConfig"),
        ("create_application", {"applicationName": "a", "computePlatform": "ECS"}, "ECS"),
        ("list_deployments", {"externalId": "1"}, "externalId"),
    ],
)
def test_what_is_not_supported_is_refused_by_name(shifting, call, arguments, words):
    with pytest.raises(ClientError, match=words):
        getattr(shifting.codedeploy, call)(**arguments)


@pytest.mark.parametrize(
    ("revision", "words"),
    [
        ({"revisionType": "S3", "s3Location": {"bucket": "a"}}, "S3"),
        ({"revisionType": "AppSpecContent", "appSpecContent": {"content": "{}"}}, "AppSpec"),
    ],
)
def test_a_revision_that_is_no_appspec_of_a_function_is_refused(shifting, revision, words):
    shifting.group()
    with pytest.raises(ClientError, match=words):
        shifting.codedeploy.create_deployment(
            applicationName=shifting.application, deploymentGroupName="group", revision=revision
        )


def test_regions_know_nothing_of_each_other(shifting, stepped_cloud):
    import boto3

    other = boto3.client(
        "codedeploy",
        region_name="eu-west-1",
        endpoint_url=stepped_cloud.aws.endpoint,
        aws_access_key_id="test",
        aws_secret_access_key="test",
    )
    with pytest.raises(ClientError, match="ApplicationDoesNotExistException"):
        other.list_deployments(applicationName=shifting.application, deploymentGroupName="group")


def test_configurations_are_as_long_as_a_minute_is_here(connect, tmp_path):
    """Who reads them (a judge of the new version) need not know that time passes faster."""
    with EmbeddedAws(time_scale=60.0, background=False, code_cache=tmp_path) as aws:
        client = connect(aws)("codedeploy")
        routing = {
            name: client.get_deployment_config(deploymentConfigName=name)["deploymentConfigInfo"][
                "trafficRoutingConfig"
            ]
            for name in PREDEFINED
        }
    assert routing["CodeDeployDefault.LambdaAllAtOnce"] == {"type": "AllAtOnce"}
    assert routing[CANARY] == {
        "type": "TimeBasedCanary",
        "timeBasedCanary": {"canaryPercentage": 10, "canaryInterval": pytest.approx(5 / 60)},
    }
    assert routing["CodeDeployDefault.LambdaLinear10PercentEvery2Minutes"] == {
        "type": "TimeBasedLinear",
        "timeBasedLinear": {"linearPercentage": 10, "linearInterval": pytest.approx(2 / 60)},
    }
