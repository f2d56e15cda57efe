"""Lambda aliases refuse what AWS refuses."""

import threading
from typing import Any

import pytest
from botocore.exceptions import ClientError
from hypothesis import given, settings
from hypothesis import strategies as st


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

    from infra.local.strict.aliases import check_routing

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
