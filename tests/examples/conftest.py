"""Every example is packaged once."""

import json
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner

from infra.cli.errors import CleanErrors
from infra.cli.package import package as package_command
from model_store.artifact.folder import Artifact, read_artifact

EXAMPLES = Path(__file__).parents[2] / "examples"
app = typer.Typer(cls=CleanErrors, pretty_exceptions_enable=False)
app.command("package")(package_command)
app.command("another")(lambda: None)

Packaged = Callable[[str, str], tuple[dict[str, Any], Artifact]]


@pytest.fixture(scope="session")
def packaged(tmp_path_factory: pytest.TempPathFactory) -> Packaged:
    """What `lambent package --json` tells of an example's version, and the artifact."""
    folder = tmp_path_factory.mktemp("examples")

    @cache
    def package(example: str, version: str) -> tuple[dict[str, Any], Artifact]:
        file = EXAMPLES / example / "model.py"
        result = CliRunner().invoke(
            app, ["package", str(file), "--version", version, "--out", str(folder), "--json"]
        )
        assert result.exit_code == 0, result.output
        document = json.loads(result.stdout)
        return document, read_artifact(Path(document["folder"]))

    return package
