"""TARGET, as several commands take it: an artifact's folder, NAME@VERSION, or NAME."""

import re
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from infra.aws import Aws
    from model_store.artifact.manifest import Manifest
    from model_store.artifact.reference import ModelReference
    from model_store.registry.bucket import Bucket

TARGET_HELP = "An artifact's folder, NAME@VERSION, or NAME: its live version, else the newest."


def find_manifest(target: str) -> "tuple[Manifest, str]":
    """The manifest of a folder or of a published version, and its digest."""
    from infra.cli import wiring
    from infra.release.stack.platform import artifact_bucket, require_platform
    from model_store.artifact.folder import read_artifact
    from model_store.artifact.reference import NAME
    from model_store.registry.manifests import fetch

    if Path(target).is_dir():
        artifact = read_artifact(Path(target))
        return artifact.manifest, artifact.digest
    is_name = re.fullmatch(NAME, target)
    reference = None if is_name else _reference(target)  # before AWS is asked for anything
    aws = wiring.aws()
    bucket = artifact_bucket(aws, require_platform(aws))
    release = fetch(bucket, reference or live_or_newest(aws, bucket, target))
    return release.manifest, release.digest


def live_or_newest(aws: "Aws", bucket: "Bucket", model: str) -> "ModelReference":
    """The version that is live; before there is one, the newest. Raises NotPublished."""
    from infra.release.deployed.live import read_live
    from model_store.artifact.reference import ModelReference
    from model_store.registry.versions import newest, published

    if live := read_live(aws, model):
        return ModelReference(model, live.version.model_version)
    return newest(published(bucket, model), model)


def _reference(target: str) -> "ModelReference":
    from model_store.artifact.reference import ModelReference
    from model_store.errors import ArtifactError

    try:
        return ModelReference.parse(target)
    except ArtifactError as error:
        what = "is neither the folder of an artifact nor NAME@VERSION nor NAME"
        raise ArtifactError(f"target {target!r}", what, error.next_step) from None
