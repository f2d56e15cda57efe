"""Borrowing $LATEST: it is as before afterwards, whatever happens, and nobody's work is lost."""

from dataclasses import replace
from typing import Any

import pytest
from botocore.stub import Stubber

from infra.aws import Aws
from infra.errors import AwsDenied, AwsFailed, AwsUnavailable, Conflict
from infra.release.deployed.draft import ATTEMPTS, Draft, mend, publish, settled
from infra.release.deployed.live import DRAFT, FALLBACK_ONLY, LambdaVersion, version_from
from tests.infra.release.stubs import configuration, stubbed

NAME = {"FunctionName": "lambent-scaled"}
LATEST = {"Qualifier": DRAFT, **NAME}
AT_7 = {"Qualifier": "7", **NAME}


def described(number: str, model_version: str, **settings: Any) -> dict[str, Any]:
    return configuration(number, model_version, CodeSha256="c0de", RevisionId="seen", **settings)


def switched(found: dict[str, Any], **settings: Any) -> dict[str, Any]:
    variables = found["Environment"]["Variables"] | FALLBACK_ONLY
    return found | {"Environment": {"Variables": variables}} | settings


NEWEST = described(DRAFT, "b")
WANTED = switched(described(DRAFT, "a"))["Environment"]
AS_BORROWED = NEWEST | {"Environment": WANTED, "RevisionId": "borrowed"}
USUAL = Draft.of(version_from(NEWEST), ())
BORROW = {**NAME, "Environment": WANTED, "RevisionId": "seen"}
PUT_BACK = {**NAME, "Environment": NEWEST["Environment"], "RevisionId": "borrowed"}
PUBLISH = {**NAME, "Description": "twin", "CodeSha256": "c0de", "RevisionId": "borrowed"}


def run(aws: Aws, draft: Draft = USUAL) -> tuple[LambdaVersion, list[str], list[float]]:
    told: list[str] = []
    slept: list[float] = []
    environment = WANTED["Variables"]
    published = publish(
        aws, "scaled", draft, environment, "twin", sleep=slept.append, tell=told.append
    )
    return published, told, slept


def expect(functions: Stubber, *calls: tuple[str, dict[str, Any], dict[str, Any]]) -> None:
    for operation, answer, asked in calls:
        functions.add_response(operation, answer, asked)


def test_a_version_is_published_once_lambda_is_ready_and_the_draft_is_put_back() -> None:
    """Each step names the revision that it saw, so that nobody's change is written over."""
    aws, functions = stubbed("lambda_")
    expect(
        functions,
        ("update_function_configuration", {}, BORROW),
        ("get_function_configuration", AS_BORROWED | {"LastUpdateStatus": "InProgress"}, LATEST),
        ("get_function_configuration", AS_BORROWED | {"LastUpdateStatus": "Successful"}, LATEST),
        ("publish_version", {"Version": "7"}, PUBLISH),
        ("get_function_configuration", AS_BORROWED, LATEST),
        ("update_function_configuration", {}, PUT_BACK),
        ("get_function_configuration", AS_BORROWED | {"Version": "7", "State": "Pending"}, AT_7),
        ("get_function_configuration", AS_BORROWED | {"Version": "7", "State": "Active"}, AT_7),
    )
    version, told, slept = run(aws)
    assert (version.number, version.model_version, version.is_fallback_only) == ("7", "a", True)
    assert (told, len(slept)) == ([], 2)
    functions.assert_no_pending_responses()


def test_a_snapshot_which_takes_minutes_is_left_out_and_asked_for_again() -> None:
    aws, functions = stubbed("lambda_")
    on, off = ({"SnapStart": {"ApplyOn": how}} for how in ("PublishedVersions", "None"))
    expect(
        functions,
        ("update_function_configuration", {}, BORROW | off),
        ("get_function_configuration", AS_BORROWED | off, LATEST),
        ("publish_version", {"Version": "7"}, PUBLISH),
        ("get_function_configuration", AS_BORROWED | off, LATEST),
        ("update_function_configuration", {}, PUT_BACK | on),
        ("get_function_configuration", AS_BORROWED | off | {"Version": "7"}, AT_7),
    )
    run(aws, Draft.of(version_from(NEWEST | on), ()))
    functions.assert_no_pending_responses()


