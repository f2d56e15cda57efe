"""Publishing is write-once: the same bytes again are a success, other bytes a conflict."""

from typing import Any

import pytest

from model_store.artifact.reference import ModelReference
from model_store.registry.bucket import ATTEMPTS, Bucket, checksum
from model_store.registry.errors import (
    NotPublished,
    RegistryDamaged,
    RegistryUnavailable,
    VersionConflict,
)
from model_store.registry.manifests import fetch
from model_store.registry.publish import Outcome, apply, observe, plan, steps
from model_store.registry.versions import published

from .conftest import KEY_ARN, MakeArtifact, make_model
from .s3_faults import inject, s3_error


def publish(bucket: Bucket, artifact: Any) -> Outcome:
    return apply(bucket, plan(artifact, observe(bucket, artifact)))


def test_the_manifest_is_written_after_the_model(
    bucket: Bucket, make_artifact: MakeArtifact
) -> None:
    called = inject(bucket, "PutObject")
    assert publish(bucket, make_artifact()) is Outcome.PUBLISHED
    assert ["blobs/sha256/" in url for url in called] == [True, False]
    assert called[-1].endswith("/models/scaled/1/manifest.json")


def test_every_object_is_conditional_checksummed_and_encrypted_with_the_key_of_the_platform(
    bucket: Bucket, make_artifact: MakeArtifact
) -> None:
    sent: list[dict[str, str]] = []

    def note(request: Any, **_: Any) -> None:
        sent.append({k.lower(): _text(v) for k, v in request.headers.items()})

    bucket.s3.meta.events.register_first("before-send.s3.PutObject", note)
    artifact = make_artifact()
    publish(bucket, artifact)
    assert [h["x-amz-checksum-sha256"] for h in sent] == [
        checksum(artifact.model),
        checksum(artifact.manifest_bytes),
    ]
    for headers in sent:
        assert headers["if-none-match"] == "*"
        assert headers["x-amz-server-side-encryption"] == "aws:kms"
        assert headers["x-amz-server-side-encryption-aws-kms-key-id"] == KEY_ARN


def test_what_is_fetched_is_what_was_published(bucket: Bucket, make_artifact: MakeArtifact) -> None:
    artifact = make_artifact()
    publish(bucket, artifact)
    release = fetch(bucket, ModelReference("scaled", "1"))
    assert (release.manifest, release.digest) == (artifact.manifest, artifact.digest)


def test_the_same_bytes_twice_are_a_success(bucket: Bucket, make_artifact: MakeArtifact) -> None:
    """Fault row 35: the same digest under the same version."""
    publish(bucket, make_artifact())
    assert publish(bucket, make_artifact()) is Outcome.ALREADY


@pytest.mark.parametrize("change", [{"model": make_model(3.0)}, {"title": "changed"}])
def test_other_bytes_under_the_same_version_are_a_conflict(
    bucket: Bucket, make_artifact: MakeArtifact, change: dict[str, Any]
) -> None:
    """Fault row 35: another digest, whether the model or only the manifest differs."""
    first = make_artifact()
    publish(bucket, first)
    with pytest.raises(VersionConflict, match=r"scaled@1.*new version"):
        publish(bucket, make_artifact(**change))
    assert fetch(bucket, ModelReference("scaled", "1")).digest == first.digest


@pytest.mark.parametrize("winner", [0, 1])
def test_of_two_publishers_at_once_exactly_one_wins(
    bucket: Bucket, make_artifact: MakeArtifact, winner: int
) -> None:
    """Fault row 35, stepped: both observe an empty registry, then write in turns."""
    artifacts = [make_artifact(), make_artifact(model=make_model(3.0))]
    plans = [plan(artifact, observe(bucket, artifact)) for artifact in artifacts]
    running = [steps(bucket, p) for p in plans]
    assert [next(run) for run in running] == [Outcome.PUBLISHED] * 2  # both blobs
    assert next(running[winner]) is Outcome.PUBLISHED
    with pytest.raises(VersionConflict):
        next(running[1 - winner])
    assert fetch(bucket, ModelReference("scaled", "1")).digest == artifacts[winner].digest


def test_two_publishers_of_the_same_bytes_at_once_both_succeed(
    bucket: Bucket, make_artifact: MakeArtifact
) -> None:
    """Fault row 35, stepped: one of them finds its own digest published."""
    artifact = make_artifact()
    both = [plan(artifact, observe(bucket, artifact)) for _ in range(2)]
    running = [steps(bucket, p) for p in both]
    assert [next(run) for run in running] == [Outcome.PUBLISHED, Outcome.ALREADY]
    assert [next(run) for run in running] == [Outcome.PUBLISHED, Outcome.ALREADY]


def test_a_conditional_request_conflict_is_written_again(
    bucket: Bucket, make_artifact: MakeArtifact
) -> None:
    """Fault row 36: S3 answers 409 while another conditional write is under way."""
    conflict = s3_error(409, "ConditionalRequestConflict")
    called = inject(bucket, "PutObject", conflict, conflict)
    assert publish(bucket, make_artifact()) is Outcome.PUBLISHED
    assert len(called) == 4


def test_a_conflict_without_end_is_given_up(bucket: Bucket, make_artifact: MakeArtifact) -> None:
    """Fault row 36: the retries are bounded."""
    conflicts = [s3_error(409, "ConditionalRequestConflict") for _ in range(ATTEMPTS)]
    inject(bucket, "PutObject", *conflicts)
    with pytest.raises(RegistryUnavailable, match="another writer"):
        publish(bucket, make_artifact())


def test_a_crash_before_the_manifest_is_invisible_and_a_rerun_completes(
    bucket: Bucket, make_artifact: MakeArtifact
) -> None:
    """Fault row 37, in one process; test_crash.py does it with a process that dies."""
    artifact = make_artifact()
    next(steps(bucket, plan(artifact, observe(bucket, artifact))))
    assert published(bucket) == ()
    with pytest.raises(NotPublished):
        fetch(bucket, ModelReference("scaled", "1"))
    assert publish(bucket, artifact) is Outcome.COMPLETED


@pytest.mark.parametrize("checksum", [{"ChecksumAlgorithm": "SHA256"}, {}])
def test_a_blob_with_other_bytes_is_never_built_upon(
    bucket: Bucket, make_artifact: MakeArtifact, checksum: dict[str, Any]
) -> None:
    """Threat ML06: also when it was stored without the checksum that would tell."""
    artifact = make_artifact()
    key = f"blobs/sha256/{artifact.manifest.model_file.sha256}"
    bucket.s3.put_object(Bucket="artifacts", Key=key, Body=b"other", **checksum)
    with pytest.raises(RegistryDamaged):
        publish(bucket, artifact)


def test_what_was_damaged_is_whole_again_after_the_way_out_that_is_told(
    bucket: Bucket, make_artifact: MakeArtifact
) -> None:
    """Delete that object, then publish again: the manifest is there, the blob is not."""
    artifact = make_artifact()
    publish(bucket, artifact)
    key = f"blobs/sha256/{artifact.manifest.model_file.sha256}"
    bucket.s3.delete_object(Bucket="artifacts", Key=key)
    assert publish(bucket, artifact) is Outcome.COMPLETED
    assert bucket.s3.get_object(Bucket="artifacts", Key=key)["Body"].read() == artifact.model
    assert publish(bucket, artifact) is Outcome.ALREADY


def _text(value: Any) -> str:
    return value.decode() if isinstance(value, bytes) else str(value)
