"""An artifact on disk: exactly two files, and each byte of them accounted for."""

import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path

from model_store.artifact.layout import MANIFEST_FILE, MODEL_FILE
from model_store.artifact.manifest import Manifest
from model_store.canonical import sha256_hex
from model_store.errors import ArtifactError

_FILES = frozenset({MODEL_FILE, MANIFEST_FILE})
_PACKAGE_AGAIN = "Package the model again with `lambent package`"


@dataclass(frozen=True)
class Artifact:
    """A verified artifact: the manifest as read, its exact bytes, and the model's bytes."""

    manifest: Manifest
    manifest_bytes: bytes
    model: bytes

    @property
    def digest(self) -> str:
        """SHA-256 (hex) of the exact bytes of `manifest.json`."""
        return sha256_hex(self.manifest_bytes)


def verify_model(manifest: Manifest, model: bytes) -> None:
    """Raises ArtifactError unless these are the bytes that the manifest vouches for."""
    entry = manifest.model_file
    if len(model) != entry.size or sha256_hex(model) != entry.sha256:
        raise ArtifactError(
            f"{manifest.reference} {MODEL_FILE}",
            "is not the file that the manifest names (its SHA-256 or size differs)",
            _PACKAGE_AGAIN,
        )


def write_artifact(
    folder: Path, manifest: Manifest, model: bytes, *, replace: bool = False
) -> Artifact:
    """Write a whole artifact or nothing. An equal one is left alone; another needs `replace`."""
    verify_model(manifest, model)
    artifact = Artifact(manifest, manifest.to_bytes(), model)
    if folder.exists():
        _refuse_extra_files(folder)
        if not replace and any(folder.iterdir()):
            _require_equal(folder, artifact)
            return artifact
    _write(folder, artifact)
    return artifact


def read_artifact(folder: Path) -> Artifact:
    """Read and verify; raises ArtifactError for a file that is missing, extra or altered."""
    _check_names(folder)
    manifest_bytes = (folder / MANIFEST_FILE).read_bytes()
    manifest = Manifest.parse(manifest_bytes)
    model = (folder / MODEL_FILE).read_bytes()
    verify_model(manifest, model)
    return Artifact(manifest, manifest_bytes, model)


def _check_names(folder: Path) -> None:
    if not folder.is_dir():
        raise ArtifactError(str(folder), "is not a folder", "Give the folder of an artifact")
    for name in (MODEL_FILE, MANIFEST_FILE):
        file = folder / name
        if file.is_symlink() or not file.is_file():
            raise ArtifactError(str(folder), f"holds no regular file {name}", _PACKAGE_AGAIN)
    _refuse_extra_files(folder)


def _refuse_extra_files(folder: Path) -> None:
    extra = sorted(file.name for file in folder.iterdir() if file.name not in _FILES)
    if extra:
        raise ArtifactError(
            str(folder), f"holds {', '.join(extra)} beside the artifact", "Remove what is extra"
        )


def _require_equal(folder: Path, artifact: Artifact) -> None:
    if read_artifact(folder).digest != artifact.digest:
        raise ArtifactError(
            str(folder),
            "already holds another artifact",
            "Choose a new version, or replace it: --replace, in Python replace=True",
        )


def _write(folder: Path, artifact: Artifact) -> None:
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix=".writing-") as scratch:
        fresh = Path(scratch, "artifact")
        fresh.mkdir()
        (fresh / MODEL_FILE).write_bytes(artifact.model)
        (fresh / MANIFEST_FILE).write_bytes(artifact.manifest_bytes)
        if folder.exists():
            shutil.move(folder, Path(scratch, "old"))
        fresh.rename(folder)
