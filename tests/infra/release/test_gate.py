"""A release goes through the gate, and one that is refused leaves no trace that could come back."""

import json
import time
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import pytest

from infra.aws import Aws
from infra.errors import NotFound, NotReleased, Refused, ToolFailed
from infra.release.deploy import deploy as deploying
from infra.release.deploy.plan import DeployPlan, plan_deploy
from infra.release.deploy.runs import Deployer
from infra.release.deployed.alias import point_alias
from infra.release.deployed.history import history_of
from infra.release.deployed.live import FALLBACK_ONLY, require_live
from infra.release.deployed.observed import observe
from infra.release.stack.platform import artifact_bucket, require_platform
from infra.release.switch import rollback
from model_store.artifact.layout import manifest_key
from model_store.history.table import Move

from .alarms import set_alarm
from .conftest import FakeSam, StrictLambda, digest_of, manifest
from .shifting import Shifting

MODEL = "scaled"
Deploy = Callable[..., DeployPlan]


@pytest.fixture
def sam(aws: Aws, tmp_path: Path) -> FakeSam:
    for name in ("template.yaml", "requirements/lambda.txt", "functions/__init__.py"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("1")
    aws.__dict__["lambda_"] = StrictLambda([], "")
    bucket = artifact_bucket(aws, require_platform(aws))
    for version in ("1", "2", "3"):
        made = manifest(version)
        assert bucket.create(manifest_key(made.reference), made.to_bytes())
    return FakeSam.over(aws, tmp_path)


@pytest.fixture
def heard() -> list[str]:
    """What somebody who deploys is told meanwhile."""
    return []


@pytest.fixture
def deployer(aws: Aws, sam: FakeSam, heard: list[str]) -> Deployer:
    return Deployer(aws, sam, tell=heard.append, sleep=lambda _: None)


@pytest.fixture
def deploy(deployer: Deployer) -> Deploy:
    def run(version: str, *, again: bool = False, **options: Any) -> DeployPlan:
        situation = deploying.observe(deployer, f"{MODEL}@{version}", options)
        plan = plan_deploy(situation, again=again)
        if not plan.is_live:
            deploying.apply(deployer, plan)
        return plan

    return run


@pytest.fixture
def strict(aws: Aws, sam: FakeSam, deploy: Deploy) -> StrictLambda:
    """Versions 1 and 2 were released, 2 is live."""
    deploy("1")
    deploy("2")
    sam.deployed.clear()
    return cast(StrictLambda, aws.lambda_)


def go_back(aws: Aws, deployer: Deployer) -> None:
    observed = observe(aws, MODEL)
    plan = rollback.plan(MODEL, observed)
    rollback.apply(aws, plan)
    events = rollback.remember(aws, plan, observed.events, "")
    assert rollback.repoint(plan, events, deployer.samconfig, deployer.sam.root, aws.region)


def ran(sam: FakeSam) -> list[tuple[str, str]]:
    return [(given["ModelVersion"], given["Gate"]) for given in sam.deployed]


def test_the_next_release_goes_through_the_gate(
    strict: StrictLambda, sam: FakeSam, deploy: Deploy
) -> None:
    plan = deploy("3")
    assert (plan.is_gated, plan.settling, ran(sam)) == (True, None, [("3", "true")])
    assert "ask the new Lambda version of scaled@3 before it gets traffic" in plan.steps


def test_after_a_rollback_what_is_live_is_deployed_first(
    aws: Aws, strict: StrictLambda, sam: FakeSam, deployer: Deployer, deploy: Deploy
) -> None:
    """CodeDeploy fails when the alias is not where CloudFormation put it."""
    go_back(aws, deployer)
    plan = deploy("3")
    assert ran(sam) == [("1", "false"), ("3", "true")]
    assert any(
        step.startswith("settle: sam deploy of what is live (scaled@1)") for step in plan.steps
    )
    assert len({given["ReleaseDigest"] for given in sam.deployed}) == 2
    events = history_of(aws).events(MODEL)[-3:]
    assert [(e.action, e.model_version) for e in events] == [
        ("rollback", "1"),
        ("release", "1"),
        ("release", "3"),
    ]
    assert deploy("3").is_live


def test_deploying_what_is_live_after_a_rollback_only_settles_it(
    aws: Aws, strict: StrictLambda, sam: FakeSam, deployer: Deployer, deploy: Deploy
) -> None:
    go_back(aws, deployer)
    assert not deploy("1").is_gated
    assert ran(sam) == [("1", "false")]
    assert deployer.samconfig.parameters(MODEL)["Gate"] == "true"
    assert deploy("1").is_live


def test_settling_keeps_the_settings_of_the_stack(
    aws: Aws, strict: StrictLambda, sam: FakeSam, deployer: Deployer, deploy: Deploy
) -> None:
    go_back(aws, deployer)
    deploy("1", memory=2048)
    assert [(given["MemorySize"], given["Gate"]) for given in sam.deployed] == [
        ("1024", "false"),
        ("2048", "true"),
    ]


def test_settling_the_very_model_of_the_stack_publishes_all_the_same(
    aws: Aws, strict: StrictLambda, sam: FakeSam, deployer: Deployer, deploy: Deploy
) -> None:
    """The alias was led to another Lambda version with the model that the stack pins."""
    strict.versions.append(replace(strict.versions[1], number="3"))
    point_alias(aws, MODEL, "3", revision=str(strict.revision))
    pinned = deployer.samconfig.parameters(MODEL)["ReleaseDigest"]
    deploy("3")
    assert ran(sam) == [("2", "false"), ("3", "true")]
    assert pinned not in {given["ReleaseDigest"] for given in sam.deployed}


def test_a_plain_sam_deploy_after_a_rollback_has_no_gate_to_fail_at(
    aws: Aws, strict: StrictLambda, deployer: Deployer
) -> None:
    go_back(aws, deployer)
    after = deployer.samconfig.parameters(MODEL)
    assert (after["Gate"], after["ModelVersion"]) == ("false", "1")


def test_a_model_that_is_switched_off_stays_off_until_the_release_is_live(
    aws: Aws, strict: StrictLambda, sam: FakeSam, deploy: Deploy
) -> None:
    """Settling must not bring back what somebody found to answer nonsense."""
    strict.versions.append(replace(strict.versions[1], number="3", environment=FALLBACK_ONLY))
    history = history_of(aws)
    point_alias(aws, MODEL, "3", revision=str(strict.revision))
    history.record(MODEL, Move("fallback on", "2", "ada"), strict.versions[2])
    plan = deploy("3")
    assert ran(sam) == [("2", "false"), ("3", "true")]
    assert [given["FallbackOnly"] for given in sam.deployed] == ["on", "off"]
    assert strict.versions[3].is_fallback_only
    assert any("fallback only" in step for step in plan.steps)
    assert deploy("3").is_live


def test_code_that_does_not_answer_is_not_left_live_by_settling(
    aws: Aws, strict: StrictLambda, sam: FakeSam, deployer: Deployer, deploy: Deploy
) -> None:
    go_back(aws, deployer)
    strict.broken.add("3")
    with pytest.raises(Refused, match="live is Lambda version 1, as before"):
        deploy("3")
    assert (strict.live, ran(sam)) == ("1", [("1", "false")])


def test_weights_that_nobody_shifts_are_cleared_first(
    strict: StrictLambda, sam: FakeSam, deploy: Deploy
) -> None:
    """Fault row 46."""
    strict.weights = {"1": 0.5}
    deploy("3")
    assert (strict.weights, ran(sam)) == ({}, [("2", "false"), ("3", "true")])


def test_weights_of_a_release_that_began_meanwhile_are_left_alone(
    aws: Aws, strict: StrictLambda, deployer: Deployer
) -> None:
    """Fault rows 40 and 41: between the plan and the answer to "Deploy?" somebody else's release
    may have begun; CodeDeploy would find its alias moved."""
    plan = plan_deploy(deploying.observe(deployer, f"{MODEL}@3", {}))
    strict.weights = {"1": 0.1}
    aws.__dict__["codedeploy"] = Shifting(strict, "2", "1")
    with pytest.raises(Refused, match="is just being released"):
        deploying.apply(deployer, plan)
    assert (strict.live, strict.weights) == ("2", {"1": 0.1})


def refuse(aws: Aws, sam: FakeSam, by: str) -> None:
    """sam ends as after a refusal, which `by` has written down."""
    sam.refuses.add(digest_of("3"))
    moved = sam.deploy

    def deploy(environment: str, template: Path, config: Path | None = None) -> None:
        try:
            moved(environment, template, config)
        finally:
            if by:
                move = Move("refused", "3", by, "golden example 3: wrong", digest_of("3"))
                history_of(aws).record(MODEL, move, require_live(aws, MODEL).version)

    sam.__dict__["deploy"] = deploy


def log_refusal(aws: Aws, candidate: str) -> None:
    check = {"name": "golden", "verdict": "failed", "told": "golden example 3: wrong"}
    line = {"message": "refused", "report": {"candidate": candidate, "checks": [check]}}
    group = {"logGroupName": f"/aws/lambda/lambent-{MODEL}_pretraffic"}
    aws.logs.create_log_group(**group)
    aws.logs.create_log_stream(**group, logStreamName="s")
    event = {"timestamp": int(time.time() * 1000), "message": json.dumps(line)}
    aws.logs.put_log_events(**group, logStreamName="s", logEvents=[event])


def test_a_refused_release_says_who_refused_it_and_why(
    aws: Aws,
    strict: StrictLambda,
    sam: FakeSam,
    deployer: Deployer,
    heard: list[str],
    deploy: Deploy,
) -> None:
    """The old version is live, and the samconfig that plain sam reads never named the new one."""
    before = deployer.samconfig.parameters(MODEL)
    refuse(aws, sam, by="lambent gate")
    log_refusal(aws, candidate="3")
    with pytest.raises(NotReleased) as refusal:
        deploy("3")
    assert heard == ["golden: failed, golden example 3: wrong"]
    assert refusal.value.what == (
        "was refused by lambent gate: golden example 3: wrong; scaled@2 is live"
    )
    assert "lambent deploy scaled@3 --again" in refusal.value.next_step
    assert strict.live == "2"
    assert deployer.samconfig.parameters(MODEL) == before
    assert [e.action for e in history_of(aws).events(MODEL)].count("refused") == 1


def test_a_release_that_codedeploy_stopped_for_an_alarm_is_written_down(
    aws: Aws, strict: StrictLambda, sam: FakeSam, deploy: Deploy
) -> None:
    """Nobody else can: neither the hook nor the judge refused it."""
    refuse(aws, sam, by="")
    codedeploy = Shifting(strict, "2", "3")
    codedeploy.status = "Succeeded"
    aws.__dict__["codedeploy"] = codedeploy
    codedeploy.fail("ALARM_ACTIVE", "Activated alarms: lambent-scaled-canary-errors-3.")
    with pytest.raises(NotReleased, match=r"canary-errors-3 \(ALARM_ACTIVE\); scaled@2 is live"):
        deploy("3")
    last = history_of(aws).events(MODEL)[-1]
    assert (last.action, last.source, last.target, last.left, last.who) == (
        "refused",
        "3",
        "2",
        digest_of("3"),
        "CodeDeploy",
    )


def test_what_was_refused_does_not_come_back_by_accident(
    aws: Aws, strict: StrictLambda, sam: FakeSam, deploy: Deploy
) -> None:
    refuse(aws, sam, by="lambent gate")
    with pytest.raises(NotReleased):
        deploy("3")
    with pytest.raises(Refused, match=r"was refused on .* golden example 3: wrong"):
        deploy("3")
    assert deploy("2").is_live
    tried = sam.deployed[-1]["ReleaseDigest"]
    sam.refuses.clear()
    sam.__dict__.pop("deploy")
    deploy("3", again=True)
    assert sam.deployed[-1]["ReleaseDigest"] != tried  # else Lambda publishes nothing new
    assert deploy("3").is_live


def test_other_failures_of_sam_are_told_as_they_are(
    strict: StrictLambda, sam: FakeSam, deploy: Deploy
) -> None:
    def fail(*_: Any) -> None:
        raise ToolFailed("sam deploy", "ended with exit code 1", "See the log")

    sam.__dict__["deploy"] = fail
    with pytest.raises(ToolFailed, match="exit code 1"):
        deploy("3")


def test_while_a_release_is_under_way_no_other_begins(
    aws: Aws, strict: StrictLambda, deploy: Deploy
) -> None:
    strict.weights = {"3": 0.1}
    aws.__dict__["codedeploy"] = Shifting(strict, "2", "3")
    with pytest.raises(Refused, match=r"10% of the traffic.*lambent rollback scaled"):
        deploy("3")


def test_a_lit_alarm_of_the_live_version_does_not_stop_its_remedy(
    aws: Aws, strict: StrictLambda, deploy: Deploy
) -> None:
    set_alarm(aws, "lambent-scaled-errors")
    deploy("3")
    assert strict.live == "3"


@pytest.mark.parametrize(
    ("traffic", "waits"), [("AllAtOnce", False), ("Linear10PercentEvery1Minute", True)]
)
def test_a_release_waits_for_its_judge_only_while_there_is_something_to_judge(
    aws: Aws, strict: StrictLambda, deploy: Deploy, heard: list[str], *, traffic: str, waits: bool
) -> None:
    """Fault row 45. There is no judge here: it cannot be called."""
    set_alarm(aws, "lambent-scaled-judge")
    with pytest.raises(NotFound, match="lambent-scaled_canary") if waits else nullcontext():
        deploy("3", traffic=traffic)
    assert strict.live == ("2" if waits else "3")
    assert any("judge" in told for told in heard) is waits
