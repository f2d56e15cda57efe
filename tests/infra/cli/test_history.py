"""`lambent history`."""

from collections.abc import Callable
from typing import Any

from infra.aws import Aws

from .conftest import Lambent


def test_every_move_is_told_with_who_and_why_and_the_record_is_whole(
    lambent: Lambent, published: Callable[[str], None]
) -> None:
    for version in ("1", "2"):
        published(version)
        assert lambent("deploy", f"scaled@{version}").code == 0
    lambent("rollback", "scaled", "--why", "odd answers")
    told = lambent("history", "scaled", "--json").json
    moves = [(e["action"], e["model_version"], e["why"]) for e in told["events"]]
    assert moves == [("release", "1", ""), ("release", "2", ""), ("rollback", "1", "odd answers")]
    assert told["broken_at"] is None
    assert told["seal"] == told["events"][-1]["seal"]
    assert "as it was written" in lambent("history", "scaled").out


def test_a_changed_record_is_told_and_ends_with_exit_code_1(
    lambent: Lambent, published: Callable[[str], None], aws: Aws
) -> None:
    published("1")
    lambent("deploy", "scaled@1", "--why", "first")
    key: dict[str, Any] = {"model": {"S": "scaled"}, "sequence": {"N": "1"}}
    aws.dynamodb.update_item(
        TableName="lambent-platform-history",
        Key=key,
        UpdateExpression="SET why = :w",
        ExpressionAttributeValues={":w": {"S": "something else"}},
    )
    found = lambent("history", "scaled")
    assert found.code == 1
    assert "changed or incomplete from event 1 on" in found.out


def test_a_model_that_was_never_live_has_none(lambent: Lambent) -> None:
    found = lambent("history", "scaled")
    assert found.code == 0
    assert "Nothing of scaled was ever live here." in found.out
