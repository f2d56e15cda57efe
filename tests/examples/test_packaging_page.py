"""The snippets of docs/packaging.md run as they stand there, one after the other."""

import re
from pathlib import Path
from typing import Any

import pytest

from model_store.registry.admission import admit

PAGE = Path(__file__).parents[2] / "docs" / "packaging.md"


def snippets() -> list[str]:
    return re.findall(r"^```python\n(.*?)^```", PAGE.read_text(), re.MULTILINE | re.DOTALL)


def test_every_snippet_runs_and_what_it_packages_can_be_published(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    notebook: dict[str, Any] = {"__name__": "notebook"}
    for snippet in snippets():
        exec(compile(snippet, str(PAGE), "exec"), notebook)
    made = [admit(folder).manifest for folder in sorted(Path("artifacts").glob("*/*"))]
    versions = [f"progression@{version}" for version in (1, 2, 3, 4)]
    assert [str(m.reference) for m in made] == ["docstrings@1", "iris@1", *versions]
    assert [m.parity.status for m in made] == ["passed", "skipped", *["passed"] * 4]
    guarded, both = made[-2:]
    assert [link.kind for link in guarded.fallbacks] == ["rules", "model", "model", "constant"]
    assert both.majors == (2, 1)
