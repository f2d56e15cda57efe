"""An artifact on disk: the manifest and the files it names, each byte accounted for."""

import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import get_args

from model_store.artifact.layout import MANIFEST_FILE, MODEL_FILE
from model_store.artifact.manifest import Manifest, ModelFile
from model_store.canonical import sha256_hex
from model_store.errors import ArtifactError

_PACKAGE_AGAIN = "Package the model again with `lambent package`"


@dataclass(frozen=True)
class Artifact:
    """A verified artifact: the manifest as read, its exact bytes, and those of its models."""

    manifest: Manifest
    manifest_bytes: bytes
    models: Mapping[ModelFile, bytes]

    @property
    def model(self) -> bytes:
        return self.models[MODEL_FILE]

    @property
    def digest(self) -> str:
        """SHA-256 (hex) of the exact bytes of `manifest.json`."""
        return sha256_hex(self.manifest_bytes)


def verify_models(manifest: Manifest, models: Mapping[ModelFile, bytes]) -> None:
    """Raises ArtifactError unless these are the bytes that the manifest vouches for."""
    for name, entry in manifest.files.items():
        model = models[name]
        if len(model) != entry.size or sha256_hex(model) != entry.sha256:
            raise ArtifactError(
                f"{manifest.reference} {name}",
                "is not the file that the manifest names (its SHA-256 or size differs)",
                _PACKAGE_AGAIN,
            )


def write_artifact(
    folder: Path, manifest: Manifest, models: Mapping[ModelFile, bytes], *, replace: bool = False
) -> Artifact:
    """Write a whole artifact or nothing. An equal one is left alone; another needs `replace`."""
    verify_models(manifest, models)
    artifact = Artifact(manifest, manifest.to_bytes(), models)
    _require_folder(folder)
    if folder.exists():
        _refuse_extra_files(folder, {MANIFEST_FILE, *get_args(ModelFile)})
        if not replace and any(folder.iterdir()):
            _require_equal(folder, artifact)
            return artifact
    _write(folder, artifact)
    return artifact


def _require_folder(folder: Path) -> None:
    for path in (folder, *folder.parents):
        if path.exists() and not path.is_dir():
            what = f"cannot be written: {path} is a file"
            raise ArtifactError(str(folder), what, "Choose another folder, or move that file away")


def read_artifact(folder: str | Path) -> Artifact:
    """Read and verify; raises ArtifactError for a file that is missing, extra or altered."""
    folder = Path(folder)
    if not folder.is_dir():
        raise ArtifactError(str(folder), "is not a folder", "Give the folder of an artifact")
    manifest_bytes = _regular_file(folder, MANIFEST_FILE).read_bytes()
    manifest = Manifest.parse(manifest_bytes)
    models = {name: _regular_file(folder, name).read_bytes() for name in manifest.files}
    _refuse_extra_files(folder, {MANIFEST_FILE, *manifest.files})
    verify_models(manifest, models)
    return Artifact(manifest, manifest_bytes, models)


def _regular_file(folder: Path, name: str) -> Path:
    file = folder / name
    if file.is_symlink() or not file.is_file():
        raise ArtifactError(str(folder), f"holds no regular file {name}", _PACKAGE_AGAIN)
    return file


def _refuse_extra_files(folder: Path, known: set[str]) -> None:
    extra = sorted(file.name for file in folder.iterdir() if file.name not in known)
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
        for name, model in artifact.models.items():
            (fresh / name).write_bytes(model)
        (fresh / MANIFEST_FILE).write_bytes(artifact.manifest_bytes)
        if folder.exists():
            shutil.move(folder, Path(scratch, "old"))
        fresh.rename(folder)
