"""What all models share: found, asked for, or planned."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from botocore.stub import Stubber

from infra.errors import NotFound
from infra.release.stack.platform import (
    LOGGING,
    TEMPLATE,
    Platform,
    PlatformPlan,
    deploy_platform,
    find_platform,
    plan_platform,
    require_platform,
    signing_key,
)
from infra.release.stack.sam import Sam
from tests.infra.release.stubs import stubbed

OUTPUTS = {"ArtifactBucket": "artifacts", "ArtifactKeyArn": "arn:aws:kms:us-east-1:1:key/1"}
SIGNING_KEY = "arn:aws:kms:us-east-1:1:key/2"
FOUND = Platform("artifacts", "arn:aws:kms:us-east-1:1:key/1")


def finds(
    stacks: Stubber,
    outputs: Mapping[str, str] = OUTPUTS,
    logging: str = "true",
    signatures: str = "",
) -> None:
    parameters = {LOGGING: logging} | ({"RequireSignatures": signatures} if signatures else {})
    stack = {
        "StackName": "lambent-platform",
        "StackStatus": "CREATE_COMPLETE",
        "CreationTime": datetime(2030, 1, 1, tzinfo=UTC),
        "Parameters": [{"ParameterKey": k, "ParameterValue": v} for k, v in parameters.items()],
        "Outputs": [{"OutputKey": k, "OutputValue": v} for k, v in outputs.items()],
    }
    stacks.add_response("describe_stacks", {"Stacks": [stack]}, {"StackName": "lambent-platform"})


def finds_none(stacks: Stubber) -> None:
    stacks.add_client_error("describe_stacks", "ValidationError", "It does not exist", 400)


def test_the_platform_is_the_outputs_of_its_stack() -> None:
    aws, stacks = stubbed("cloudformation")
    finds(stacks)
    assert require_platform(aws) == FOUND


def test_a_stack_that_is_not_complete_is_no_platform_yet() -> None:
    aws, stacks = stubbed("cloudformation")
    finds(stacks, outputs={})
    assert find_platform(aws) is None


def test_without_a_platform_the_way_out_is_to_make_one() -> None:
    aws, stacks = stubbed("cloudformation")
    finds_none(stacks)
    with pytest.raises(NotFound, match="Run `lambent platform deploy`"):
        require_platform(aws)


@pytest.mark.parametrize(
    ("account", "sets_logging"),
    [({}, True), ({"cloudwatchRoleArn": "arn:aws:iam::1:role/r"}, False)],
)
def test_at_first_the_role_that_the_account_has_is_left_alone(
    account: dict[str, Any], sets_logging: bool
) -> None:
    """An account has one logging role of API Gateway per region, for everybody's stages."""
    aws, stacks, gateway = stubbed("cloudformation", "apigateway")
    finds_none(stacks)
    gateway.add_response("get_account", account)
    assert plan_platform(aws) == PlatformPlan(exists=False, sets_logging=sets_logging)


@pytest.mark.parametrize("logging", ["true", "false"])
def test_an_update_keeps_what_was_chosen_and_does_not_ask_the_account(logging: str) -> None:
    aws, stacks = stubbed("cloudformation")
    finds(stacks, logging=logging)
    assert plan_platform(aws) == PlatformPlan(exists=True, sets_logging=logging == "true")


@pytest.mark.parametrize("chosen", [True, False])
def test_what_is_said_wins(chosen: bool) -> None:
    aws, stacks = stubbed("cloudformation")
    finds(stacks, logging=str(not chosen).lower())
    assert plan_platform(aws, chosen).sets_logging is chosen


@pytest.mark.parametrize(
    ("plan", "verb", "logging"),
    [
        (PlatformPlan(False, True), "create", "set by this stack"),
        (PlatformPlan(True, False), "update", "left as it is"),
    ],
)
def test_the_steps_say_what_happens(plan: PlatformPlan, verb: str, logging: str) -> None:
    deploy, role, _ = plan.steps
    assert deploy == f"sam deploy: {verb} stack lambent-platform"
    assert logging in role


@pytest.mark.parametrize("sets_logging", [True, False])
def test_sam_is_given_what_was_planned(sets_logging: bool) -> None:
    aws, stacks = stubbed("cloudformation")
    finds(stacks)
    asked: list[Any] = []

    class Asked(Sam):
        def deploy_template(self, *arguments: Any) -> None:
            asked.append(arguments)

    sam = Asked(Path(), Path("samconfig.toml"))
    assert deploy_platform(aws, sam, PlatformPlan(False, sets_logging)) == FOUND
    given = {
        "ManageApiGatewayLogging": "true" if sets_logging else "false",
        "RequireSignatures": "true",
    }
    assert asked == [(TEMPLATE, "lambent-platform", "us-east-1", given)]


@pytest.mark.parametrize("required", [True, False])
def test_the_key_that_signs_and_whether_it_must_are_outputs_too(required: bool) -> None:
    aws, stacks = stubbed("cloudformation")
    signing = {"SigningKeyArn": SIGNING_KEY, "RequireSignatures": str(required).lower()}
    finds(stacks, outputs=OUTPUTS | signing)
    platform = require_platform(aws)
    assert platform == replace(FOUND, signing_key_arn=SIGNING_KEY, requires_signatures=required)
    key = signing_key(aws, platform)
    assert key is not None
    assert (key.arn, key.id) == (SIGNING_KEY, "2")


def test_a_stack_of_before_there_were_signatures_gets_them_when_it_is_deployed_again() -> None:
    aws, stacks = stubbed("cloudformation")
    finds(stacks)
    assert signing_key(aws, require_platform(aws)) is None
    finds(stacks)
    plan = plan_platform(aws)
    assert plan.requires_signatures
    assert "refuses what is not signed" in plan.steps[2]


def test_that_signatures_are_not_required_is_kept_until_somebody_says_otherwise() -> None:
    aws, stacks = stubbed("cloudformation")
    for _ in range(2):
        finds(stacks, signatures="false")
    assert not plan_platform(aws).requires_signatures
    assert plan_platform(aws, requires_signatures=True).requires_signatures
