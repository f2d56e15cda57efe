"""The examples package, and their second versions are better than their first."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from model_store.artifact.standby import pack, unpack

from .conftest import EXAMPLES, Packaged, app


@pytest.mark.parametrize(
    ("example", "task", "metric", "better"),
    [
        ("penguins", "multiclass", "log_loss", -1),
        ("diabetes", "regression", "r2", 1),
        ("breast_cancer", "binary", "balanced_accuracy", 1),
        ("flights", "binary", "log_loss", -1),
    ],
)
def test_version_2_is_better_on_held_out_data(
    example: str, task: str, metric: str, better: int, packaged: Packaged
) -> None:
    first, artifact = packaged(example, "1")
    second, newer = packaged(example, "2")
    assert first["task"] == second["task"] == task
    assert first["parity"]["status"] == second["parity"]["status"] == "passed"
    assert better * second["metrics"][metric] > better * first["metrics"][metric]
    assert artifact.manifest.contract == newer.manifest.contract
    assert artifact.manifest.fallbacks
    assert newer.manifest.fallbacks


def test_an_example_fits_into_the_standby(packaged: Packaged) -> None:
    """What answers while S3 is down travels in an environment variable."""
    _, artifact = packaged("breast_cancer", "1")
    standby = unpack(pack(artifact.manifest, artifact.digest))
    assert standby.contract == artifact.manifest.contract


def test_the_folder_and_the_next_command_are_told(tmp_path: Path) -> None:
    file = EXAMPLES / "diabetes" / "model.py"
    result = CliRunner().invoke(app, ["package", str(file), "--out", str(tmp_path)])
    assert result.exit_code == 0
    assert f"Next: lambent publish {tmp_path / 'diabetes' / '1'}" in result.stdout
    assert "parity" in result.stdout
    assert "→ converting: float32" in result.stderr


def test_a_mistake_in_the_users_file_is_one_line_and_exit_code_1(tmp_path: Path) -> None:
    file = tmp_path / "model.py"
    file.write_text("\nmodel = undefined\n")
    result = CliRunner().invoke(app, ["package", str(file), "--json"])
    assert result.exit_code == 1
    assert "model.py:2: NameError" in result.stderr
    assert "Traceback" not in result.output
    assert json.loads(result.stdout)["error"]["kind"] == "ModelFileFailed"


def test_the_table_lists_every_example() -> None:
    table = (EXAMPLES / "README.md").read_text()
    for folder in (path for path in EXAMPLES.iterdir() if (path / "model.py").exists()):
        assert f"]({folder.name}/)" in table
        assert (folder / "README.md").is_file()
