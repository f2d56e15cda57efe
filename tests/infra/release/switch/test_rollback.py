"""Going back moves the alias and nothing else, and two who do it at once cannot both win."""

from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import pytest
from botocore.exceptions import EndpointConnectionError

from infra.aws import Aws
from infra.errors import AwsUnavailable, Conflict, NotFound, Refused
from infra.release.deployed.alias import point_alias
from infra.release.deployed.history import history_of
from infra.release.deployed.live import FALLBACK_ONLY, LambdaVersion, require_live
from infra.release.deployed.observed import Observed, find_version, observe
from infra.release.stack.samconfig import SamConfig
from infra.release.switch import rollback
from model_store.history.table import HistoryTable, Move
from tests.infra.release.conftest import (
    StrictLambda,
    client_error,
    digest_of,
    lambda_version,
    live_at,
)

MODEL = "scaled"


@pytest.fixture
def strict(aws: Aws) -> StrictLambda:
    return cast(StrictLambda, aws.lambda_)


@pytest.fixture
def released(aws: Aws) -> HistoryTable:
    """A history in which versions 1, 2 and 3 were released in turn."""
    history = history_of(aws)
    for number in (1, 2, 3):
        source = str(number - 1) if number > 1 else None
        move = Move("release", source, "ada")
        history.record(MODEL, move, lambda_version(number, str(number)))
    return history


def go_back(aws: Aws, to: str | None = None, why: str = "") -> rollback.RollbackPlan:
    observed = observe(aws, MODEL)
    plan = rollback.plan(MODEL, observed, to)
    rollback.apply(aws, plan)
    rollback.remember(aws, plan, observed.events, why)
    return plan


def broken(aws: Aws, service: str, operation: str) -> None:
    def refuse(**_: Any) -> None:
        raise EndpointConnectionError(endpoint_url=f"https://{service}")

    getattr(aws, service).meta.events.register_first(f"before-call.{service}.{operation}", refuse)


def test_it_goes_back_to_what_was_live_before(
    aws: Aws, strict: StrictLambda, released: HistoryTable
) -> None:
    go_back(aws, why="wrong answers")
    assert strict.live == "2"
    last = released.events(MODEL)[-1]
    assert (last.action, last.source, last.target) == ("rollback", "3", "2")
    assert (last.model_version, last.digest, last.why) == ("2", digest_of("2"), "wrong answers")


def test_twice_goes_back_twice(aws: Aws, strict: StrictLambda, released: HistoryTable) -> None:
    go_back(aws)
    go_back(aws)
    assert strict.live == "1"
    with pytest.raises(Refused, match="nothing earlier"):
        go_back(aws)
    assert strict.live == "1"


@pytest.mark.parametrize("to", ["1", "lambda:1"])
def test_a_version_can_be_named(
    aws: Aws, strict: StrictLambda, released: HistoryTable, to: str
) -> None:
    go_back(aws, to)
    assert strict.live == "1"


def test_a_model_version_wins_over_a_lambda_version_of_the_same_number(
    aws: Aws, strict: StrictLambda, released: HistoryTable
) -> None:
    strict.versions.append(LambdaVersion("7", "1", digest_of("1")))
    assert rollback.plan(MODEL, observe(aws, MODEL), "1").target.number == "7"
    assert rollback.plan(MODEL, observe(aws, MODEL), "lambda:1").target.number == "1"


def test_the_loser_of_two_rollbacks_says_who_won(
    aws: Aws, strict: StrictLambda, released: HistoryTable
) -> None:
    """Fault row 40: the alias moved after it was observed; it is not moved again."""
    strict.meanwhile = lambda: point_alias(aws, MODEL, "1", revision=str(strict.revision))
    with pytest.raises(Conflict, match=r"now live is version 1 \(scaled@1\).*version 2 was not"):
        go_back(aws)
    assert strict.live == "1"
    assert [e.action for e in released.events(MODEL)] == ["release"] * 3