def test_the_draft_is_put_back_when_publishing_fails() -> None:
    aws, functions = stubbed("lambda_")
    expect(
        functions,
        ("update_function_configuration", {}, BORROW),
        ("get_function_configuration", AS_BORROWED, LATEST),
    )
    functions.add_client_error("publish_version", "AccessDeniedException", "no", 403)
    expect(
        functions,
        ("get_function_configuration", AS_BORROWED, LATEST),
        ("update_function_configuration", {}, PUT_BACK),
    )
    with pytest.raises(AwsDenied, match="PublishVersion"):
        run(aws)
    functions.assert_no_pending_responses()


def test_a_draft_that_cannot_be_put_back_is_told_and_stops_nothing() -> None:
    aws, functions = stubbed("lambda_")
    expect(
        functions,
        ("update_function_configuration", {}, BORROW),
        ("get_function_configuration", AS_BORROWED, LATEST),
        ("publish_version", {"Version": "7"}, PUBLISH),
        ("get_function_configuration", AS_BORROWED, LATEST),
    )
    functions.add_client_error("update_function_configuration", "ServiceException", "down", 500)
    functions.add_response("get_function_configuration", AS_BORROWED | {"Version": "7"})
    version, told, _ = run(aws)
    assert version.number == "7"
    assert "the next lambent fallback, shadow or deploy mends it" in told[0]


@pytest.mark.parametrize("code", ["PreconditionFailedException", "ResourceConflictException"])
def test_whoever_comes_second_changes_nothing(code: str) -> None:
    """Fault row 40: another switch, or a deploy, is at work on $LATEST."""
    aws, functions = stubbed("lambda_")
    functions.add_client_error("update_function_configuration", code, "busy", 409)
    with pytest.raises(Conflict, match="by somebody else at this moment"):
        run(aws)
    functions.assert_no_pending_responses()


def test_what_a_deploy_has_written_meanwhile_is_neither_published_nor_undone() -> None:
    """Fault row 40: the draft is no longer what was borrowed."""
    aws, functions = stubbed("lambda_")
    released = described(DRAFT, "c")
    expect(
        functions,
        ("update_function_configuration", {}, BORROW),
        ("get_function_configuration", released, LATEST),
        ("get_function_configuration", released, LATEST),
    )
    with pytest.raises(Conflict, match="somebody else"):
        run(aws)
    functions.assert_no_pending_responses()


def test_a_change_that_lambda_refuses_says_why() -> None:
    aws, functions = stubbed("lambda_")
    failed = {"LastUpdateStatus": "Failed", "LastUpdateStatusReason": "the key is disabled"}
    functions.add_response("get_function_configuration", NEWEST | failed)
    with pytest.raises(AwsFailed, match="the key is disabled"):
        settled(aws, "scaled", DRAFT, pytest.fail)


def test_a_change_that_never_ends_is_not_waited_for_for_ever() -> None:
    aws, functions = stubbed("lambda_")
    for _ in range(ATTEMPTS):
        busy = NEWEST | {"LastUpdateStatus": "InProgress"}
        functions.add_response("get_function_configuration", busy)
    with pytest.raises(AwsUnavailable, match="still being changed"):
        settled(aws, "scaled", DRAFT, lambda _: None)


def test_what_a_killed_switch_left_is_mended_from_the_version_published_last() -> None:
    published = [version_from(described("4", "b")), version_from(switched(described("5", "a")))]
    draft = Draft.of(version_from(AS_BORROWED), published)
    assert draft.is_cut_short
    aws, functions = stubbed("lambda_")
    expect(
        functions,
        ("update_function_configuration", {}, PUT_BACK),
        ("get_function_configuration", NEWEST, LATEST),
    )
    mend(aws, "scaled", draft, pytest.fail)
    functions.assert_no_pending_responses()


def test_a_draft_at_rest_needs_no_mending() -> None:
    aws, _ = stubbed("lambda_")
    assert not USUAL.is_cut_short
    mend(aws, "scaled", USUAL, pytest.fail)
    only = replace(USUAL.now, environment=FALLBACK_ONLY)
    assert not Draft.of(only, ()).is_cut_short
