"""What is published is listed as it was, the newest last."""

import pytest

from model_store.artifact.reference import ModelReference
from model_store.registry.bucket import Bucket
from model_store.registry.errors import NotPublished
from model_store.registry.versions import Published, newest, published


def test_versions_are_listed_in_the_order_of_publishing_and_by_model(bucket: Bucket) -> None:
    for version in ("scaled/1", "scaled/2", "scaled-too/9"):
        bucket.create(f"models/{version}/manifest.json", b"{}")
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
