"""`lambent models` and `lambent show NAME@VERSION`: what is published."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, Any

import typer

from infra.cli.output import AsJson, emit, table

if TYPE_CHECKING:
    from infra.aws import Aws
    from infra.release.stack.platform import Platform
    from model_store.registry.manifests import PublishedManifest


def models(as_json: AsJson = False) -> None:
    """List every published model and its versions, the newest last."""
    from infra.cli import wiring
    from model_store.registry.versions import published

    versions: dict[str, list[dict[str, Any]]] = {}
    for found in sorted(published(wiring.bucket()), key=lambda p: (p.reference.name, p.at)):
        entry = {
            "version": found.reference.version,
            "published": found.at,
            "signed": found.is_signed,
        }
        versions.setdefault(found.reference.name, []).append(entry)
    lines = [f"{m}  {', '.join(map(_told, vs))}" for m, vs in versions.items()]
    none = ["Nothing is published yet: lambent publish ARTIFACT_DIR"]
    emit({"models": versions}, lines or none, as_json=as_json)


def _told(entry: dict[str, Any]) -> str:
    return f"{entry['version']}" + ("" if entry["signed"] else " (not signed)")


def show(
    reference: Annotated[str, typer.Argument(metavar="NAME@VERSION")], as_json: AsJson = False
) -> None:
    """Show the manifest of a published version: contract, metrics, how it was proven."""
    from infra.cli import wiring
    from infra.release.stack.platform import artifact_bucket, require_platform
    from model_store.artifact.reference import ModelReference
    from model_store.registry.manifests import fetch

    aws = wiring.aws()
    platform = require_platform(aws)
    release = fetch(artifact_bucket(aws, platform), ModelReference.parse(reference))
    signature = _signature(aws, platform, release)
    document = {
        "digest": release.digest,
        "signature": signature,
        "manifest": release.manifest.model_dump(mode="json"),
    }
    emit(document, table([*_card(release), ("signature", signature)]), as_json=as_json)


def _signature(aws: "Aws", platform: "Platform", release: "PublishedManifest") -> str:
    from infra.release.deploy.signatures import look_at_signature
    from model_store.errors import AwsError

    try:
        found = [finding.verdict for finding in look_at_signature(aws, platform, release)]
    except AwsError as error:
        return f"cannot be verified: {error}"
    return "".join(found) or "none: the platform has no key that signs"


def _card(release: "PublishedManifest") -> Iterator[tuple[str, str]]:
    from model_store.contract import predictions_path

    manifest = release.manifest
    parity, made = manifest.parity, manifest.provenance
    yield str(manifest.reference), manifest.title or manifest.task
    yield "what", manifest.description
    yield "task", f"{manifest.task}: {', '.join(str(label) for label in manifest.labels)}"
    yield "takes", f"{manifest.contract.name} {manifest.contract.version}"
    for feature in manifest.contract.features:
        yield "", f"{feature.name}: {feature.kind}" + (f", {feature.unit}" if feature.unit else "")
    for older in manifest.accepts:
        path = predictions_path(older.contract.major)
        yield "accepts", f"{older.contract.name} {older.contract.version} ({path})"
    yield "metrics", ", ".join(f"{name} {value:.4g}" for name, value in manifest.metrics.items())
    yield "parity", f"{parity.status} {parity.reason or f'on {parity.rows} rows'}"
    yield "fallback", ", then ".join(link.kind for link in manifest.fallbacks) or "none"
    yield "model", f"{manifest.model_file.size:,} bytes, from {made.estimator or made.source}"
    yield "digest", release.digest
