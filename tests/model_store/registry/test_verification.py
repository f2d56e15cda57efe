"""A published version held against its manifest: what is altered, missing, swapped or added."""

from collections.abc import Callable
from typing import Any

import pytest

from model_store.artifact.facts import FileEntry
from model_store.artifact.folder import Artifact
from model_store.artifact.layout import blob_key, version_prefix
from model_store.canonical import sha256_hex
from model_store.registry.bucket import Bucket
from model_store.registry.manifests import PublishedManifest, fetch
from model_store.registry.publish import apply, observe, plan
from model_store.registry.signatures import sign
from model_store.registry.verification import look_at_files

from ..signing.keys import HeldKey
from .conftest import MakeArtifact


@pytest.fixture
def artifact(bucket: Bucket, make_artifact: MakeArtifact) -> Artifact:
    """Published and signed."""
    made = make_artifact()
    key: Any = HeldKey()
    sign(bucket, key, made.manifest.reference, made.digest)
    apply(bucket, plan(made, observe(bucket, made)))
    return made


def found(bucket: Bucket, artifact: Artifact) -> dict[str, tuple[bool, str]]:
    findings = look_at_files(bucket, fetch(bucket, artifact.manifest.reference))
    return {finding.what: (finding.is_good, finding.verdict) for finding in findings}


def blob(artifact: Artifact) -> str:
    return blob_key(artifact.manifest.files["model.onnx"].sha256)


def test_what_is_whole_is_said_to_be(bucket: Bucket, artifact: Artifact) -> None:
    size = len(artifact.model)
    assert found(bucket, artifact) == {"model.onnx": (True, f"is whole ({size:,} bytes)")}


@pytest.mark.parametrize(
    ("tamper", "verdict"),
    [
        (lambda s3, key: s3.put_object(Bucket="artifacts", Key=key, Body=b"evil"), "was altered"),
        (lambda s3, key: s3.delete_object(Bucket="artifacts", Key=key), "is missing"),
    ],
)
def test_a_file_that_is_not_what_the_manifest_names_is_told(
    bucket: Bucket, artifact: Artifact, tamper: Callable[[Any, str], None], verdict: str
) -> None:
    """Threat ML06: tampered and missing files."""
    tamper(bucket.s3, blob(artifact))
    is_good, told = found(bucket, artifact)["model.onnx"]
    assert not is_good
    assert verdict in told


def test_files_that_were_swapped_for_each_other_are_told(
    bucket: Bucket, artifact: Artifact
) -> None:
    """Threat ML06: within one artifact the manifest names both."""
    other = b"the baseline"
    entry = FileEntry(sha256=sha256_hex(other), size=len(other))
    files = {**artifact.manifest.files, "baseline.onnx": entry}
    bucket.s3.put_object(Bucket="artifacts", Key=blob(artifact), Body=other)
    bucket.s3.put_object(Bucket="artifacts", Key=blob_key(entry.sha256), Body=artifact.model)
    both = PublishedManifest(artifact.manifest.model_copy(update={"files": files}), "")
    assert [finding.verdict for finding in look_at_files(bucket, both)] == [
        "was swapped: it is baseline.onnx",
        "was swapped: it is model.onnx",
    ]


def test_an_added_object_is_told(bucket: Bucket, artifact: Artifact) -> None:
    """Threat ML06: added files."""
    prefix = version_prefix(artifact.manifest.reference)
    for name in ("backdoor.bin", "signatures/readme", "deeper/manifest.json"):
        bucket.create(f"{prefix}{name}", b"x")
    told = found(bucket, artifact)
    assert {what for what, (is_good, _) in told.items() if not is_good} == {
        "backdoor.bin",
        "signatures/readme",
        "deeper/manifest.json",
    }


def test_signatures_of_others_are_nothing_that_was_added(
    bucket: Bucket, artifact: Artifact
) -> None:
    """Of an earlier key, or of a publisher who lost the race for this version."""
    other: Any = HeldKey("arn:aws:kms:us-east-1:1:key/2")
    sign(bucket, other, artifact.manifest.reference, "b" * 64)
    assert set(found(bucket, artifact)) == {"model.onnx"}
