"""Each bad model gets through `package` and `publish`: only asking it shows what it is."""

from collections.abc import Callable
from pathlib import Path

import pytest

from model_store.artifact.folder import Artifact, write_artifact
from model_store.registry.admission import admit

KINDS = ("permuted", "crashing", "slow", "abstaining", "drifting")


@pytest.mark.parametrize("kind", KINDS)
def test_a_bad_model_is_admitted(
    packaged: Callable[[str, str], Artifact], tmp_path: Path, kind: str
) -> None:
    """Its golden examples are answered as promised, and its graph is safe: publish takes it."""
    made = packaged(f"tests/bad_models/{kind}.py", "3")
    write_artifact(tmp_path / "3", made.manifest, made.models)
    admitted = admit(tmp_path / "3")
    assert admitted.digest == made.digest
    assert len(admitted.manifest.golden) == 8
