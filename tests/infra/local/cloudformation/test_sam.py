"""Unmodified sam: build, deploy, deploy again, fail, delete."""

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from infra.local.server import EmbeddedAws
from tests.infra.local.cloudformation.deploying import outputs
from tests.infra.local.support import SAM, Client

TEMPLATE = """
AWSTemplateFormatVersion: "2010-09-09"
Transform: AWS::Serverless-2016-10-31
Parameters:
  Digest: {Type: String, AllowedPattern: "[a-z]+"}
  Missing: {Type: String, Default: "no"}
  Traffic: {Type: String, Default: AllAtOnce}
Conditions:
  Broken: !Equals [!Ref Missing, "yes"]
Globals:
  Api: {OpenApiVersion: 3.0.1}
Resources:
  Function:
    Type: AWS::Serverless::Function
    Metadata: {BuildMethod: makefile}
    Properties:
      CodeUri: code
      Handler: index.handler
      Runtime: python3.13
      AutoPublishAlias: live
      AutoPublishCodeSha256: !Ref Digest
      DeploymentPreference: {Type: !Ref Traffic, Alarms: [!Ref Alarm]}
      Policies:
        - DynamoDBReadPolicy: {TableName: !Ref Table}
      Environment: {Variables: {DIGEST: !Ref Digest}}
      Events:
        Predict:
          Type: Api
          Properties: {Path: /v1/predictions, Method: post, RestApiId: !Ref Api}
  Api:
    Type: AWS::Serverless::Api
    Properties: {StageName: live}
  Logs:
    Type: AWS::Logs::LogGroup
    Properties: {LogGroupName: !Sub "/aws/lambda/${Function}", RetentionInDays: 7}
  Bucket: {Type: AWS::S3::Bucket}
  Table:
    Type: AWS::Serverless::SimpleTable
  Alarm:
    Type: AWS::CloudWatch::Alarm
    Properties:
      Namespace: AWS/Lambda
      MetricName: Errors
      Dimensions: [{Name: FunctionName, Value: !Ref Function}]
      Statistic: Sum
      Period: 60
      EvaluationPeriods: 1
      Threshold: 1
      ComparisonOperator: GreaterThanOrEqualToThreshold
  Late:
    Type: AWS::Lambda::Permission
    Condition: Broken
    DependsOn: FunctionAliaslive
    Properties: {FunctionName: absent, Action: lambda:InvokeFunction, Principal: x.amazonaws.com}
Outputs:
  Function: {Value: !Ref Function}
  Version: {Value: !Ref Function.Version}
  Api: {Value: !Ref Api}
  Logs: {Value: !Ref Logs}
"""
MAKEFILE = "build-Function:\n\tcp index.py $(ARTIFACTS_DIR)\n"


class Sam:
    """The command line in one project folder, against one embedded AWS."""

    def __init__(self, project: Path, aws: EmbeddedAws, stack: str) -> None:
        self.project, self.stack = project, stack
        quick = {"SAM_CLI_TELEMETRY": "0", "SAM_CLI_POLL_DELAY": "0.1"}
        self.environment = {**os.environ, **aws.environment(), **quick}

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [str(SAM), *arguments],
            cwd=self.project,
            env=self.environment,
            text=True,
            capture_output=True,
            check=False,
            timeout=300,
        )

    def deploy(self, *more: str, **values: str) -> subprocess.CompletedProcess[str]:
        overrides = [f"{key}={value}" for key, value in values.items()]
        return self.run(
            *("deploy", "--stack-name", self.stack, "--resolve-s3", "--no-progressbar"),
            *("--capabilities", "CAPABILITY_IAM", *more, "--parameter-overrides", *overrides),
        )


@pytest.fixture
def sam(tmp_path: Path, embedded_aws: EmbeddedAws, stack_name: str) -> Sam:
    (tmp_path / "code").mkdir()
    (tmp_path / "template.yaml").write_text(TEMPLATE)
    (tmp_path / "code" / "index.py").write_text("def handler(event, context):\n    return {}\n")
    (tmp_path / "code" / "Makefile").write_text(MAKEFILE)
    return Sam(tmp_path, embedded_aws, stack_name)


def test_the_life_of_a_stack(sam: Sam, cloudformation: Any, client: Client) -> None:
    def stack() -> dict[str, Any]:
        return dict(cloudformation.describe_stacks(StackName=sam.stack)["Stacks"][0])

    def live() -> dict[str, Any]:
        function = outputs(stack())["Function"]
        return dict(lambdas.get_function_configuration(FunctionName=function, Qualifier="live"))

    lambdas = client("lambda")
    assert sam.run("build").returncode == 0

    first = sam.deploy(Digest="aaaa")
    assert first.returncode == 0, first.stdout + first.stderr
    assert "Successfully created/updated stack" in first.stdout
    assert "CREATE_COMPLETE" in first.stdout
    assert live()["Environment"]["Variables"] == {"DIGEST": "aaaa"}
    function, api = outputs(stack())["Function"], outputs(stack())["Api"]
    paths = {r["path"] for r in client("apigateway").get_resources(restApiId=api)["items"]}
    assert "/v1/predictions" in paths
    policy = json.loads(lambdas.get_policy(FunctionName=function, Qualifier="live")["Policy"])
    assert "execute-api" in json.dumps(policy)
    tags = lambdas.get_function(FunctionName=function)["Tags"]
    assert tags == {"lambda:createdBy": "SAM"}

    again = sam.deploy("--no-fail-on-empty-changeset", Digest="aaaa")
    assert again.returncode == 0
    assert "No changes to deploy" in again.stdout

    second = sam.deploy(Digest="bbbb")
    assert second.returncode == 0, second.stdout + second.stderr
    assert live()["Environment"]["Variables"] == {"DIGEST": "bbbb"}
    assert live()["Version"] == "2"
    deployments = client("codedeploy").list_deployments(includeOnlyStatuses=["Succeeded"])
    assert len(deployments["deployments"]) == 1
    kept = lambdas.get_function_configuration(FunctionName=function, Qualifier="1")
    assert kept["Environment"]["Variables"] == {"DIGEST": "aaaa"}

    failing = sam.deploy(Digest="cccc", Missing="yes")
    assert failing.returncode == 1
    assert "UPDATE_ROLLBACK_COMPLETE" in failing.stderr
    assert "Function not found" in " ".join(failing.stdout.split())
    assert live()["Environment"]["Variables"] == {"DIGEST": "bbbb"}
    latest = lambdas.get_function_configuration(FunctionName=function)
    assert latest["Environment"]["Variables"] == {"DIGEST": "bbbb"}

    gone = sam.run("delete", "--stack-name", sam.stack, "--no-prompts", "--region", "us-east-1")
    assert gone.returncode == 0, gone.stdout + gone.stderr
    with pytest.raises(ClientError, match="does not exist"):
        cloudformation.describe_stacks(StackName=sam.stack)
    with pytest.raises(ClientError, match="Function not found"):
        lambdas.get_function(FunctionName=function)
