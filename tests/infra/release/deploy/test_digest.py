"""The digest of the code changes with what is deployed, and with nothing else."""

from pathlib import Path

import pytest

from infra.release.deploy.digest import code_digest, release_digest


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    for name in (
        "template.yaml",
        "requirements/lambda.txt",
        "functions/__init__.py",
        "functions/inference/app.py",
        "model_store/decision.py",
    ):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("1")
    return tmp_path


def change(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("2")


@pytest.mark.parametrize(
    "name",
    [
        "template.yaml",
        "requirements/lambda.txt",
        "requirements/operations.txt",
        "functions/targets/arm64-python3.13/target.mk",
        "functions/guard/handler.py",
        "model_store/decision.py",
        "model_store/history/table.py",
    ],
)
def test_a_change_of_what_is_served_is_another_digest(checkout: Path, name: str) -> None:
    before = code_digest(checkout)
    change(checkout / name)
    assert code_digest(checkout) != before


@pytest.mark.parametrize(
    "name",
    [
        "model_store/packaging/a.py",
        "model_store/registry/a.py",
        "model_store/__pycache__/a.pyc",
        "README.md",
    ],
)
def test_what_is_not_served_does_not_count(checkout: Path, name: str) -> None:
    before = code_digest(checkout)
    change(checkout / name)
    assert code_digest(checkout) == before


def test_a_release_is_new_for_new_code_settings_or_after_a_rollback() -> None:
    parameters = {"MemorySize": "512", "ReleaseDigest": "old"}
    digests = {
        release_digest("code", 0, parameters),
        release_digest("new", 0, parameters),
        release_digest("code", 1, parameters),
        release_digest("code", 0, parameters | {"MemorySize": "1024"}),
    }
    assert len(digests) == 4
    assert release_digest("code", 0, parameters | {"ReleaseDigest": "new"}) in digests
