"""Lambda functions, versions and aliases refuse what AWS refuses, and keep what they are given."""

import json
import threading
from typing import Any

import pytest
from botocore.exceptions import ClientError
from hypothesis import given, settings
from hypothesis import strategies as st

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


def code_of(error: pytest.ExceptionInfo[ClientError]) -> tuple[str, int]:
    response = error.value.response
    return response["Error"]["Code"], response["ResponseMetadata"]["HTTPStatusCode"]


def test_a_stale_revision_is_refused_and_moves_nothing(lambdas: Any, function: str) -> None:
    """Fault row 40."""
    seen = lambdas.get_alias(FunctionName=function, Name="live")["RevisionId"]
    won = lambdas.update_alias(
        FunctionName=function, Name="live", FunctionVersion="2", RevisionId=seen
    )
    assert won["RevisionId"] != seen
    with pytest.raises(ClientError) as refused:
        lambdas.update_alias(
            FunctionName=function, Name="live", FunctionVersion="3", RevisionId=seen
        )
    assert code_of(refused) == ("PreconditionFailedException", 412)
    assert lambdas.get_alias(FunctionName=function, Name="live")["FunctionVersion"] == "2"


def test_every_update_makes_a_new_revision_even_without_a_change(
    lambdas: Any, function: str
) -> None:
    """Fault row 40."""
    revisions = {
        lambdas.update_alias(FunctionName=function, Name="live", FunctionVersion="2")["RevisionId"]
        for _ in range(3)
    }
    assert len(revisions) == 3
    now = lambdas.get_alias(FunctionName=function, Name="live")["RevisionId"]
    assert now in revisions


def test_of_two_rollbacks_at_once_one_wins(lambdas: Any, function: str) -> None:
    """Fault row 40."""
    seen = lambdas.get_alias(FunctionName=function, Name="live")["RevisionId"]
    outcomes: dict[str, str] = {}
    together = threading.Barrier(4)

    def roll_back(version: str) -> None:
        together.wait()
        try:
            lambdas.update_alias(
                FunctionName=function, Name="live", FunctionVersion=version, RevisionId=seen
            )
            outcomes[threading.current_thread().name] = version
        except lambdas.exceptions.PreconditionFailedException:
            outcomes[threading.current_thread().name] = "lost"

    threads = [threading.Thread(target=roll_back, args=[v]) for v in ("2", "3", "2", "3")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes.values())[1:] == ["lost"] * 3
    winner = min(outcomes.values())
    assert lambdas.get_alias(FunctionName=function, Name="live")["FunctionVersion"] == winner


def weights(**by_version: float) -> dict[str, Any]:
    return {"AdditionalVersionWeights": {key.removeprefix("v"): w for key, w in by_version.items()}}


@pytest.mark.parametrize(
    "routing",
    [
        weights(v2=1.5),
        weights(v2=0.1, v3=0.1),
        weights(v1=0.5),
        {"AdditionalVersionWeights": {"$LATEST": 0.5}},
    ],
)
def test_impossible_weights_are_refused_and_change_nothing(
    lambdas: Any, function: str, routing: dict[str, Any]
) -> None:
    """Fault row 44."""
    before = lambdas.get_alias(FunctionName=function, Name="live")
    with pytest.raises(ClientError) as refused:
        lambdas.update_alias(FunctionName=function, Name="live", RoutingConfig=routing)
    assert code_of(refused) == ("InvalidParameterValueException", 400)
    with pytest.raises(ClientError):
        lambdas.create_alias(
            FunctionName=function, Name="other", FunctionVersion="1", RoutingConfig=routing
        )
    after = lambdas.get_alias(FunctionName=function, Name="live")
    assert before["RevisionId"] == after["RevisionId"]
    assert "RoutingConfig" not in after


def test_traffic_goes_to_no_version_that_is_not_there(lambdas: Any, function: str) -> None:
    """Fault row 44."""
    with pytest.raises(ClientError, match="Function not found"):
        lambdas.update_alias(FunctionName=function, Name="live", RoutingConfig=weights(v9=0.1))


@settings(max_examples=30)
@given(weight=st.floats(-2, 3, allow_nan=False))
def test_weights_lie_between_zero_and_one(weight: float) -> None:
    """Fault row 44."""
    from moto.awslambda.exceptions import InvalidParameterValueException

    from infra.local.strict.lambda_ import check_routing

    class Backend:
        def get_function(self, *_: str) -> None: ...

    routing = {"AdditionalVersionWeights": {"2": weight}}
    if 0 <= weight <= 1:
        check_routing(Backend(), "f", "1", routing)
    else:
        with pytest.raises(InvalidParameterValueException):
            check_routing(Backend(), "f", "1", routing)


def test_weights_survive_a_version_only_update_and_go_when_cleared(
    lambdas: Any, function: str
) -> None:
    """Fault row 46: the trap is AWS's own, so it must be here too."""
    lambdas.update_alias(FunctionName=function, Name="live", RoutingConfig=weights(v2=0.1))
    lambdas.update_alias(FunctionName=function, Name="live", FunctionVersion="3")
    kept = lambdas.get_alias(FunctionName=function, Name="live")
    assert kept["RoutingConfig"] == weights(v2=0.1)
    lambdas.update_alias(
        FunctionName=function, Name="live", RoutingConfig={"AdditionalVersionWeights": {}}
    )
    assert "RoutingConfig" not in lambdas.get_alias(FunctionName=function, Name="live")


def test_versions_an_alias_points_at_are_not_deleted(lambdas: Any, function: str) -> None:
    lambdas.update_alias(FunctionName=function, Name="live", RoutingConfig=weights(v2=0.1))
    for version in ("1", "2"):
        with pytest.raises(ClientError) as refused:
            lambdas.delete_function(FunctionName=function, Qualifier=version)
        assert code_of(refused) == ("ResourceConflictException", 409)
    lambdas.delete_function(FunctionName=function, Qualifier="3")
