"""`lambent package` says what became of the graph."""

import os
import signal
import subprocess
import sys
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


def test_a_crash_of_a_native_library_says_where(tmp_path: Path) -> None:
    file = tmp_path / "model.py"
    file.write_text("import os, signal\n\nos.kill(os.getpid(), signal.SIGSEGV)\n")
    environment = {name: value for name, value in os.environ.items() if "FAULTHANDLER" not in name}
    command = (Path(sys.executable).with_name("lambent"), "package", file)
    ended = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert ended.returncode == -signal.SIGSEGV
    assert "Segmentation fault" in ended.stderr
    assert f'File "{file}", line 3' in ended.stderr
