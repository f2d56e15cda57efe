"""Moving the alias: a compare-and-set that says everything it wants the alias to be."""

import pytest

from infra.errors import Conflict, NotFound, Refused
from infra.release.deployed.alias import check_weights, point_alias
from tests.infra.release.stubs import configuration, stubbed

ALIAS = {"FunctionName": "lambent-scaled", "Name": "live"}


def test_the_move_names_the_revision_it_saw_and_no_weights() -> None:
    """Fault rows 40 and 46: without RoutingConfig, AWS would keep a canary's weights."""
    aws, functions = stubbed("lambda_")
    asked = {
        "FunctionVersion": "2",
        "RevisionId": "seen",
        "RoutingConfig": {"AdditionalVersionWeights": {}},
    }
    functions.add_response("update_alias", {}, ALIAS | asked)
    point_alias(aws, "scaled", "2", revision="seen")
    functions.assert_no_pending_responses()


def test_weights_that_can_be_are_part_of_the_move() -> None:
    aws, functions = stubbed("lambda_")
    routing = {"AdditionalVersionWeights": {"2": 0.1}}
    asked = {"FunctionVersion": "3", "RevisionId": "seen", "RoutingConfig": routing}
    functions.add_response("update_alias", {}, ALIAS | asked)
    point_alias(aws, "scaled", "3", revision="seen", weights={"2": 0.1})
    functions.assert_no_pending_responses()


def test_the_loser_says_who_won() -> None:
    """Fault row 40: the revision is no longer the one that was seen."""
    aws, functions = stubbed("lambda_")
    functions.add_client_error("update_alias", "PreconditionFailedException", "stale", 412)
    functions.add_response("get_alias", {"FunctionVersion": "7", "RevisionId": "new"}, ALIAS)
    functions.add_response("get_function_configuration", configuration("7", "2.1"))
    with pytest.raises(Conflict, match=r"live is version 7 \(scaled@2\.1\), so version 2 was not"):
        point_alias(aws, "scaled", "2", revision="seen")


def test_the_loser_to_a_destroy_says_so() -> None:
    """Fault row 40."""
    aws, functions = stubbed("lambda_")
    functions.add_client_error("update_alias", "PreconditionFailedException", "stale", 412)
    functions.add_client_error("get_alias", "ResourceNotFoundException", "no function", 404)
    with pytest.raises(NotFound, match="was destroyed meanwhile"):
        point_alias(aws, "scaled", "2", revision="seen")


def test_a_version_that_is_gone_is_no_lost_race() -> None:
    """Fault row 42: Lambda itself refuses, and the alias stays."""
    aws, functions = stubbed("lambda_")
    functions.add_client_error("update_alias", "ResourceNotFoundException", "no version 2", 404)
    with pytest.raises(NotFound, match="no version 2"):
        point_alias(aws, "scaled", "2", revision="seen")


@pytest.mark.parametrize(
    "weights", [{"1": 1.5}, {"1": -0.1}, {"1": float("nan")}, {"3": 0.1}, {"1": 0.1, "2": 0.1}]
)
def test_weights_that_cannot_be_are_refused_before_the_call(weights: dict[str, float]) -> None:
    """Fault row 44: a share that is none, the main version itself, or a third version."""
    aws, _nothing_is_queued = stubbed("lambda_")
    with pytest.raises(Refused):
        point_alias(aws, "scaled", "3", revision="seen", weights=weights)


@pytest.mark.parametrize("weights", [{}, {"2": 0.0}, {"2": 1.0}])
def test_weights_at_their_bounds_are_taken(weights: dict[str, float]) -> None:
    check_weights("3", weights)
