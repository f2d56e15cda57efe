"""The examples package, and their second versions are better than their first."""

import json
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner

from infra.cli.errors import CleanErrors
from infra.cli.package import package as package_command
from model_store.artifact.folder import Artifact, read_artifact
from model_store.artifact.standby import pack, unpack

EXAMPLES = Path(__file__).parents[2] / "examples"
app = typer.Typer(cls=CleanErrors, pretty_exceptions_enable=False)
app.command("package")(package_command)
app.command("another")(lambda: None)


def packaged(example: str, version: str, folder: Path) -> tuple[dict[str, Any], Artifact]:
    file = EXAMPLES / example / "model.py"
    result = CliRunner().invoke(
        app, ["package", str(file), "--version", version, "--out", str(folder), "--json"]
    )
    assert result.exit_code == 0, result.output
    document = json.loads(result.stdout)
    return document, read_artifact(Path(document["folder"]))


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
    example: str, task: str, metric: str, better: int, tmp_path: Path
) -> None:
    first, artifact = packaged(example, "1", tmp_path)
    second, newer = packaged(example, "2", tmp_path)
    assert first["task"] == second["task"] == task
    assert first["parity"]["status"] == second["parity"]["status"] == "passed"
    assert better * second["metrics"][metric] > better * first["metrics"][metric]
    assert artifact.manifest.contract == newer.manifest.contract
    assert artifact.manifest.fallbacks
    assert newer.manifest.fallbacks


def test_an_example_fits_into_the_standby(tmp_path: Path) -> None:
    """What answers while S3 is down travels in an environment variable."""
    _, artifact = packaged("breast_cancer", "1", tmp_path)
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
