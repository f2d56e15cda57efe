"""An artifact whose fallbacks are models: admitted, published and read as one."""

from collections.abc import Callable
from pathlib import Path

import pytest

from model_store.artifact.facts import FileEntry, OutputNames
from model_store.artifact.folder import Artifact, write_artifact
from model_store.artifact.layout import blob_key, manifest_key
from model_store.artifact.manifest import ModelFile
from model_store.canonical import sha256_hex
from model_store.contract import TensorSpec
from model_store.errors import ArtifactError
from model_store.fallbacks.records import Constant, OtherModel
from model_store.registry.admission import admit
from model_store.registry.bucket import Bucket
from model_store.registry.manifests import fetch
from model_store.registry.publish import Outcome, apply, observe, plan, steps
from model_store.registry.versions import published

from .conftest import make_classifier, make_manifest, make_model

INPUTS = (TensorSpec(name="x", dtype="float32", features=("x",)),)
MODELS: dict[ModelFile, bytes] = {
    "model.onnx": make_model(2.0),
    "baseline.onnx": make_model(1.0),
    "previous.onnx": make_model(1.5),
}
Make = Callable[..., Artifact]


@pytest.fixture
def make(tmp_path: Path) -> Make:
    """Writes it to tmp_path/<version>."""

    def make(version: str = "1", **changed: bytes) -> Artifact:
        models = MODELS | {f"{name}.onnx": data for name, data in changed.items()}
        links = [
            OtherModel(role=role, inputs=INPUTS, outputs=OutputNames(value="value"))
            for role in ("previous", "baseline")
        ]
        manifest = make_manifest(
            models["model.onnx"],
            version=version,
            files={n: FileEntry(sha256=sha256_hex(m), size=len(m)) for n, m in models.items()},
            fallbacks=(*links, Constant(value=0.0)),
        )
        return write_artifact(tmp_path / version, manifest, models)

    return make


def test_three_sound_models_are_admitted(tmp_path: Path, make: Make) -> None:
    artifact = make()
    assert admit(tmp_path / "1").digest == artifact.digest


@pytest.mark.parametrize("name", ["baseline.onnx", "previous.onnx"])
@pytest.mark.parametrize("tamper", ["swap", "flip", "remove"])
def test_a_tampered_fallback_is_refused(
    tmp_path: Path, make: Make, name: ModelFile, tamper: str
) -> None:
    """Threat ML06: it is believed as the model is, so it is checked as the model is."""
    artifact, file = make(), tmp_path / "1" / name
    model = artifact.models[name]
    if tamper == "remove":
        file.unlink()
    else:
        changed = {"swap": make_model(9.0), "flip": bytes([model[0] ^ 1]) + model[1:]}
        file.write_bytes(changed[tamper])
    with pytest.raises(ArtifactError, match=name.replace(".", r"\.")):
        admit(tmp_path / "1")


@pytest.mark.parametrize("name", ["baseline", "previous"])
def test_a_fallback_that_does_not_run_is_refused(tmp_path: Path, make: Make, name: str) -> None:
    """Threat ML06, fault row 13: the manifest vouches for the bytes, not for what they do."""
    make(**{name: make_model(opset=999)})
    with pytest.raises(ArtifactError, match=rf"scaled@1 {name}\.onnx: .*999"):
        admit(tmp_path / "1")
    make("2", **{name: b"no graph"})
    with pytest.raises(ArtifactError, match=rf"scaled@2 {name}\.onnx: "):
        admit(tmp_path / "2")


def test_a_fallback_that_gives_something_else_than_the_manifest_says_is_refused(
    tmp_path: Path, make: Make
) -> None:
    make(baseline=make_classifier())
    with pytest.raises(ArtifactError, match=r"scaled@1 baseline\.onnx: the graph gives no tensor"):
        admit(tmp_path / "1")


def test_every_model_is_there_before_the_manifest_says_so(bucket: Bucket, make: Make) -> None:
    artifact = make()
    planned = plan(artifact, observe(bucket, artifact))
    blobs = {blob_key(sha256_hex(model)) for model in MODELS.values()}
    *before, last = [write.key for write in planned.writes]
    assert set(before) == blobs
    assert last == manifest_key(artifact.manifest.reference)
    assert apply(bucket, planned) is Outcome.PUBLISHED
    assert apply(bucket, plan(artifact, observe(bucket, artifact))) is Outcome.ALREADY


@pytest.mark.parametrize("done", [1, 2, 3])
def test_a_crash_between_any_two_writes_leaves_nothing_to_see_and_a_rerun_completes(
    bucket: Bucket, make: Make, done: int
) -> None:
    """Fault row 37."""
    artifact = make()
    running = steps(bucket, plan(artifact, observe(bucket, artifact)))
    for _ in range(done):
        next(running)
    running.close()
    assert published(bucket) == ()
    rest = plan(artifact, observe(bucket, artifact))
    assert len(rest.writes) == 4 - done
    assert apply(bucket, rest) in {Outcome.PUBLISHED, Outcome.COMPLETED}
    assert fetch(bucket, artifact.manifest.reference).digest == artifact.digest
    for model in MODELS.values():
        assert bucket.read(blob_key(sha256_hex(model))) == model


def test_the_previous_model_is_not_stored_twice(bucket: Bucket, make: Make) -> None:
    """Its bytes were published with the version that they are from."""
    first = make("1")
    apply(bucket, plan(first, observe(bucket, first)))
    second = make("2", model=make_model(3.0), previous=MODELS["model.onnx"])
    writes = [write.data for write in plan(second, observe(bucket, second)).writes]
    assert writes == [make_model(3.0), second.manifest_bytes]
