"""What a cold start pays for."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
UNWANTED = (
    "boto3",
    "botocore.session",  # Powertools looks at the bare package, which imports nothing
    "pandas",
    "sklearn",
    "onnx",
    "aws_xray_sdk",
    "moto",
    "uvicorn",
    "fastapi.testclient",
    "multipart",
    "email_validator",
)


def run(code: str, **env: str) -> subprocess.CompletedProcess[str]:
    inherited = {key: value for key, value in os.environ.items() if not key.startswith("AWS_")}
    return subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env={**inherited, **env},
        capture_output=True,
        text=True,
        check=False,
    )


def assert_without(unwanted: tuple[str, ...], modules: str) -> None:
    """What these modules import is none of the unwanted."""
    loaded = f"[name for name in {unwanted!r} if name in sys.modules]"
    done = run(f"import sys, {modules}; print({loaded})")
    assert done.stdout.strip() == "[]", done.stdout + done.stderr


FOR_OTHER_ROUTES = ("fastapi", "starlette", "mangum", "aws_lambda_powertools")


def test_a_prediction_is_answered_without_a_framework() -> None:
    """Half of a cold start is theirs."""
    assert_without(FOR_OTHER_ROUTES, "functions.inference.function, model_store.predictor")


def test_reading_begins_before_what_takes_long_to_import() -> None:
    assert_without(
        ("pydantic", "pydantic_core", "numpy", "onnxruntime", "model_store.contract"),
        "functions.inference.loading.head_start",
    )


@pytest.mark.parametrize(
    ("kind", "built"), [("on-demand", "False"), ("provisioned-concurrency", "True")]
)
def test_the_schemas_of_openapi_are_built_where_nobody_waits(kind: str, built: str) -> None:
    """A third of FastAPI's import is theirs; they work all the same."""
    code = (
        "from functions.inference.handler import handler;"
        "from model_store.gateway_event import rest_event;"
        "from types import SimpleNamespace as Context;"
        "about = {'function_name': '', 'memory_limit_in_mb': 1, 'invoked_function_arn': '',"
        "'aws_request_id': '', 'get_remaining_time_in_millis': lambda: 9000};"
        "handler(rest_event('GET', '/health/live'), Context(**about));"
        "from fastapi.openapi.models import Info; built = Info.__pydantic_complete__;"
        "print(built, Info.model_validate({'title': 'penguins', 'version': '1'}).title)"
    )
    done = run(code, AWS_LAMBDA_INITIALIZATION_TYPE=kind, **NOWHERE)
    assert done.stdout.splitlines()[-1] == f"{built} penguins", done.stdout + done.stderr


def test_what_is_started_ahead_imports_everything_at_once() -> None:
    """Nobody waits for it, and the first caller of another route would."""
    code = (
        "import sys; from functions.inference.handler import handler;"
        "print('fastapi' in sys.modules)"
    )
    for kind, expected in (("on-demand", "False"), ("provisioned-concurrency", "True")):
        done = run(code, AWS_LAMBDA_INITIALIZATION_TYPE=kind, **NOWHERE)
        assert done.stdout.splitlines()[-1] == expected, done.stdout + done.stderr


NOWHERE = {
    "LAMBENT_MODEL": "penguins",
    "LAMBENT_VERSION": "1",
    "LAMBENT_DIGEST": "0" * 64,
    "LAMBENT_BUCKET": "artifacts",
    "AWS_ENDPOINT_URL": "http://127.0.0.1:1",
    "AWS_ACCESS_KEY_ID": "x",
    "AWS_SECRET_ACCESS_KEY": "x",
}
"""An environment in which nothing can be loaded."""


def test_serving_imports_nothing_that_it_does_not_need() -> None:
    assert_without(UNWANTED, "functions.inference.app, functions.inference.openapi")


def test_the_entry_starts_even_when_nothing_can_be_loaded() -> None:
    code = (
        "import gc;"
        "from functions.inference.handler import handler;"
        "assert gc.isenabled();"
        "print('ready', handler.__name__)"
    )
    done = run(code, **NOWHERE)
    assert "ready handler" in done.stdout, done.stderr
    assert "model_not_loaded" in done.stdout


def test_the_entry_says_which_variable_is_missing() -> None:
    done = run("import functions.inference.handler")
    assert done.returncode != 0
    assert "LAMBENT_MODEL: is not set" in done.stderr
