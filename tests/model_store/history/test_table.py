"""The history is append-only: whoever writes at the same time, nothing is lost or overwritten."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from botocore.stub import Stubber

from model_store.errors import AwsDenied, AwsError, AwsFailed, Conflict
from model_store.history.event import Event
from model_store.history.seal import sealed
from model_store.history.table import ATTEMPTS, HistoryTable, Move
from model_store.history.timeline import FOUND

from .clients import client
from .events import Version, event

FIRST = event(1, "release", None, "1")
NOW = datetime(2030, 1, 1, 12, tzinfo=UTC)
TAKEN = "ConditionalCheckFailedException"
TABLE = "lambent-platform-history"


@pytest.fixture
def table() -> Iterator[Stubber]:
    """DynamoDB that answers what a test tells it to; a call that is not queued fails."""
    with Stubber(client("dynamodb")) as stub:
        yield stub
        stub.assert_no_pending_responses()


@pytest.fixture
def history(table: Stubber) -> HistoryTable:
    return HistoryTable(table.client, TABLE, now=lambda: NOW)


def item(stored: Event) -> dict[str, Any]:
    given = {k: v for k, v in vars(stored).items() if k != "left" or v}
    texts = {k: {"S": v} for k, v in given.items() if isinstance(v, str)}
    return {"model": {"S": "scaled"}, "sequence": {"N": str(stored.sequence)}, **texts}


def holds(table: Stubber, *events: Event) -> None:
    """The next read finds these."""
    table.add_response("query", {"Items": [item(e) for e in events]})


def takes(table: Stubber, stored: Event) -> None:
    """The next write is this one, and is refused if its number is there."""
    asked = {
        "TableName": TABLE,
        "Item": item(stored),
        "ConditionExpression": "attribute_not_exists(#s)",
        "ExpressionAttributeNames": {"#s": "sequence"},
    }
    table.add_response("put_item", {}, asked)


def test_events_are_read_as_they_were_written_over_all_pages(
    history: HistoryTable, table: Stubber
) -> None:
    """Consistently: a rollback right after a deploy must see it."""
    second = event(2, "rollback", "2", "1")
    more = {"model": {"S": "scaled"}, "sequence": {"N": "1"}}
    asked = {
        "TableName": TABLE,
        "KeyConditionExpression": "#m = :m",
        "ExpressionAttributeNames": {"#m": "model"},
        "ExpressionAttributeValues": {":m": {"S": "scaled"}},
        "ConsistentRead": True,
    }
    first_page = {"Items": [item(FIRST)], "LastEvaluatedKey": more}
    table.add_response("query", first_page, asked)
    table.add_response("query", {"Items": [item(second)]}, asked | {"ExclusiveStartKey": more})
    assert history.events("scaled") == (FIRST, second)


def test_a_move_is_written_behind_the_last_one(history: HistoryTable, table: Stubber) -> None:
    moved = event(2, "rollback", "7", "1", at=NOW.isoformat(), why="worse")
    wanted = sealed(moved, FIRST)
    holds(table, FIRST)
    takes(table, wanted)
    move = Move("rollback", "7", "ada", "worse")
    assert history.record("scaled", move, Version("1")) == wanted


def test_the_first_event_has_number_1_and_no_source(history: HistoryTable, table: Stubber) -> None:
    first = event(1, "release", None, "1", at=NOW.isoformat())
    takes(table, sealed(first, None))
    history.record("scaled", Move("release", None, "ada"), Version("1"), known=())


def test_a_refusal_says_what_stays_live_and_which_model_was_refused(
    history: HistoryTable, table: Stubber
) -> None:
    refused = event(2, "refused", "2", "1", at=NOW.isoformat(), left="digest-2", why="slow")
    takes(table, sealed(refused, FIRST))
    move = Move("refused", "2", "ada", "slow", Version("2").digest)
    assert history.record("scaled", move, Version("1"), known=(FIRST,)).left == "digest-2"


def test_whoever_is_slower_reads_again_and_takes_the_next_number(
    history: HistoryTable, table: Stubber
) -> None:
    mine, theirs = event(0, "rollback", "2", "1"), event(2, "release", "1", "3")
    table.add_client_error("put_item", TAKEN, http_status_code=400)
    holds(table, FIRST, theirs)
    takes(table, sealed(replace(mine, sequence=3), theirs))
    assert history.append("scaled", mine, known=(FIRST,)).sequence == 3


def test_an_event_whose_write_nobody_answered_is_there_once(
    history: HistoryTable, table: Stubber
) -> None:
    """fault row 48: botocore writes again, and DynamoDB says that it is there."""
    move = event(0, "rollback", "2", "1")
    mine = sealed(replace(move, sequence=2), FIRST)
    table.add_client_error("put_item", TAKEN, http_status_code=400)
    holds(table, FIRST, mine, event(3, "release", "1", "3"))
    assert history.append("scaled", move, known=(FIRST,)) == mine


@pytest.mark.parametrize(
    "odd",
    [{"colour": {"S": "of a later Lambent"}}, {"why": {"NULL": True}}, {"target": {"SS": []}}],
)
def test_an_event_that_cannot_be_read_is_an_error_that_commands_know(
    history: HistoryTable, table: Stubber, odd: dict[str, Any]
) -> None:
    """A rollback then asks for --to; the hook tells CodeDeploy its verdict all the same."""
    table.add_response("query", {"Items": [item(FIRST) | odd]})
    with pytest.raises(AwsFailed, match=r"event 1 .* Update Lambent"):
        history.events("scaled")


def test_what_must_be_said_once_is_not_said_again_by_whoever_is_slower(
    history: HistoryTable, table: Stubber
) -> None:
    """Two runs of one function that found the same."""
    theirs = event(2, "automatic rollback", "2", "1")
    table.add_client_error("put_item", TAKEN, http_status_code=400)
    holds(table, FIRST, theirs)
    move = Move("automatic rollback", "2", "ada")
    assert history.record("scaled", move, Version("1"), (FIRST,), once=True) == theirs


def test_it_gives_up_when_others_are_always_faster(history: HistoryTable, table: Stubber) -> None:
    for _ in range(ATTEMPTS):
        holds(table, FIRST)
        table.add_client_error("put_item", TAKEN, http_status_code=400)
    with pytest.raises(Conflict, match="others keep writing"):
        history.append("scaled", FIRST)


@pytest.mark.parametrize(
    ("code", "kind"), [("AccessDeniedException", AwsDenied), ("ValidationException", AwsFailed)]
)
def test_another_refusal_is_not_taken_for_a_lost_race(
    history: HistoryTable, table: Stubber, code: str, kind: type[AwsError]
) -> None:
    table.add_client_error("put_item", code, "no", 400)
    with pytest.raises(kind, match="PutItem"):
        history.append("scaled", FIRST, known=())


def test_a_move_that_lambent_did_not_make_is_noted_and_written_once(
    history: HistoryTable, table: Stubber
) -> None:
    moved = event(2, "observed", "1", "2", at=NOW.isoformat(), who="unknown", why=FOUND)
    found = sealed(moved, FIRST)
    holds(table, FIRST)
    takes(table, found)
    assert history.reconciled("scaled", Version("2")) == (FIRST, found)
    holds(table, FIRST, found)
    assert history.reconciled("scaled", Version("2")) == (FIRST, found)


def test_whoever_only_looks_writes_nothing(history: HistoryTable, table: Stubber) -> None:
    holds(table, FIRST)
    told = history.reconciled("scaled", Version("2"), write=False)
    assert [e.action for e in told] == ["release", "observed"]


def test_without_a_live_version_there_is_nothing_to_note(
    history: HistoryTable, table: Stubber
) -> None:
    holds(table, FIRST)
    assert history.reconciled("scaled", None) == (FIRST,)


def test_a_switch_that_was_not_written_down_is_noted_as_one(
    history: HistoryTable, table: Stubber
) -> None:
    """Whoever reads it later must not go back to it."""
    holds(table, FIRST)
    only = Version("2", is_fallback_only=True)
    told = history.reconciled("scaled", only, write=False)
    assert (told[-1].action, told[-1].source) == ("fallback on", "1")
