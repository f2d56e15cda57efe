"""The kill switch: where the alias is to go, and that nothing else moves when it may not."""

import json
from dataclasses import replace
from io import BytesIO
from typing import Any

import pytest
from botocore.stub import ANY, Stubber

from infra.errors import Conflict, NotFound, Refused
from infra.release.deployed.live import DRAFT, FALLBACK_ONLY, LambdaVersion, Live
from infra.release.deployed.observed import Observed
from infra.release.switch.fallback import SwitchPlan, apply, plan, remember
from model_store.artifact import standby
from model_store.history.event import Event
from tests.infra.release.conftest import digest_of, event, manifest
from tests.infra.release.stubs import stubbed

MODEL = "scaled"
ADA = "arn:aws:iam::123456789012:user/ada"
RELEASED = (event(1, "release", None, 1, "1"), event(2, "release", 1, 2, "2"))
SWITCHED = (*RELEASED, event(3, "fallback on", 2, 3, "2"))
BACK = (*SWITCHED, event(4, "fallback off", 3, 2, "2"))


def version(number: int | str, model_version: str, **changes: Any) -> LambdaVersion:
    digest = digest_of(model_version)
    packed = standby.pack(manifest(model_version), digest)
    environment = {"LAMBENT_VERSION": model_version, "LAMBENT_DIGEST": digest}
    fields: dict[str, Any] = {
        "settings": {"MemorySize": "512"},
        "environment": environment,
        "code": "c0de",
    }
    return LambdaVersion(str(number), model_version, digest, packed, **fields | changes)


def twin(number: int | str, of: LambdaVersion, **changes: Any) -> LambdaVersion:
    environment = {**of.environment, **FALLBACK_ONLY}
    return replace(of, number=str(number), environment=environment, **changes)


ONE, TWO = version(1, "1"), version(2, "2")
TWIN = twin(3, TWO)
LATEST = replace(TWO, number=DRAFT)


def seen(
    live: LambdaVersion,
    *versions: LambdaVersion,
    events: tuple[Event, ...] | None = RELEASED,
    draft: LambdaVersion = LATEST,
    weights: dict[str, float] | None = None,
    trouble: str = "",
) -> Observed:
    return Observed(Live(live, weights or {}, "seen"), versions, events, trouble, draft)


def target(switch: Any, observed: Observed) -> str | None:
    found = plan(MODEL, observed, switch).target
    return found.number if found else None


def test_the_first_time_a_version_has_to_be_published() -> None:
    planned = plan(MODEL, seen(TWO, ONE, TWO), "on")
    assert planned.target is None
    assert planned.steps == (
        "publish a fallback-only version of scaled@2, then put $LATEST back",
        "ask it whether it is alive",
        "alias live → Lambda version (new) (now 2)",
        "write it into the history",
    )


def test_the_second_time_the_same_version_serves_again_and_needs_no_trial() -> None:
    planned = plan(MODEL, seen(TWO, ONE, TWO, TWIN, events=BACK), "on")
    assert planned.target == TWIN
    assert planned.steps == (
        "alias live → Lambda version 3 (now 2)",
        "write it into the history",
    )


@pytest.mark.parametrize("events", [RELEASED, None])
def test_a_version_that_never_was_live_is_tried_first(events: tuple[Event, ...] | None) -> None:
    planned = plan(MODEL, seen(TWO, TWO, TWIN, events=events), "on")
    assert (planned.target, planned.is_tried) == (TWIN, False)


@pytest.mark.parametrize(
    "other",
    [
        twin(3, ONE),
        twin(3, version(2, "2", environment={**TWO.environment, "LAMBENT_CORS_ORIGINS": "x"})),
        twin(3, TWO, settings={"MemorySize": "1024"}),
        twin(3, TWO, code="older"),
        ONE,
    ],
    ids=["model", "environment", "settings", "code", "answers with a model"],
)
def test_a_version_that_differs_in_anything_is_not_used(other: LambdaVersion) -> None:
    assert target("on", seen(TWO, TWO, other, events=BACK)) is None


