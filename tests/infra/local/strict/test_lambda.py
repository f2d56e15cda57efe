"""Lambda functions, versions and aliases refuse what AWS refuses."""

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


def code_of(error: pytest.ExceptionInfo[ClientError]) -> tuple[str, int]:
    response = error.value.response
    return response["Error"]["Code"], response["ResponseMetadata"]["HTTPStatusCode"]


@pytest.fixture
def lambdas(client: Client) -> Any:
    return client("lambda")


@pytest.fixture
def function(client: Client, lambdas: Any, name: str) -> str:
    """A function with versions 1, 2, 3 and the alias live → 1."""
    role = client("iam").create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps({}))
    lambdas.create_function(
        FunctionName=name,
        Role=role["Role"]["Arn"],
        Runtime="python3.13",
        Handler="index.handler",
        Code={"ZipFile": zipped(CODE, "index.py")},
    )
    for number in ("1", "2", "3"):
        lambdas.update_function_configuration(FunctionName=name, Description=number)
        assert lambdas.publish_version(FunctionName=name)["Version"] == number
    lambdas.create_alias(FunctionName=name, Name="live", FunctionVersion="1")
    return name


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


@settings(max_examples=30, deadline=None)
@given(weight=st.floats(-2, 3, allow_nan=False))
def test_weights_lie_between_zero_and_one(weight: float) -> None:
    """Fault row 44."""
    from moto.awslambda.exceptions import InvalidParameterValueException

    from infra.local.strict.aliases import _check_routing

    class Backend:
        def get_function(self, *_: str) -> None: ...

    routing = {"AdditionalVersionWeights": {"2": weight}}
    if 0 <= weight <= 1:
        _check_routing(Backend(), "f", "1", routing)
    else:
        with pytest.raises(InvalidParameterValueException):
            _check_routing(Backend(), "f", "1", routing)


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
