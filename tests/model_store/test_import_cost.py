"""What serving imports stays light: every library here is paid for at each cold start."""

import subprocess
import sys

import pytest

HEAVY = [
    "pandas",
    "sklearn",
    "onnx",
    "onnxruntime",
    "skl2onnx",
    "boto3",
    "botocore",
    "fastapi",
    "typer",
    "difflib",
]
PRINT_LOADED = "import sys; print([name for name in {heavy!r} if name in sys.modules])"


@pytest.mark.parametrize(
    "module",
    [
        "model_store.contract",
        "model_store.artifact.manifest",
        "model_store.artifact.standby",
        "model_store.artifact.folder",
        "model_store.artifact.layout",
        "model_store.decision",
        "model_store.signing.check",
    ],
)
def test_imports_nothing_heavy(module: str):
    code = f"import {module}; {PRINT_LOADED.format(heavy=HEAVY)}"
    loaded = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    ).stdout
    assert loaded.strip() == "[]"


def test_who_only_reads_manifests_does_without_numpy():
    """The small functions beside a model (functions/pretraffic) have none in their bundle."""
    code = f"import model_store.artifact.manifest; {PRINT_LOADED.format(heavy=[*HEAVY, 'numpy'])}"
    loaded = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    ).stdout
    assert loaded.strip() == "[]"