def test_the_code_that_is_live_is_preferred_to_that_of_latest() -> None:
    """After a rollback $LATEST has newer code than what is live."""
    newer = replace(LATEST, code="newer")
    first = twin(4, TWO, code="newer")
    assert target("on", seen(TWO, TWO, first, draft=newer)) == "4"
    assert target("on", seen(TWO, TWO, TWIN, first, draft=newer)) == "3"


def test_a_snapshot_makes_no_difference() -> None:
    live = version(2, "2", settings={"MemorySize": "512", "SnapStart": "On"})
    only = twin(3, live, settings={"MemorySize": "512", "SnapStart": "Off"})
    assert target("on", seen(live, live, only)) == "3"


def test_off_leads_to_the_version_that_was_switched_off() -> None:
    """Version 4 has the same model, and was never live."""
    again = version(4, "2", code="newer")
    assert target("off", seen(TWIN, ONE, TWO, TWIN, again, events=SWITCHED)) == "2"


def test_off_leads_there_even_if_nobody_wrote_the_switch_down() -> None:
    again = version(4, "2", code="newer")
    assert target("off", seen(TWIN, ONE, TWO, TWIN, again, events=RELEASED)) == "2"


@pytest.mark.parametrize("events", [None, SWITCHED])
def test_off_takes_the_newest_with_the_same_model_where_the_history_does_not_help(
    events: tuple[Event, ...] | None,
) -> None:
    """The table is down, or the version was deleted."""
    again = version(4, "2")
    planned = plan(MODEL, seen(TWIN, ONE, TWIN, again, events=events, trouble="down"), "off")
    assert planned.target == again
    assert "newest with the same model" in planned.notes[0]


def test_off_without_any_version_of_the_model_is_refused_with_the_ways_out() -> None:
    """Fault row 42."""
    with pytest.raises(NotFound, match=r"lambent deploy scaled@2.*lambent rollback scaled"):
        plan(MODEL, seen(TWIN, ONE, TWIN, events=SWITCHED), "off")


@pytest.mark.parametrize(("switch", "live"), [("on", TWIN), ("off", TWO)])
def test_what_is_so_already_is_left_alone(switch: Any, live: LambdaVersion) -> None:
    planned = plan(MODEL, seen(live, TWO, TWIN), switch)
    assert planned.changes_nothing
    assert planned.steps == ()
    aws, _ = stubbed("lambda_")
    assert apply(aws, planned, sleep=pytest.fail, tell=pytest.fail) == live


def test_a_canary_is_ended_by_a_switch_and_not_by_an_off_that_has_nothing_to_do() -> None:
    """Fault row 46."""
    canary = {"1": 0.1}
    assert plan(MODEL, seen(TWO, TWO, TWIN, weights=canary), "on").clears == canary
    assert not plan(MODEL, seen(TWIN, TWO, TWIN, weights=canary), "on").changes_nothing
    assert plan(MODEL, seen(TWO, TWO, TWIN, weights=canary), "off").clears == {}


def test_without_a_fallback_it_is_refused_unless_forced() -> None:
    bare = replace(TWO, standby="")
    with pytest.raises(Refused, match="503"):
        plan(MODEL, seen(bare, bare), "on")
    assert plan(MODEL, seen(bare, bare), "on", force=True).forced


def test_a_function_that_is_gone_is_said() -> None:
    observed = replace(seen(TWO, TWO), draft=None)
    with pytest.raises(NotFound, match="lambent deploy scaled"):
        plan(MODEL, observed, "on")


def moved(to: str) -> dict[str, Any]:
    return {
        "FunctionName": "lambent-scaled",
        "Name": "live",
        "FunctionVersion": to,
        "RevisionId": "seen",
        "RoutingConfig": {"AdditionalVersionWeights": {}},
    }


def answer(functions: Stubber, status: int) -> None:
    payload = json.dumps({"statusCode": status, "body": "{}"}).encode()
    asked = {"FunctionName": "lambent-scaled", "Qualifier": "3", "Payload": ANY}
    functions.add_response("invoke", {"Payload": BytesIO(payload)}, asked)


def go(aws: Any, planned: SwitchPlan, told: list[str] | None = None) -> LambdaVersion:
    tell = pytest.fail if told is None else told.append
    return apply(aws, planned, sleep=pytest.fail, tell=tell)


