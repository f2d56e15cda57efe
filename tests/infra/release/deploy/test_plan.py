"""What a deploy decides, before anything is changed."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from infra.errors import Refused
from infra.release.deploy.parameters import Choices
from infra.release.deploy.plan import plan_deploy
from infra.release.deploy.situation import Situation
from infra.release.deployed.live import FALLBACK_ONLY, Live
from model_store.artifact import standby
from model_store.contract import Contract, default_tensors
from model_store.fallbacks.expression import FeatureOf
from model_store.fallbacks.records import Constant, Rule, Rules
from tests.infra.release.conftest import digest_of, event, lambda_version, live_at, manifest, stack

Make = Callable[..., Situation]
AFTER_A_ROLLBACK = (
    event(1, "release", None, 1, "1"),
    event(2, "release", 1, 2, "2"),
    event(3, "rollback", 2, 1, "1"),
)


def test_a_first_deploy_builds_creates_and_goes_live(situation: Make) -> None:
    """There is nothing to move traffic from, so nothing moves it bit by bit."""
    plan = plan_deploy(situation())
    steps = ["sam", "sam", "alias", "write", "write"]
    assert [step.split()[0] for step in plan.steps] == steps
    assert "create stack lambent-scaled" in plan.steps[1]
    assert plan.steps[2] == "alias live → scaled@1, at once"
    assert (plan.is_live, plan.is_gated, plan.settling) == (False, False, None)


def test_the_plan_names_the_file_that_is_written(situation: Make) -> None:
    plan = plan_deploy(situation(samconfig=".lambent/samconfig-4777.toml"))
    assert plan.steps[-1].endswith("of .lambent/samconfig-4777.toml")


def test_what_is_built_already_is_not_built_again(situation: Make) -> None:
    assert not any("sam build" in step for step in plan_deploy(situation(is_built=True)).steps)


def test_the_parameters_pin_the_model_and_its_standby(situation: Make) -> None:
    parameters = plan_deploy(situation("2")).parameters
    assert parameters["ModelName"] == "scaled"
    assert parameters["ModelVersion"] == "2"
    assert parameters["ModelDigest"] == digest_of("2")
    assert standby.unpack(parameters["Standby"]).digest == digest_of("2")


@pytest.mark.parametrize(
    "change",
    [
        {"code": "other"},
        {"choices": Choices(memory=2048)},
        {"choices": Choices(cors_origins=("https://shop.example",))},
        {"version": "2"},
    ],
)
def test_code_model_and_configuration_each_make_a_new_release(
    situation: Make, change: dict[str, object]
) -> None:
    def release(made: Situation) -> str:
        return plan_deploy(made).parameters["ReleaseDigest"]

    assert release(situation(**change)) != release(situation())
    assert release(situation()) == release(situation())


def deployed(situation: Make, version: str = "1") -> Situation:
    parameters = plan_deploy(situation(version)).parameters
    return situation(version, stack=stack(parameters), live=live_at(1, version), is_built=True)


def test_what_is_live_already_is_left_alone(situation: Make) -> None:
    plan = plan_deploy(deployed(situation))
    assert plan.is_live
    assert plan.steps == ()


def test_again_deploys_what_is_live_already(situation: Make) -> None:
    assert plan_deploy(deployed(situation), again=True).steps


def test_an_alias_moved_by_hand_is_brought_back_by_a_new_release(situation: Make) -> None:
    """CloudFormation sees no change otherwise, and the alias would stay where it is."""
    before = deployed(situation)
    moved = replace(before, live=live_at(7, "3"))
    plan = plan_deploy(moved)
    assert not plan.is_live
    assert before.stack is not None
    assert plan.parameters["ReleaseDigest"] != before.stack.parameters["ReleaseDigest"]


def test_a_rolled_back_model_does_not_come_back_by_an_unrelated_deploy(situation: Make) -> None:
    """The deploy after a rollback is refused, and both ways out are named."""
    made = situation("2", live=live_at(1, "1"), events=AFTER_A_ROLLBACK)
    with pytest.raises(Refused) as refusal:
        plan_deploy(made)
    message = str(refusal.value)
    assert "lambent deploy scaled@1" in message
    assert "lambent deploy scaled@2 --again" in message
    assert "worse" in message


def test_a_destroyed_stack_does_not_make_a_rolled_back_model_good(situation: Make) -> None:
    with pytest.raises(Refused, match=r"scaled@1 was live since.*--again"):
        plan_deploy(situation("2", live=None, events=AFTER_A_ROLLBACK))


def test_the_good_model_deploys_after_a_rollback(situation: Make) -> None:
    made = situation("1", live=live_at(1, "1"), events=AFTER_A_ROLLBACK)
    assert plan_deploy(made).parameters["ModelVersion"] == "1"


def test_again_releases_a_rolled_back_model_under_a_new_digest(situation: Make) -> None:
    before = plan_deploy(situation("2")).parameters
    made = situation("2", stack=stack(before), live=live_at(1, "1"), events=AFTER_A_ROLLBACK)
    plan = plan_deploy(made, again=True)
    assert plan.parameters["ReleaseDigest"] != before["ReleaseDigest"]


@pytest.mark.parametrize(
    ("status", "way_out"),
    [
        ("UPDATE_IN_PROGRESS", "Wait"),
        ("ROLLBACK_COMPLETE", "lambent destroy scaled"),
        ("UPDATE_ROLLBACK_FAILED", "continue-update-rollback"),
    ],
)
def test_a_stack_that_takes_no_update_is_refused(
    situation: Make, status: str, way_out: str
) -> None:
    with pytest.raises(Refused, match=way_out):
        plan_deploy(situation(stack=stack(status=status)))


def test_a_contract_too_large_for_the_standby_is_said(situation: Make) -> None:
    features = [{"kind": "number", "name": f"f{digest_of(str(i))[:40]}"} for i in range(300)]
    contract = Contract.model_validate({"name": "wide", "version": "1.0", "features": features})
    wide = manifest(contract=contract, inputs=default_tensors(contract))
    plan = plan_deploy(situation(manifest=wide))
    assert any("too large for the standby" in note for note in plan.notes)
    assert len(plan.parameters["Standby"]) <= standby.LIMIT


def test_a_chain_that_needs_s3_to_its_end_is_said(situation: Make) -> None:
    condition = FeatureOf(f="x")
    rules = Rules(rules=(Rule(when="x", condition=condition, value=1.0),))
    told = "while S3 is down, callers may get 503"
    for fallbacks, said in [((rules,), True), ((rules, Constant(value=0.0)), False)]:
        plan = plan_deploy(situation(manifest=manifest(fallbacks=fallbacks)))
        assert any(told in note for note in plan.notes) is said


@pytest.mark.parametrize(
    ("spare", "wanted", "said"), [(10, 20, True), (1000, 20, False), (10, -1, False)]
)
def test_a_small_account_is_warned_of_the_reservation(
    situation: Make, spare: int, wanted: int, said: bool
) -> None:
    """A new account may have 10 executions in all; CloudFormation fails late on it."""
    choices = Choices(reserved_concurrency=wanted)
    plan = plan_deploy(situation(spare_concurrency=spare, choices=choices))
    assert any("--reserved-concurrency -1" in note for note in plan.notes) is said


def test_a_model_without_a_fallback_is_said(situation: Make) -> None:
    plan = plan_deploy(situation(manifest=manifest(fallbacks=())))
    assert any("503" in note for note in plan.notes)


def test_a_deploy_ends_the_fallback_if_the_version_is_named(situation: Make) -> None:
    """Only the fallback of this very release is live: the alias has to move all the same."""
    released = (event(1, "release", None, 1, "1"),)
    before = situation(stack=stack(), events=released)
    pinned = stack(plan_deploy(before).parameters)
    only = replace(lambda_version(2, "1"), environment=FALLBACK_ONLY)
    switched = (*released, event(2, "fallback on", 1, 2, "1"))
    off = situation(stack=pinned, live=Live(only, {}, "r"), events=switched)
    plan = plan_deploy(off)
    assert not plan.is_live
    assert plan.parameters["ReleaseDigest"] != pinned.parameters["ReleaseDigest"]
    assert any("switched off" in note for note in plan.notes)
    with pytest.raises(Refused, match="lambent fallback scaled off"):
        plan_deploy(replace(off, is_named=False))
    assert not plan_deploy(replace(off, events=released)).is_live
    back = (*switched, event(3, "fallback off", 2, 1, "1"))
    assert plan_deploy(situation(stack=pinned, live=live_at(1, "1"), events=back)).is_live


def test_a_switch_that_was_cut_short_is_said_and_mended(situation: Make) -> None:
    assert any("cut short" in note for note in plan_deploy(situation(cut_short=True)).notes)
