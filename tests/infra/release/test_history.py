"""The history is append-only: whoever writes at the same time, nothing is lost or overwritten."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from botocore.stub import Stubber

from infra.aws import Aws
from infra.errors import AwsDenied, AwsFailed, Conflict, InfraError
from infra.release.history import ATTEMPTS, History, Move, who_am_i
from infra.release.live import FALLBACK_ONLY
from infra.release.seal import sealed
from infra.release.timeline import FOUND, Event

from .conftest import digest_of, event, lambda_version, live_at
from .stubs import stubbed

FIRST = event(1, "release", None, 1, "1")
NOW = datetime(2030, 1, 1, 12, tzinfo=UTC)
TAKEN = "ConditionalCheckFailedException"


def history(aws: Aws) -> History:
    return History(aws, now=lambda: NOW)


def item(stored: Event) -> dict[str, Any]:
    texts = {k: {"S": v} for k, v in vars(stored).items() if isinstance(v, str)}
    return {"model": {"S": "scaled"}, "sequence": {"N": str(stored.sequence)}, **texts}


def holds(table: Stubber, *events: Event) -> None:
    """The next read finds these."""
    table.add_response("query", {"Items": [item(e) for e in events]})


def takes(table: Stubber, stored: Event) -> None:
    """The next write is this one, and is refused if its number is there."""
    asked = {
        "TableName": "lambent-platform-history",
        "Item": item(stored),
        "ConditionExpression": "attribute_not_exists(#s)",
        "ExpressionAttributeNames": {"#s": "sequence"},
    }
    table.add_response("put_item", {}, asked)


def test_events_are_read_as_they_were_written_over_all_pages() -> None:
    """Consistently: a rollback right after a deploy must see it."""
    aws, table = stubbed("dynamodb")
    second = event(2, "rollback", 2, 1, "1")
    more = {"model": {"S": "scaled"}, "sequence": {"N": "1"}}
    asked = {
        "TableName": "lambent-platform-history",
        "KeyConditionExpression": "#m = :m",
        "ExpressionAttributeNames": {"#m": "model"},
        "ExpressionAttributeValues": {":m": {"S": "scaled"}},
        "ConsistentRead": True,
    }
    first_page = {"Items": [item(FIRST)], "LastEvaluatedKey": more}
    table.add_response("query", first_page, asked)
    table.add_response("query", {"Items": [item(second)]}, asked | {"ExclusiveStartKey": more})
    assert history(aws).events("scaled") == (FIRST, second)


def test_a_move_is_written_behind_the_last_one() -> None:
    aws, table = stubbed("dynamodb")
    moved = Event(2, "rollback", "7", "1", "1", digest_of("1"), NOW.isoformat(), "ada", "worse")
    wanted = sealed(moved, FIRST)
    holds(table, FIRST)
    takes(table, wanted)
    move = Move("rollback", "7", "ada", "worse")
    assert history(aws).record("scaled", move, lambda_version(1, "1")) == wanted


def test_the_first_event_has_number_1_and_no_source() -> None:
    aws, table = stubbed("dynamodb")
    first = Event(1, "release", None, "1", "1", digest_of("1"), NOW.isoformat(), "ada")
    takes(table, sealed(first, None))
    history(aws).record("scaled", Move("release", None, "ada"), lambda_version(1, "1"), known=())
    table.assert_no_pending_responses()


def test_whoever_is_slower_reads_again_and_takes_the_next_number() -> None:
    aws, table = stubbed("dynamodb")
    mine, theirs = event(0, "rollback", 2, 1, "1"), event(2, "release", 1, 3, "3")
    table.add_client_error("put_item", TAKEN, http_status_code=400)
    holds(table, FIRST, theirs)
    takes(table, sealed(replace(mine, sequence=3), theirs))
    assert history(aws).append("scaled", mine, known=(FIRST,)).sequence == 3
    table.assert_no_pending_responses()


def test_it_gives_up_when_others_are_always_faster() -> None:
    aws, table = stubbed("dynamodb")
    for _ in range(ATTEMPTS):
        holds(table, FIRST)
        table.add_client_error("put_item", TAKEN, http_status_code=400)
    with pytest.raises(Conflict, match="others keep writing"):
        history(aws).append("scaled", FIRST)


@pytest.mark.parametrize(
    ("code", "kind"), [("AccessDeniedException", AwsDenied), ("ValidationException", AwsFailed)]
)
def test_another_refusal_is_not_taken_for_a_lost_race(code: str, kind: type[InfraError]) -> None:
    aws, table = stubbed("dynamodb")
    table.add_client_error("put_item", code, "no", 400)
    with pytest.raises(kind, match="PutItem"):
        history(aws).append("scaled", FIRST, known=())


def test_a_move_that_lambent_did_not_make_is_noted_and_written_once() -> None:
    aws, table = stubbed("dynamodb")
    at = NOW.isoformat()
    moved = Event(2, "observed", "1", "2", "2", digest_of("2"), at, "unknown", FOUND)
    found = sealed(moved, FIRST)
    holds(table, FIRST)
    takes(table, found)
    assert history(aws).reconciled("scaled", live_at(2, "2")) == (FIRST, found)
    holds(table, FIRST, found)
    assert history(aws).reconciled("scaled", live_at(2, "2")) == (FIRST, found)
    table.assert_no_pending_responses()


def test_whoever_only_looks_writes_nothing() -> None:
    aws, table = stubbed("dynamodb")
    holds(table, FIRST)
    told = history(aws).reconciled("scaled", live_at(2, "2"), write=False)
    assert [e.action for e in told] == ["release", "observed"]


def test_without_a_live_version_there_is_nothing_to_note() -> None:
    aws, table = stubbed("dynamodb")
    holds(table, FIRST)
    assert history(aws).reconciled("scaled", None) == (FIRST,)


def test_the_history_knows_who_it_was_even_if_aws_does_not_tell(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    aws, identity = stubbed("sts")
    arn = "arn:aws:sts::123456789012:assumed-role/ops/ada"
    identity.add_response("get_caller_identity", {"Arn": arn})
    identity.add_client_error("get_caller_identity", "AccessDenied", "no", 403)
    monkeypatch.setattr("getpass.getuser", lambda: "ada")
    monkeypatch.setattr("socket.gethostname", lambda: "laptop")
    assert [who_am_i(aws), who_am_i(aws)] == [arn, "ada@laptop"]


def test_a_switch_that_was_not_written_down_is_noted_as_one() -> None:
    """Whoever reads it later must not go back to it."""
    aws, table = stubbed("dynamodb")
    holds(table, FIRST)
    live = live_at(2, "1")
    only = replace(live, version=replace(live.version, environment=FALLBACK_ONLY))
    told = history(aws).reconciled("scaled", only, write=False)
    assert (told[-1].action, told[-1].source) == ("fallback on", "1")
