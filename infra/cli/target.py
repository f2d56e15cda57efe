"""TARGET, as several commands take it: an artifact's folder, or NAME@VERSION."""

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from model_store.artifact.manifest import Manifest
    from model_store.artifact.reference import ModelReference

TARGET_HELP = "An artifact's folder, or NAME@VERSION."


def find_manifest(target: str) -> "tuple[Manifest, str]":
    """The manifest of a folder or of a published version, and its digest."""
    from infra.cli import wiring
    from model_store.artifact.folder import read_artifact
    from model_store.registry.read import fetch

    if Path(target).is_dir():
        artifact = read_artifact(Path(target))
        return artifact.manifest, artifact.digest
    reference = _reference(target)  # before AWS is asked for anything
    release = fetch(wiring.bucket(), reference)
    return release.manifest, release.digest


def _reference(target: str) -> "ModelReference":
    from model_store.artifact.reference import ModelReference
    from model_store.errors import ArtifactError

    try:
        return ModelReference.parse(target)
    except ArtifactError as error:
        what = "is neither the folder of an artifact nor NAME@VERSION"
        raise ArtifactError(f"target {target!r}", what, error.next_step) from None
