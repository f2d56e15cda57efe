"""NAME@VERSION, and nothing that only looks like it."""

import pytest

from model_store.artifact.reference import ModelReference
from model_store.errors import ArtifactError


def test_reads_and_writes_name_at_version():
    reference = ModelReference.parse("penguins@2.0.1")
    assert (reference.name, reference.version) == ("penguins", "2.0.1")
    assert str(reference) == "penguins@2.0.1"


@pytest.mark.parametrize(
    "text", ["", "penguins", "@1", "penguins@", "P@1", "a@1/..", "a@.1", "a@1\n", f"{'a' * 41}@1"]
)
def test_refuses_anything_else(text: str):
    with pytest.raises(ArtifactError, match="NAME@VERSION"):
        ModelReference.parse(text)
