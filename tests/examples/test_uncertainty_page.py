"""docs/uncertainty.md: its snippets run, its answers are of the API, its reasons are all."""

import json
import re
import shlex
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from functions.inference.schemas import PredictionResponse
from infra.cli.main import app
from model_store.artifact.folder import read_artifact
from model_store.predictions import Reason

PAGE = (Path(__file__).parents[2] / "docs" / "uncertainty.md").read_text()


def snippets(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)


@pytest.fixture
def notebook(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """What the Python of the page leaves behind, run in a folder of its own."""
    monkeypatch.chdir(tmp_path)
    names: dict[str, Any] = {"__name__": "notebook"}
    for snippet in snippets("python"):
        exec(compile(snippet, "uncertainty.md", "exec"), names)
    return names


@pytest.mark.usefixtures("notebook")
def test_what_the_page_packages_is_explained_by_its_commands() -> None:
    manifest = read_artifact(Path("artifacts/nuclei/1")).manifest
    assert manifest.policy.contact == "second-opinion@clinic.example"
    assert manifest.conformal is not None
    assert [level.coverage for level in manifest.conformal.levels] == [0.9, 0.95]
    (block,) = snippets("bash")
    outputs = [CliRunner().invoke(app, shlex.split(line)[1:]) for line in block.splitlines()]
    assert [found.exit_code for found in outputs] == [0, 0]
    assert "\n  Policy(least_confidence=" in outputs[0].output
    assert Path("nuclei.html").exists()


def test_every_decision_has_something_to_show(notebook: dict[str, Any]) -> None:
    (document,) = snippets("json")
    answered = PredictionResponse.model_validate_json(document)
    (abstention,) = json.loads(document)["predictions"]
    assert answered.predictions[0].model_dump(mode="json") == abstention
    assert notebook["screen"](abstention) == notebook["model"].policy.message
    model = {"decision": "model", "value": "benign", "needs_review": False}
    shown = [model, model | {"needs_review": True}, {"decision": "fallback", "value": "malignant"}]
    assert [notebook["screen"](answer) for answer in shown] == [
        "benign",
        "Probably benign. A colleague will check it.",
        "Our usual answer: malignant",
    ]


def test_the_table_of_reasons_holds_every_reason_once_in_order() -> None:
    table = PAGE.split("| Reason |")[1].split("\n\n")[0]
    assert re.findall(r"^\| `(\w+)` \|", table, re.MULTILINE) == [str(r) for r in Reason]
