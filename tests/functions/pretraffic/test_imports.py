"""What the hook's cold start pays for, and what its small bundle has to carry."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[3]
NOT_IN_THE_BUNDLE = ("numpy", "onnxruntime", "fastapi", "mangum", "aws_lambda_powertools", "scipy")


def run(code: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", code]
    return subprocess.run(command, cwd=ROOT, env={}, capture_output=True, text=True, check=False)


def test_the_hook_imports_nothing_that_its_bundle_does_not_carry() -> None:
    modules = "functions.pretraffic.function, model_store.signing.check"
    done = run(
        f"import sys, {modules};"
        f"print([name for name in {NOT_IN_THE_BUNDLE!r} if name in sys.modules])"
    )
    assert done.stdout.strip() == "[]", done.stdout + done.stderr


def test_the_entry_says_which_variable_is_missing() -> None:
    done = run("import functions.pretraffic.handler")
    assert done.returncode != 0
    assert "LAMBENT_MODEL: is not set" in done.stderr
