"""Manifests as published: one, or all of a model, on which callers of any version may rely."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from model_store.artifact.layout import manifest_key
from model_store.artifact.manifest import Manifest
from model_store.artifact.reference import ModelReference
from model_store.canonical import sha256_hex
from model_store.errors import LambentError
from model_store.registry.bucket import Bucket
from model_store.registry.errors import (
    NotPublished,
    RegistryDamaged,
    RegistryDenied,
    RegistryUnavailable,
)
from model_store.registry.versions import published

AT_ONCE = 16


@dataclass(frozen=True)
class PublishedManifest:
    """A manifest as published, and the digest of its exact bytes."""

    manifest: Manifest
    digest: str


@dataclass(frozen=True)
class PublishedManifests:
    """In the order in which they were published. `unreadable`: versions whose manifest cannot be
    believed, and why."""

    manifests: tuple[Manifest, ...] = ()
    unreadable: tuple[str, ...] = ()


def fetch(bucket: Bucket, reference: ModelReference) -> PublishedManifest:
    """Raises NotPublished, and ArtifactError for a manifest that cannot be believed."""
    data = bucket.read(manifest_key(reference))
    if data is None:
        raise NotPublished(reference)
    manifest = Manifest.parse(data)
    if manifest.reference != reference:
        raise RegistryDamaged(
            manifest_key(reference),
            f"holds the manifest of {manifest.reference}",
            "Find out who wrote it: publishing never does that",
        )
    return PublishedManifest(manifest, sha256_hex(data))


def every_manifest(bucket: Bucket, name: str) -> PublishedManifests:
    """Of every published version of one model; raises RegistryError when S3 cannot be read.

    One that cannot be believed keeps nobody from releasing what mends it: it is told instead.
    """
    references = [found.reference for found in published(bucket, name)]
    with ThreadPoolExecutor(AT_ONCE) as pool:
        found = list(pool.map(lambda reference: _read(bucket, reference), references))
    return PublishedManifests(
        manifests=tuple(one for one in found if isinstance(one, Manifest)),
        unreadable=tuple(
            f"{reference}: {one}"
            for reference, one in zip(references, found, strict=True)
            if isinstance(one, LambentError)
        ),
    )


def _read(bucket: Bucket, reference: ModelReference) -> Manifest | LambentError:
    try:
        return fetch(bucket, reference).manifest
    except (RegistryDenied, RegistryUnavailable):
        raise
    except LambentError as error:
        return error
