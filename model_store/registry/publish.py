"""Publishing: decide what S3 still lacks, then write it, the manifest last."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from model_store.artifact.folder import Artifact
from model_store.artifact.layout import blob_key, manifest_key
from model_store.artifact.reference import ModelReference
from model_store.canonical import sha256_hex
from model_store.registry.blobs import is_stored
from model_store.registry.bucket import Bucket
from model_store.registry.errors import VersionConflict


class Outcome(StrEnum):
    PUBLISHED = "published"
    COMPLETED = "completed an earlier attempt"
    ALREADY = "already published"


@dataclass(frozen=True)
class Observed:
    """What S3 holds: the manifest published under this version, and which of its blobs."""

    manifest: bytes | None
    blobs: frozenset[str]


@dataclass(frozen=True)
class Write:
    """One object that is still to be written."""

    key: str
    data: bytes


@dataclass(frozen=True)
class PublishPlan:
    """The writes in their order; none when these very bytes are published already."""

    reference: ModelReference
    digest: str
    writes: tuple[Write, ...]
    outcome: Outcome


def observe(bucket: Bucket, artifact: Artifact) -> Observed:
    """Look, without changing anything. Raises RegistryDamaged for a blob with other bytes."""
    files = artifact.manifest.files.values()
    stored = frozenset(blob_key(file.sha256) for file in files if is_stored(bucket, file.sha256))
    return Observed(bucket.read(manifest_key(artifact.manifest.reference)), stored)


def plan(artifact: Artifact, observed: Observed) -> PublishPlan:
    """Pure. Raises VersionConflict when the version is taken by other bytes."""
    reference, digest = artifact.manifest.reference, artifact.digest
    missing = tuple(blob for blob in _blobs(artifact) if blob.key not in observed.blobs)
    if observed.manifest is not None:
        _require_same(reference, observed.manifest, digest)
        outcome = Outcome.COMPLETED if missing else Outcome.ALREADY
        return PublishPlan(reference, digest, missing, outcome)
    commit = Write(manifest_key(reference), artifact.manifest_bytes)
    outcome = Outcome.PUBLISHED if missing else Outcome.COMPLETED
    return PublishPlan(reference, digest, (*missing, commit), outcome)


def _blobs(artifact: Artifact) -> tuple[Write, ...]:
    files = artifact.manifest.files
    return tuple(Write(blob_key(files[name].sha256), artifact.models[name]) for name in files)


def apply(bucket: Bucket, plan: PublishPlan) -> Outcome:
    """Make it so. Raises VersionConflict when another publisher won the same version."""
    *_, outcome = (plan.outcome, *steps(bucket, plan))
    return outcome


def steps(bucket: Bucket, plan: PublishPlan) -> Iterator[Outcome]:
    """One write per step, so that a test can interleave two publishers."""
    for write in plan.writes:
        is_new = bucket.create(write.key, write.data)
        if not is_new:
            _require_stored(bucket, plan, write)
        yield plan.outcome if is_new else Outcome.ALREADY


def _require_stored(bucket: Bucket, plan: PublishPlan, write: Write) -> None:
    """Somebody else wrote that key meanwhile: the same bytes, or this is the end of it."""
    if write.key == manifest_key(plan.reference):
        _require_same(plan.reference, bucket.read(write.key) or b"", plan.digest)
    else:
        is_stored(bucket, sha256_hex(write.data))


def _require_same(reference: ModelReference, published: bytes, digest: str) -> None:
    if (found := sha256_hex(published)) != digest:
        raise VersionConflict(reference, found, digest)
