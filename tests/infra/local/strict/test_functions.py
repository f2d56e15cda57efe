"""Lambda functions and versions refuse what AWS refuses, and keep what they are given."""

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from infra.local import strict
from tests.infra.local.support import Client, zipped

CODE = "def handler(event, context): return 1"


def test_a_deleted_versions_number_is_not_given_again(lambdas: Any, function: str) -> None:
    lambdas.delete_function(FunctionName=function, Qualifier="2")
    lambdas.delete_function(FunctionName=function, Qualifier="3")
    lambdas.update_function_configuration(FunctionName=function, Description="4")
    assert lambdas.publish_version(FunctionName=function)["Version"] == "4"
    found = lambdas.get_function_configuration(FunctionName=function, Qualifier="4")
    assert found["Description"] == "4"


def test_only_a_change_makes_a_version(lambdas: Any, function: str) -> None:
    assert lambdas.publish_version(FunctionName=function)["Version"] == "3"
    lambdas.update_function_configuration(FunctionName=function, Description="3")
    assert lambdas.publish_version(FunctionName=function)["Version"] == "3"
    lambdas.update_function_code(FunctionName=function, ZipFile=zipped(CODE, "index.py"))
    assert lambdas.publish_version(FunctionName=function)["Version"] == "3"


def test_publishing_other_code_than_meant_is_refused(lambdas: Any, function: str) -> None:
    with pytest.raises(ClientError, match="CodeSHA256"):
        lambdas.publish_version(FunctionName=function, CodeSha256="other")


@pytest.mark.parametrize(
    ("variables", "told"),
    [
        ({"A": "x" * 4096}, "exceeded the 4KB limit"),
        ({"A": "x" * 2040, "B": "ü" * 1030}, "exceeded the 4KB limit"),
        ({"A": "x", "AWS_REGION": "eu-central-1"}, "this request: AWS_REGION"),
        (
            {"AWS_SESSION_TOKEN": "x", "LAMBDA_TASK_ROOT": "x"},
            "AWS_SESSION_TOKEN, LAMBDA_TASK_ROOT",
        ),
    ],
    ids=["one", "together", "reserved", "of the runtime"],
)
def test_an_environment_that_lambda_cannot_have_is_refused(
    lambdas: Any, function: str, variables: dict[str, str], told: str
) -> None:
    before = lambdas.get_function_configuration(FunctionName=function).get("Environment")
    with pytest.raises(ClientError, match=told):
        lambdas.update_function_configuration(
            FunctionName=function, Environment={"Variables": variables}
        )
    with pytest.raises(ClientError, match=told):
        lambdas.create_function(
            FunctionName=f"{function}-new",
            Runtime="python3.11",
            Role="arn:aws:iam::123456789012:role/none",
            Handler="index.handler",
            Code={"ZipFile": zipped(CODE, "index.py")},
            Environment={"Variables": variables},
        )
    after = lambdas.get_function_configuration(FunctionName=function).get("Environment")
    assert after == before


def test_an_environment_of_just_four_kilobytes_is_taken(lambdas: Any, function: str) -> None:
    taken = {"AWS_LAMBDA_EXEC_WRAPPER": "/opt/wrap", "LAMBDA_OWN": "1", "A": ""}
    just = taken | {"A": "x" * (4096 - len(json.dumps(taken, separators=(",", ":"))))}
    lambdas.update_function_configuration(FunctionName=function, Environment={"Variables": just})


@pytest.mark.parametrize(
    "settings",
    [
        {"VpcConfig": {"SubnetIds": ["subnet-1"], "SecurityGroupIds": ["sg-1"]}},
        {"DeadLetterConfig": {"TargetArn": "arn:aws:sqs:us-east-1:123456789012:dead"}},
    ],
    ids=lambda settings: next(iter(settings)),
)
def test_settings_that_would_have_no_effect_are_refused_by_name(
    lambdas: Any, function: str, settings: dict[str, Any]
) -> None:
    with pytest.raises(ClientError, match=next(iter(settings))):
        lambdas.update_function_configuration(FunctionName=function, **settings)


def test_code_that_is_not_there_is_refused(client: Client, lambdas: Any, function: str) -> None:
    client("s3").create_bucket(Bucket=f"{function}-code")
    with pytest.raises(ClientError, match="NoSuchKey"):
        lambdas.update_function_code(
            FunctionName=function, S3Bucket=f"{function}-code", S3Key="absent.zip"
        )


def test_settings_that_moto_drops_are_kept(lambdas: Any, function: str) -> None:
    lambdas.update_function_configuration(
        FunctionName=function,
        TracingConfig={"Mode": "Active"},
        EphemeralStorage={"Size": 2048},
        SnapStart={"ApplyOn": "PublishedVersions"},
    )
    published = lambdas.publish_version(FunctionName=function)
    assert published["TracingConfig"] == {"Mode": "Active"}
    assert published["EphemeralStorage"] == {"Size": 2048}
    assert published["SnapStart"] == {
        "ApplyOn": "PublishedVersions",
        "OptimizationStatus": "On",
    }
    earlier = lambdas.get_function_configuration(FunctionName=function, Qualifier="3")
    assert earlier["SnapStart"] == {"ApplyOn": "None", "OptimizationStatus": "Off"}


def test_patching_twice_wraps_once(lambdas: Any, function: str) -> None:
    from moto.awslambda.models import LambdaBackend

    before = LambdaBackend.update_alias
    strict.patch()
    assert LambdaBackend.update_alias is before
