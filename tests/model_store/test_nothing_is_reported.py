"""ONNX Runtime reports its use by default; with us it has neither a sender nor an identifier."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.model_store.vetting.graphs import identity

NOWHERE = "http://127.0.0.1:9"
OPEN = {
    "ours": "from model_store.session import open_session; open_session('a model', {model!r})",
    "benchmarks": "from benchmarks.trees import InferenceSession; InferenceSession({model!r})",
    "its own": "import onnxruntime; onnxruntime.InferenceSession({model!r})",
}


def kept(way: str, folder: Path, **variables: str) -> set[str]:
    """The files that a fresh process leaves behind when it opens a session so."""
    environment = {
        "HOME": str(folder),
        "TMPDIR": str(folder),
        "HTTPS_PROXY": NOWHERE,
        "PYTHONDONTWRITEBYTECODE": "1",
        **variables,
    }
    code = OPEN[way].format(model=identity())
    subprocess.run([sys.executable, "-c", code], env=environment, check=True, capture_output=True)
    return {file.name for file in folder.rglob("*") if file.is_file()}


@pytest.mark.parametrize("way", ["ours", "benchmarks"])
def test_a_session_of_ours_keeps_no_identifier(way: str, tmp_path: Path) -> None:
    """Threat personal data."""
    assert kept(way, tmp_path) == set()


@pytest.mark.parametrize("way", OPEN)
def test_otherwise_it_would(way: str, tmp_path: Path) -> None:
    """Who sets the variable decides; if this fails, ONNX Runtime has changed what it does."""
    assert "deviceid" in kept(way, tmp_path, ORT_DISABLE_TELEMETRY="0")
