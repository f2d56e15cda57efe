"""`lambent package` says what became of the graph."""

from pathlib import Path

from typer.testing import CliRunner

from infra.cli.main import app

MODEL = """
from sklearn.ensemble import RandomForestClassifier
from tests.model_store.packaging.birds import model_of, pipeline

model = model_of(pipeline(RandomForestClassifier(20, random_state=0), "passthrough"), version="7")
"""


def test_it_tells_the_sizes_before_and_after_optimising(tmp_path: Path) -> None:
    file = tmp_path / "model.py"
    file.write_text(MODEL)
    result = CliRunner().invoke(app, ["package", str(file), "--out", str(tmp_path / "artifacts")])
    assert result.exit_code == 0, result.output
    (line,) = [line for line in result.output.splitlines() if line.startswith("  optimised")]
    assert "tree ensembles: " in line
    assert " KiB, largest difference " in line
