"""What is published is read as it was written, or not believed; all of one model at once."""

import pytest

from model_store.artifact.folder import Artifact
from model_store.artifact.reference import ModelReference
from model_store.errors import ManifestMalformed
from model_store.registry.bucket import Bucket
from model_store.registry.errors import NotPublished, RegistryDamaged, RegistryUnavailable
from model_store.registry.manifests import every_manifest, fetch

from .conftest import MakeArtifact


def put(bucket: Bucket, data: bytes, version: str, model: str = "scaled") -> None:
    bucket.create(f"models/{model}/{version}/manifest.json", data)


def put_artifact(bucket: Bucket, artifact: Artifact) -> None:
    put(bucket, artifact.manifest_bytes, artifact.manifest.version)


def test_what_is_fetched_is_what_is_stored(bucket: Bucket, make_artifact: MakeArtifact) -> None:
    artifact = make_artifact("2")
    put_artifact(bucket, artifact)
    found = fetch(bucket, ModelReference("scaled", "2"))
    assert (found.manifest, found.digest) == (artifact.manifest, artifact.digest)


def test_a_version_that_is_not_there_comes_with_the_command_that_lists_them(
    bucket: Bucket, make_artifact: MakeArtifact
) -> None:
    put_artifact(bucket, make_artifact("1"))
    with pytest.raises(NotPublished, match=r"scaled@2: is not published.*`lambent models`"):
        fetch(bucket, ModelReference("scaled", "2"))


def test_a_manifest_under_another_models_key_is_not_believed(
    bucket: Bucket, make_artifact: MakeArtifact
) -> None:
    """Threat ML06: deploying `innocent` must never release what calls itself `scaled`."""
    put(bucket, make_artifact().manifest_bytes, "1", model="innocent")
    with pytest.raises(RegistryDamaged, match="scaled@1"):
        fetch(bucket, ModelReference("innocent", "1"))


def test_a_manifest_that_cannot_be_read_is_not_believed(bucket: Bucket) -> None:
    """Fault row 10."""
    put(bucket, b"{", "1")
    with pytest.raises(ManifestMalformed):
        fetch(bucket, ModelReference("scaled", "1"))


def test_every_version_of_one_model_is_read(bucket: Bucket, make_artifact: MakeArtifact) -> None:
    for version in ("1", "2", "10"):
        put_artifact(bucket, make_artifact(version))
    put(bucket, b"{}", "1", model="other")
    found = every_manifest(bucket, "scaled")
    assert {manifest.version for manifest in found.manifests} == {"1", "2", "10"}
    assert found.unreadable == ()


def test_a_manifest_that_cannot_be_believed_is_told_and_stands_in_nobodys_way(
    bucket: Bucket, make_artifact: MakeArtifact
) -> None:
    put_artifact(bucket, make_artifact("1"))
    put(bucket, b'{"schema_version": 99}', "2")
    put(bucket, make_artifact("1").manifest_bytes, "3")
    found = every_manifest(bucket, "scaled")
    assert [manifest.version for manifest in found.manifests] == ["1"]
    newer, misplaced = sorted(found.unreadable)
    assert newer.startswith("scaled@2: manifest.json: has schema version 99")
    assert misplaced.startswith("scaled@3: ")
    assert "holds the manifest of scaled@1" in misplaced


def test_a_registry_that_does_not_answer_is_an_error(bucket: Bucket) -> None:
    elsewhere = Bucket(bucket.s3, "nowhere", bucket.key_arn)
    with pytest.raises(RegistryUnavailable):
        every_manifest(elsewhere, "scaled")
