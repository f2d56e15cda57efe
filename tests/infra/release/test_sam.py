"""The real sam's many words become a few; when it fails, its last ones are the error."""

import stat
from pathlib import Path

import pytest

from infra.errors import ToolFailed
from infra.release.sam import LOGS, Sam
from infra.release.sam_events import telling


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


def test_a_failing_sam_ends_in_an_error_with_its_last_words(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    program = tmp_path / ".envs/sam/bin/sam"
    program.parent.mkdir(parents=True)
    program.write_text(
        f"#!/bin/sh\necho '{row('CREATE_FAILED', 'Live', 'why')}'\necho Oh >&2\nexit 3\n"
    )
    program.chmod(stat.S_IRWXU)
    with pytest.raises(ToolFailed, match=r"exit code 3.*Oh.*sam-delete-lambent-x\.log"):
        Sam(tmp_path, tmp_path / "samconfig.toml").delete("lambent-x", None)
    assert "CREATE_FAILED  Live" in capfd.readouterr().err
    assert "Oh" in (tmp_path / LOGS / "sam-delete-lambent-x.log").read_text()