def test_the_update_carries_the_revision_that_was_observed(
    aws: Aws, strict: StrictLambda, released: HistoryTable
) -> None:
    """Fault row 40: a compare-and-set, on what was seen and not on what is now."""
    plan = rollback.plan(MODEL, observe(aws, MODEL))
    strict.revision += 1  # somebody changed the alias without moving it
    with pytest.raises(Conflict):
        rollback.apply(aws, plan)


@pytest.mark.parametrize("to", ["9", "lambda:9", "2.0.1"])
def test_a_target_that_is_missing_is_refused(
    aws: Aws, strict: StrictLambda, released: HistoryTable, to: str
) -> None:
    """Fault row 42: refused, the alternatives named, the alias unmoved."""
    with pytest.raises(NotFound, match="Choose among 2, 1"):
        go_back(aws, to)
    assert strict.live == "3"
    assert "UpdateAlias" not in strict.calls


def test_a_target_that_was_deleted_since_is_refused(
    aws: Aws, strict: StrictLambda, released: HistoryTable
) -> None:
    """Fault row 42: the history names Lambda version 2, which is gone."""
    del strict.versions[1]
    with pytest.raises(NotFound, match=r"is gone.*--to 1"):
        go_back(aws)
    assert strict.live == "3"


def test_a_number_that_means_another_model_now_is_refused(
    aws: Aws, strict: StrictLambda, released: HistoryTable
) -> None:
    """Fault row 42: after a destroy the numbers may start again."""
    strict.versions[1] = LambdaVersion("2", "other", "f" * 64)
    with pytest.raises(NotFound, match="is gone"):
        go_back(aws)


def test_it_works_while_s3_is_down(aws: Aws, strict: StrictLambda, released: HistoryTable) -> None:
    """Fault row 43: every call to S3 fails, and none is made."""
    for operation in ("GetObject", "HeadObject", "ListObjectsV2", "PutObject"):
        broken(aws, "s3", operation)
    aws.__dict__["s3"] = None
    go_back(aws)
    assert strict.live == "2"


def test_without_the_history_it_needs_to_be_told_where_to(
    aws: Aws, strict: StrictLambda, released: HistoryTable
) -> None:
    """Fault row 43, one service further: DynamoDB is down as well."""
    broken(aws, "dynamodb", "Query")
    with pytest.raises(AwsUnavailable, match="--to 2, 1"):
        rollback.plan(MODEL, observe(aws, MODEL))
    plan = rollback.plan(MODEL, observe(aws, MODEL), "1")
    rollback.apply(aws, plan)
    assert strict.live == "1"


def test_it_clears_the_weights_of_a_canary(
    aws: Aws, strict: StrictLambda, released: HistoryTable
) -> None:
    """Fault row 46: an update of the version alone would keep them."""
    strict.weights = {"1": 0.2}
    plan = go_back(aws)
    assert plan.clears == {"1": 0.2}
    assert strict.weights == {}


def test_going_back_to_what_is_live_ends_a_canary_and_moves_nothing(
    aws: Aws, strict: StrictLambda, released: HistoryTable
) -> None:
    """Fault row 46."""
    observed = observe(aws, MODEL)
    assert rollback.plan(MODEL, observed, "3").changes_nothing
    strict.weights = {"1": 0.2}
    go_back(aws, "3")
    assert (strict.live, strict.weights) == ("3", {})


def test_a_move_that_lambent_did_not_make_is_gone_back_from(
    aws: Aws, strict: StrictLambda, released: HistoryTable
) -> None:
    """A plain sam deploy released version 4; going back leads to 3, and both are written down."""
    strict.versions.append(lambda_version(4, "4"))
    strict.live = "4"
    go_back(aws)
    assert strict.live == "3"
    assert [(e.action, e.target) for e in released.events(MODEL)[3:]] == [
        ("observed", "4"),
        ("rollback", "3"),
    ]


