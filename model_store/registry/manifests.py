"""All manifests of a model at once: what callers of any version may rely on."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from model_store.artifact.manifest import Manifest
from model_store.artifact.reference import ModelReference
from model_store.errors import LambentError
from model_store.registry.bucket import Bucket
from model_store.registry.errors import RegistryDenied, RegistryUnavailable
from model_store.registry.read import fetch, published

AT_ONCE = 16


@dataclass(frozen=True)
class PublishedManifests:
    """In the order in which they were published. `unreadable`: versions whose manifest cannot be
    believed, and why."""

    manifests: tuple[Manifest, ...] = ()
    unreadable: tuple[str, ...] = ()


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