def test_a_version_that_served_before_is_live_after_one_call() -> None:
    """Fault row 43: Lambda alone is asked, neither S3 nor KMS."""
    aws, functions = stubbed("lambda_")
    functions.add_response("update_alias", {}, moved("3"))
    go(aws, plan(MODEL, seen(TWO, TWO, TWIN, events=BACK), "on"))
    functions.assert_no_pending_responses()


def test_a_version_that_answers_its_trial_goes_live() -> None:
    aws, functions = stubbed("lambda_")
    answer(functions, 200)
    functions.add_response("update_alias", {}, moved("3"))
    go(aws, plan(MODEL, seen(TWO, TWO, TWIN), "on"))
    functions.assert_no_pending_responses()


def test_a_version_that_does_not_answer_stays_away_from_callers_unless_forced() -> None:
    aws, functions = stubbed("lambda_")
    observed = seen(TWO, TWO, TWIN)
    answer(functions, 500)
    with pytest.raises(Refused, match=r"answers 500 to /health/live.*--force"):
        go(aws, plan(MODEL, observed, "on"))
    functions.add_client_error("invoke", "TooManyRequestsException", "busy", 429)
    functions.add_response("update_alias", {}, moved("3"))
    told: list[str] = []
    go(aws, plan(MODEL, observed, "on", force=True), told)
    assert "although it did not answer" in told[0]
    functions.assert_no_pending_responses()


@pytest.mark.parametrize(("winner", "said"), [("3", "as you wanted"), ("1", "was not made live")])
def test_the_loser_of_two_switches_is_told_who_won(winner: str, said: str) -> None:
    """Fault row 40."""
    aws, functions = stubbed("lambda_")
    functions.add_client_error("update_alias", "PreconditionFailedException", "stale", 412)
    functions.add_response("get_alias", {"FunctionVersion": winner, "RevisionId": "new"})
    now = {"Version": winner, "Environment": {"Variables": dict(TWIN.environment)}}
    functions.add_response("get_function_configuration", now)
    with pytest.raises(Conflict, match=rf"version {winner} \(scaled@2, fallback only\).*{said}"):
        go(aws, plan(MODEL, seen(TWO, TWO, TWIN, events=BACK), "on"))


def test_what_a_killed_switch_left_is_mended_even_if_there_is_nothing_else_to_do() -> None:
    aws, functions = stubbed("lambda_")
    left = twin(DRAFT, TWO)
    planned = plan(MODEL, seen(TWO, ONE, TWO, draft=left), "off")
    assert planned.steps == ("put $LATEST back",)
    found = {"Version": DRAFT, "Environment": {"Variables": dict(left.environment)}}
    functions.add_response("get_function_configuration", found)
    usual = {
        "FunctionName": "lambent-scaled",
        "Environment": {"Variables": dict(TWO.environment)},
    }
    functions.add_response("update_function_configuration", {}, usual)
    go(aws, planned)
    functions.assert_no_pending_responses()


@pytest.mark.parametrize(
    ("switch", "live", "to", "events", "action"),
    [
        ("on", TWO, TWIN, RELEASED, "fallback on"),
        ("off", TWIN, TWO, SWITCHED, "fallback off"),
    ],
)
def test_the_move_is_written_down_with_who_and_why(
    switch: Any, live: LambdaVersion, to: LambdaVersion, events: tuple[Event, ...], action: str
) -> None:
    aws, table, identity = stubbed("dynamodb", "sts")
    identity.add_response("get_caller_identity", {"Arn": ADA})
    asked = {
        "TableName": ANY,
        "ConditionExpression": ANY,
        "ExpressionAttributeNames": ANY,
        "Item": {
            "model": {"S": MODEL},
            "sequence": {"N": str(len(events) + 1)},
            "action": {"S": action},
            "source": {"S": live.number},
            "target": {"S": to.number},
            "model_version": {"S": "2"},
            "digest": {"S": TWO.digest},
            "at": ANY,
            "who": {"S": ADA},
            "why": {"S": "odd answers"},
            "seal": ANY,
        },
    }
    table.add_response("put_item", {}, asked)
    planned = plan(MODEL, seen(live, TWO, TWIN, events=events), switch)
    remember(aws, planned, to, events, "odd answers")
    table.assert_no_pending_responses()
