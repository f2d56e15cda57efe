"""The real sam's many words become a few."""

import pytest

from infra.release.stack.sam_events import telling


def row(status: str, name: str, reason: str = "-") -> str:
    return f"{status:<98} {'AWS::Lambda::Alias':<98} {name:<98} {reason:<97}"


def test_a_finished_resource_is_one_line() -> None:
    assert telling(row("UPDATE_COMPLETE", "Live")) == "  updated  Live (AWS::Lambda::Alias)"


@pytest.mark.parametrize("line", [row("UPDATE_IN_PROGRESS", "Live"), "-----", "", "Waiting .."])
def test_what_is_merely_under_way_is_not_shown(line: str) -> None:
    assert telling(line) is None


def test_a_failure_is_shown_with_its_reason() -> None:
    told = telling(row("CREATE_FAILED", "Live", "no such version"))
    assert told == "  CREATE_FAILED  Live (AWS::Lambda::Alias): no such version"


@pytest.mark.parametrize(
    ("status", "shown"), [("CREATE_COMPLETE", "created"), ("DELETE_COMPLETE", "deleted")]
)
def test_each_way_to_be_done_has_its_word(status: str, shown: str) -> None:
    assert telling(row(status, "Live")) == f"  {shown}  Live (AWS::Lambda::Alias)"


def test_what_was_left_as_it_is_is_not_shown() -> None:
    assert telling(row("DELETE_SKIPPED", "Bucket")) is None


def test_an_upload_is_shown_once_it_is_complete() -> None:
    line = "\tUploading to lambent-x/abc  1048576 / 2097152  ({share}%)"
    assert telling(line.format(share="50.00")) is None
    assert telling(line.format(share="100.00")) == "  uploaded  lambent-x/abc"
