"""When the real sam fails, its last words are the error, and all of them are kept."""

import stat
from pathlib import Path

import pytest

from infra.errors import ToolFailed
from infra.release.stack.sam import LOGS, Sam


def test_a_failing_sam_ends_in_an_error_with_its_last_words(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    program = tmp_path / ".envs/sam/bin/sam"
    program.parent.mkdir(parents=True)
    program.write_text(
        "#!/bin/sh\necho 'CREATE_FAILED  AWS::Lambda::Alias  Live  why'\necho Oh >&2\nexit 3\n"
    )
    program.chmod(stat.S_IRWXU)
    with pytest.raises(ToolFailed, match=r"exit code 3.*Oh.*sam-delete-lambent-x\.log"):
        Sam(tmp_path, tmp_path / "samconfig.toml").delete("lambent-x", None)
    assert "CREATE_FAILED  Live" in capfd.readouterr().err
    assert "Oh" in (tmp_path / LOGS / "sam-delete-lambent-x.log").read_text()
