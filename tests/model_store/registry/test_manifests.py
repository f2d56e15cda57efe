"""Everything that is published of one model, read at once."""

import pytest

from model_store.artifact.folder import Artifact
from model_store.registry.bucket import Bucket
from model_store.registry.errors import RegistryUnavailable
from model_store.registry.manifests import every_manifest

from .conftest import MakeArtifact


def put(bucket: Bucket, data: bytes, version: str, model: str = "scaled") -> None:
    bucket.create(f"models/{model}/{version}/manifest.json", data)


def put_artifact(bucket: Bucket, artifact: Artifact) -> None:
    put(bucket, artifact.manifest_bytes, artifact.manifest.version)


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
