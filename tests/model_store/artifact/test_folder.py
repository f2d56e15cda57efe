"""An artifact folder: written whole, read only if every byte is accounted for."""

from collections.abc import Callable
from pathlib import Path

import pytest

from model_store.artifact.folder import read_artifact, write_artifact
from model_store.artifact.manifest import Manifest
from model_store.canonical import sha256_hex
from model_store.errors import ArtifactError, ManifestMalformed

Make = Callable[..., Manifest]


@pytest.fixture
def folder(tmp_path: Path, make_manifest: Make) -> Path:
    target = tmp_path / "artifacts" / "penguins" / "1"
    write_artifact(target, make_manifest(b"graph"), {"model.onnx": b"graph"})
    return target


def test_reads_back_what_was_written(folder: Path, make_manifest: Make):
    artifact = read_artifact(folder)
    assert artifact.manifest == make_manifest(b"graph")
    assert artifact.model == b"graph"
    assert artifact.digest == sha256_hex((folder / "manifest.json").read_bytes())


def test_leaves_nothing_but_the_two_files(folder: Path):
    assert sorted(p.name for p in folder.iterdir()) == ["manifest.json", "model.onnx"]
    assert [p.name for p in folder.parent.iterdir()] == ["1"]


def test_writing_the_same_artifact_again_changes_nothing(folder: Path, make_manifest: Make):
    before = (folder / "manifest.json").stat().st_mtime_ns
    write_artifact(folder, make_manifest(b"graph"), {"model.onnx": b"graph"})
    assert (folder / "manifest.json").stat().st_mtime_ns == before


def test_another_artifact_needs_replace(folder: Path, make_manifest: Make):
    other = make_manifest(b"other")
    with pytest.raises(ArtifactError, match=r"another artifact.*--replace.*replace=True"):
        write_artifact(folder, other, {"model.onnx": b"other"})
    assert read_artifact(folder).model == b"graph"
    write_artifact(folder, other, {"model.onnx": b"other"}, replace=True)
    assert read_artifact(folder).model == b"other"


def test_refuses_to_replace_a_folder_that_is_no_artifact(tmp_path: Path, make_manifest: Make):
    (tmp_path / "thesis.tex").write_text("years of work")
    with pytest.raises(ArtifactError, match=r"thesis\.tex"):
        write_artifact(tmp_path, make_manifest(b"graph"), {"model.onnx": b"graph"}, replace=True)
    assert (tmp_path / "thesis.tex").read_text() == "years of work"


@pytest.mark.parametrize("inside", ["", "1"])
def test_refuses_to_write_where_a_file_is(tmp_path: Path, make_manifest: Make, inside: str):
    (tmp_path / "out").write_text("kept")
    with pytest.raises(ArtifactError, match="out is a file"):
        write_artifact(tmp_path / "out" / inside, make_manifest(b"graph"), {"model.onnx": b"graph"})
    assert (tmp_path / "out").read_text() == "kept"


def test_refuses_to_write_a_model_that_the_manifest_does_not_name(
    tmp_path: Path, make_manifest: Make
):
    with pytest.raises(ArtifactError, match="SHA-256"):
        write_artifact(tmp_path / "new", make_manifest(b"graph"), {"model.onnx": b"grapH"})
    assert not (tmp_path / "new").exists()


@pytest.mark.parametrize("model", [b"grapH", b"graph!", b""])
def test_refuses_a_tampered_model(folder: Path, model: bytes):
    """Threat ML06: tampered or swapped files."""
    (folder / "model.onnx").write_bytes(model)
    with pytest.raises(ArtifactError, match="SHA-256"):
        read_artifact(folder)


def test_refuses_an_added_file(folder: Path):
    """Threat ML06: added files."""
    (folder / "weights.bin").write_bytes(b"")
    with pytest.raises(ArtifactError, match=r"weights\.bin"):
        read_artifact(folder)


@pytest.mark.parametrize("name", ["model.onnx", "manifest.json"])
def test_refuses_a_missing_file(folder: Path, name: str):
    (folder / name).unlink()
    with pytest.raises(ArtifactError, match=name):
        read_artifact(folder)


def test_refuses_a_link_in_place_of_a_file(folder: Path, tmp_path: Path):
    """Threat ML06: swapped files."""
    (folder / "model.onnx").rename(tmp_path / "elsewhere")
    (folder / "model.onnx").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(ArtifactError, match="no regular file"):
        read_artifact(folder)


def test_refuses_a_malformed_manifest(folder: Path):
    """Fault row 10."""
    (folder / "manifest.json").write_text("{}")
    with pytest.raises(ManifestMalformed):
        read_artifact(folder)


def test_refuses_a_folder_that_is_not_there(tmp_path: Path):
    with pytest.raises(ArtifactError, match="is not a folder"):
        read_artifact(tmp_path / "nowhere")