def test_planning_writes_nothing(aws: Aws, strict: StrictLambda, released: HistoryTable) -> None:
    strict.versions.append(lambda_version(4, "4"))
    strict.live = "4"
    rollback.plan(MODEL, observe(aws, MODEL))
    assert len(released.events(MODEL)) == 3
    assert "UpdateAlias" not in strict.calls


def test_samconfig_names_the_good_model_afterwards(
    aws: Aws, strict: StrictLambda, released: HistoryTable, tmp_path: Path
) -> None:
    """The plain sam deploy after a rollback releases the good model again, as a new version."""
    root = Path(__file__).parents[4]
    config = SamConfig(tmp_path / "samconfig.toml")
    before = {
        "ModelVersion": "3",
        "ModelDigest": "bad",
        "ReleaseDigest": "old",
        "MemorySize": "512",
    }
    target = {"Architecture": "arm64", "Runtime": "python3.13"}
    config.write(MODEL, before | target, "us-east-1")
    plan = go_back(aws)
    assert rollback.repoint(plan, released.events(MODEL), config, root, "us-east-1")
    after = config.parameters(MODEL)
    assert (after["ModelVersion"], after["ModelDigest"]) == ("2", digest_of("2"))
    assert after["Standby"] == "standby-2"
    assert after["MemorySize"] == "512"
    assert after["ReleaseDigest"] != "old"


def test_without_a_samconfig_there_is_nothing_to_repoint(
    aws: Aws, released: HistoryTable, tmp_path: Path
) -> None:
    config = SamConfig(tmp_path / "samconfig.toml")
    assert not rollback.repoint(go_back(aws), (), config, tmp_path, None)
    assert not config.path.exists()


def test_a_model_that_is_not_deployed_is_said(aws: Aws, strict: StrictLambda) -> None:
    def missing(**_: str) -> None:
        raise client_error("ResourceNotFoundException", "Function not found", 404)

    strict.get_alias = missing
    with pytest.raises(NotFound, match="lambent deploy scaled"):
        require_live(aws, MODEL)


@pytest.mark.parametrize("to", [None, "7"])
def test_without_another_version_the_way_out_is_to_deploy_one(to: str | None) -> None:
    only = lambda_version(1, "1")
    observed = Observed(live_at(1, "1"), (only,), ())
    with pytest.raises((Refused, NotFound), match="There is no other version; deploy one"):
        rollback.plan(MODEL, observed, to)


def test_whoever_asks_for_a_version_may_choose_the_live_one(aws: Aws) -> None:
    with pytest.raises(NotFound, match="Choose among 3, 2, 1"):
        find_version(aws, MODEL, "5")


def switched_off(aws: Aws, strict: StrictLambda) -> None:
    """Version 3 is live, and somebody has put its model on the fallback: Lambda version 4."""
    strict.versions.append(replace(lambda_version(4, "3"), environment=FALLBACK_ONLY))
    strict.live = "4"


def test_while_only_the_fallback_answers_it_goes_to_the_model_before(
    aws: Aws, strict: StrictLambda, released: HistoryTable
) -> None:
    """Version 3 is what was switched off: the fallback has told enough of it."""
    switched_off(aws, strict)
    assert go_back(aws).ends_fallback
    assert strict.live == "2"
    assert [(e.action, e.source, e.target) for e in released.events(MODEL)[3:]] == [
        ("fallback on", "3", "4"),
        ("rollback", "4", "2"),
    ]
    assert go_back(aws).target.number == "1"


def test_a_fallback_only_version_is_no_target(
    aws: Aws, strict: StrictLambda, released: HistoryTable
) -> None:
    """By the version of its model it means the one with the model, by its number it is refused."""
    switched_off(aws, strict)
    assert rollback.plan(MODEL, observe(aws, MODEL), "3").target.number == "3"
    strict.live = "3"
    with pytest.raises(Refused, match="lambent fallback scaled on"):
        rollback.plan(MODEL, observe(aws, MODEL), "lambda:4")
    assert find_version(aws, MODEL, "3").number == "3"
    assert find_version(aws, MODEL, "lambda:4").number == "4"
