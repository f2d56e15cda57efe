"""Pruning against a Lambda as strict as AWS's: what is in use is never deleted."""

from typing import Any

import pytest

from infra.aws import Aws
from infra.errors import Conflict, NotFound
from infra.release.deployed.alias import point_alias
from infra.release.deployed.live import read_versions, require_live
from infra.release.deployed.observed import observe
from infra.release.retention import prune
from infra.release.switch import rollback
from tests.infra.release.released import MODEL, release

FUNCTION = "lambent-scaled"


@pytest.fixture
def deployed(aws: Aws) -> Aws:
    """scaled@1 to scaled@4, released by CloudFormation one after the other; the last is live."""
    del aws.__dict__["lambda_"]  # the embedded one, and not the stand-in
    for version in "1234":
        release(aws, version)
    return aws


def numbers(aws: Aws) -> list[str]:
    return [version.number for version in read_versions(aws, MODEL)]


def run(aws: Aws, keep: int) -> tuple[list[str], list[str]]:
    """What was deleted, and what was told."""
    told: list[str] = []
    plan = prune.plan(MODEL, prune.take_inventory(aws, MODEL), keep)
    return [version.number for version in prune.apply(aws, plan, told.append)], told


def go_back(aws: Aws, to: str | None = None) -> None:
    observed = observe(aws, MODEL)
    planned = rollback.plan(MODEL, observed, to)
    rollback.apply(aws, planned)
    rollback.remember(aws, planned, observed.events, "")


def test_what_is_further_away_than_kept_is_deleted_and_a_rollback_still_works(
    deployed: Aws,
) -> None:
    assert run(deployed, keep=1) == (["1", "2"], [])
    assert numbers(deployed) == ["3", "4"]
    go_back(deployed)
    assert require_live(deployed, MODEL).version.number == "3"


def test_the_plan_says_what_is_freed(deployed: Aws) -> None:
    plan = prune.plan(MODEL, prune.take_inventory(deployed, MODEL), keep=2)
    (first,) = plan.deletes
    assert first.number == "1"
    assert plan.frees == first.size > 0


def test_a_target_of_long_ago_is_gone_and_the_rollback_refused_with_the_alias_unmoved(
    deployed: Aws,
) -> None:
    """Fault row 42 stays true: whoever goes back further than was kept is told."""
    run(deployed, keep=1)
    go_back(deployed)
    with pytest.raises(
        NotFound, match=r"Lambda version 2 of scaled: which served 2 before, is gone"
    ):
        go_back(deployed)
    assert require_live(deployed, MODEL).version.number == "3"


def test_the_stacks_own_version_stays_although_it_was_rolled_back(deployed: Aws) -> None:
    """A failed update of the stack goes back to it."""
    go_back(deployed)
    observed = prune.take_inventory(deployed, MODEL)
    assert observed.in_use == {"4": "the stack's own", "3": "alias live"}
    assert run(deployed, keep=5) == ([], [])


def test_a_version_of_any_alias_stays(deployed: Aws) -> None:
    deployed.lambda_.create_alias(
        FunctionName=FUNCTION,
        Name="beta",
        FunctionVersion="1",
        RoutingConfig={"AdditionalVersionWeights": {"2": 0.5}},
    )
    assert run(deployed, keep=1) == ([], [])


def test_what_came_into_use_meanwhile_is_told_and_the_rest_goes(deployed: Aws) -> None:
    """Lambda refuses to delete a version that an alias names, and has the last word."""
    plan = prune.plan(MODEL, prune.take_inventory(deployed, MODEL), keep=1)
    deployed.lambda_.create_alias(FunctionName=FUNCTION, Name="beta", FunctionVersion="1")
    deployed.lambda_.delete_function(FunctionName=FUNCTION, Qualifier="2")
    told: list[str] = []
    assert prune.apply(deployed, plan, told.append) == ()
    assert len(told) == 1
    assert "version 1" in told[0]
    assert "beta" in told[0]
    assert numbers(deployed) == ["1", "3", "4"]


def test_a_move_of_the_alias_meanwhile_stops_it(deployed: Aws) -> None:
    """Fault row 40: between the plan and the answer to "Delete?" somebody else rolled back."""
    plan = prune.plan(MODEL, prune.take_inventory(deployed, MODEL), keep=1)
    live: Any = require_live(deployed, MODEL)
    point_alias(deployed, MODEL, "2", revision=live.revision)
    with pytest.raises(Conflict, match="nothing was deleted"):
        prune.apply(deployed, plan, print)
    assert numbers(deployed) == ["1", "2", "3", "4"]
