"""Which deployment moves an alias, how far it is, and how long it takes."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from botocore.stub import Stubber

from model_store.errors import AwsDenied
from model_store.history.shift import (
    RUNNING,
    Pace,
    Shift,
    find_shift,
    last_failure,
    pace_of,
    read_pace,
    shift_of,
)

from .clients import client

BEGAN = datetime(2030, 1, 1, 12, tzinfo=UTC)


def target(function: str = "lambent-iris", alias: str = "live", **changes: Any) -> dict[str, Any]:
    """As BatchGetDeploymentTargets describes one, a tenth of the traffic moved."""
    moved = {
        "functionName": function,
        "functionAlias": alias,
        "currentVersion": "3",
        "targetVersion": "4",
        "targetVersionWeight": 0.1,
    }
    events = [
        {"lifecycleEventName": "BeforeAllowTraffic", "status": "Succeeded"},
        {"lifecycleEventName": "AllowTraffic", "status": "InProgress", "startTime": BEGAN},
    ]
    described = {"deploymentId": "d-1", "lambdaFunctionInfo": moved, "lifecycleEvents": events}
    return {"deploymentTargetType": "LambdaTarget", "lambdaTarget": described | changes}


@pytest.fixture
def codedeploy() -> Iterator[Stubber]:
    with Stubber(client("codedeploy")) as stub:
        yield stub
        stub.assert_no_pending_responses()


def test_a_shift_is_told_from_the_target_of_its_deployment() -> None:
    assert shift_of(target(), "lambent-iris") == Shift("d-1", "3", "4", 0.1, BEGAN)


@pytest.mark.parametrize("other", [target("lambent-iris-2"), target(alias="next"), {}])
def test_what_moves_something_else_is_no_shift_of_this_alias(other: dict[str, Any]) -> None:
    assert shift_of(other, "lambent-iris") is None


def test_while_the_hook_is_asked_no_traffic_has_moved() -> None:
    asked = {"lifecycleEventName": "BeforeAllowTraffic", "status": "InProgress"}
    later = {"lifecycleEventName": "AllowTraffic", "status": "Pending"}
    shift = shift_of(target(lifecycleEvents=[asked, later]), "lambent-iris")
    assert shift is not None
    assert shift.since is None


def test_the_running_deployment_of_this_alias_is_found_among_all(codedeploy: Stubber) -> None:
    listed = {"deployments": ["d-0", "d-1"]}
    codedeploy.add_response("list_deployments", listed, {"includeOnlyStatuses": RUNNING})
    for name, found in (("d-0", target("lambent-digits")), ("d-1", target())):
        asked = {"deploymentId": name}
        codedeploy.add_response("list_deployment_targets", {"targetIds": ["t"]}, asked)
        codedeploy.add_response(
            "batch_get_deployment_targets",
            {"deploymentTargets": [found]},
            asked | {"targetIds": ["t"]},
        )
    found_shift = find_shift(codedeploy.client, "lambent-iris")
    assert found_shift == Shift("d-1", "3", "4", 0.1, BEGAN)


def test_deployments_of_servers_and_such_as_have_not_begun_are_in_nobodys_way(
    codedeploy: Stubber,
) -> None:
    """Of another team in the same account: fault row 41 must be told all the same. CodeDeploy
    describes 25 targets at once, and none of what is only queued."""
    listed = {"deployments": ["d-0", "d-2", "d-1"]}
    codedeploy.add_response("list_deployments", listed)
    servers = {"targetIds": [f"i-{number}" for number in range(26)]}
    codedeploy.add_response("list_deployment_targets", servers, {"deploymentId": "d-0"})
    codedeploy.add_client_error("list_deployment_targets", "DeploymentNotStartedException")
    codedeploy.add_response("list_deployment_targets", {"targetIds": ["t"]})
    codedeploy.add_response("batch_get_deployment_targets", {"deploymentTargets": [target()]})
    assert find_shift(codedeploy.client, "lambent-iris") is not None


def test_when_a_release_of_this_alias_was_last_stopped(codedeploy: Stubber) -> None:
    """One that a hook refused got no traffic, and lit no alarm of what is live."""
    asked = {"includeOnlyStatuses": ["Failed", "Stopped"], "createTimeRange": {"start": BEGAN}}
    names = ["d-0", "d-1", "d-2", "d-3"]
    codedeploy.add_response("list_deployments", {"deployments": names}, asked)
    by_the_hook = {"lifecycleEvents": [{"lifecycleEventName": "AllowTraffic", "status": "Skipped"}]}
    for minutes, ended in (
        (9, target("lambent-digits")),
        (8, target(**by_the_hook)),
        (3, target()),
        (5, target()),
    ):
        ended["lambdaTarget"]["lastUpdatedAt"] = BEGAN + timedelta(minutes=minutes)
        codedeploy.add_response("list_deployment_targets", {"targetIds": ["t"]})
        codedeploy.add_response("batch_get_deployment_targets", {"deploymentTargets": [ended]})
    assert last_failure(codedeploy.client, "lambent-iris", BEGAN) == BEGAN + timedelta(minutes=5)
    codedeploy.add_response("list_deployments", {"deployments": []}, asked)
    assert last_failure(codedeploy.client, "lambent-iris", BEGAN) is None


def test_without_a_running_deployment_one_call_is_enough(codedeploy: Stubber) -> None:
    codedeploy.add_response("list_deployments", {"deployments": []})
    assert find_shift(codedeploy.client, "lambent-iris") is None


def test_who_may_not_ask_is_told_which_permission_is_missing(codedeploy: Stubber) -> None:
    codedeploy.add_client_error("list_deployments", "AccessDeniedException", "no", 403)
    with pytest.raises(AwsDenied, match="permission for ListDeployments"):
        find_shift(codedeploy.client, "lambent-iris")


ROUTINGS: list[tuple[dict[str, Any], Pace, float]] = [
    ({"type": "AllAtOnce"}, Pace("AllAtOnce"), 0),
    (
        {
            "type": "TimeBasedCanary",
            "timeBasedCanary": {"canaryPercentage": 10, "canaryInterval": 5},
        },
        Pace("TimeBasedCanary", 10, 5),
        300,
    ),
    (
        {
            "type": "TimeBasedLinear",
            "timeBasedLinear": {"linearPercentage": 10, "linearInterval": 2},
        },
        Pace("TimeBasedLinear", 10, 2),
        18 * 60,
    ),
]


@pytest.mark.parametrize(("routing", "pace", "seconds"), ROUTINGS)
def test_how_long_it_takes_is_read_from_the_configuration(
    codedeploy: Stubber, routing: dict[str, Any], pace: Pace, seconds: float
) -> None:
    """Never from its name: elsewhere minutes may be shorter."""
    about = {"deploymentInfo": {"deploymentConfigName": "Mine"}}
    described = {"deploymentConfigInfo": {"trafficRoutingConfig": routing}}
    codedeploy.add_response("get_deployment", about, {"deploymentId": "d-1"})
    codedeploy.add_response("get_deployment_config", described, {"deploymentConfigName": "Mine"})
    assert read_pace(codedeploy.client, "d-1") == pace
    assert pace.seconds == seconds


def test_minutes_may_be_fractions() -> None:
    linear = {"linearPercentage": 10, "linearInterval": 0.05}
    routing = {"type": "TimeBasedLinear", "timeBasedLinear": linear}
    assert pace_of({"trafficRoutingConfig": routing}).seconds == pytest.approx(27)
