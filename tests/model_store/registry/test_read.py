"""What is published is read as it was written, or not believed."""

import pytest

from model_store.artifact.folder import Artifact
from model_store.artifact.reference import ModelReference
from model_store.errors import ManifestMalformed
from model_store.registry.bucket import Bucket
from model_store.registry.errors import NotPublished, RegistryDamaged
from model_store.registry.read import Published, fetch, newest, published

from .conftest import MakeArtifact


def put(bucket: Bucket, artifact: Artifact, key: str = "") -> None:
    at = key or f"models/scaled/{artifact.manifest.version}/manifest.json"
    bucket.s3.put_object(Bucket="artifacts", Key=at, Body=artifact.manifest_bytes)


def test_what_is_fetched_is_what_is_stored(bucket: Bucket, make_artifact: MakeArtifact) -> None:
    artifact = make_artifact("2")
    put(bucket, artifact)
    found = fetch(bucket, ModelReference("scaled", "2"))
    assert (found.manifest, found.digest) == (artifact.manifest, artifact.digest)


def test_a_version_that_is_not_there_comes_with_the_command_that_lists_them(
    bucket: Bucket, make_artifact: MakeArtifact
) -> None:
    put(bucket, make_artifact("1"))
    with pytest.raises(NotPublished, match=r"scaled@2: is not published.*`lambent models`"):
        fetch(bucket, ModelReference("scaled", "2"))


def test_a_manifest_under_another_models_key_is_not_believed(
    bucket: Bucket, make_artifact: MakeArtifact
) -> None:
    """Threat ML06: deploying `innocent` must never release what calls itself `scaled`."""
    put(bucket, make_artifact(), "models/innocent/1/manifest.json")
    with pytest.raises(RegistryDamaged, match="scaled@1"):
        fetch(bucket, ModelReference("innocent", "1"))


def test_a_manifest_that_cannot_be_read_is_not_believed(bucket: Bucket) -> None:
    """Fault row 10."""
    bucket.s3.put_object(Bucket="artifacts", Key="models/scaled/1/manifest.json", Body=b"{")
    with pytest.raises(ManifestMalformed):
        fetch(bucket, ModelReference("scaled", "1"))


def test_versions_are_listed_in_the_order_of_publishing_and_by_model(
    bucket: Bucket, make_artifact: MakeArtifact
) -> None:
    for version in ("1", "2"):
        put(bucket, make_artifact(version))
    put(bucket, make_artifact("9"), "models/scaled-too/9/manifest.json")
    found = published(bucket, "scaled")
    assert [str(version.reference) for version in found] == ["scaled@1", "scaled@2"]
    assert newest(found, "scaled") == ModelReference("scaled", "2")
    assert len(published(bucket)) == 3
    assert published(bucket, "scal") == ()


def test_the_newest_is_the_last_one_published_whatever_its_number(bucket: Bucket) -> None:
    """As text 10 sorts before 9."""
    versions = [
        Published(ModelReference("scaled", version), f"2026-11-0{day}T00:00:00+00:00")
        for day, version in enumerate(("9", "10"), 1)
    ]
    assert newest(versions, "scaled").version == "10"


def test_other_objects_beside_a_manifest_are_no_versions(bucket: Bucket) -> None:
    for key in ("models/scaled/1/notes.txt", "models/scaled/manifest.json", "models/x"):
        bucket.s3.put_object(Bucket="artifacts", Key=key, Body=b"")
    assert published(bucket) == ()


def test_a_model_without_versions_has_no_newest() -> None:
    with pytest.raises(NotPublished, match="scaled: is not published"):
        newest((), "scaled")
