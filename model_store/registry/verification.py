"""A published version held against its manifest, byte for byte."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from model_store.artifact.layout import (
    SIGNATURES,
    blob_key,
    manifest_key,
    version_prefix,
)
from model_store.canonical import sha256_hex
from model_store.registry.bucket import Bucket
from model_store.registry.manifests import PublishedManifest

_SIGNATURE = re.compile(rf"{SIGNATURES}/[0-9a-f]{{64}}/[A-Za-z0-9-]+\.json")


@dataclass(frozen=True)
class Finding:
    """`what` was looked at, and what it turned out to be."""

    what: str
    verdict: str
    is_good: bool = True


def look_at_files(bucket: Bucket, release: PublishedManifest) -> Iterator[Finding]:
    """Every file read whole and hashed; then every object that is there and should not be."""
    files = release.manifest.files
    named = {entry.sha256: name for name, entry in files.items()}
    for name, entry in files.items():
        data = bucket.read(blob_key(entry.sha256))
        if data is None:
            yield Finding(name, "is missing", is_good=False)
        elif (found := sha256_hex(data)) != entry.sha256:
            yield Finding(name, _other(named.get(found), found), is_good=False)
        else:
            yield Finding(name, f"is whole ({len(data):,} bytes)")
    yield from _added(bucket, release)


def _other(swapped: str | None, found: str) -> str:
    return f"was swapped: it is {swapped}" if swapped else f"was altered (SHA-256 {found[:12]}…)"


def _added(bucket: Bucket, release: PublishedManifest) -> Iterator[Finding]:
    reference = release.manifest.reference
    prefix = version_prefix(reference)
    for listed in bucket.list(prefix):
        if listed.key == manifest_key(reference):
            continue
        name = listed.key.removeprefix(prefix)
        if not _SIGNATURE.fullmatch(name):
            yield Finding(name, "was added: publishing never writes it", is_good=False)
