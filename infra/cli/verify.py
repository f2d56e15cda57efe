"""`lambent verify NAME@VERSION` and `lambent sign NAME@VERSION`: who vouches for what."""

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from infra.cli.output import AsJson, DryRun, emit, progress, table

if TYPE_CHECKING:
    from model_store.registry.bucket import Bucket
    from model_store.registry.manifests import PublishedManifest
    from model_store.registry.verification import Finding

Reference = Annotated[str, typer.Argument(metavar="NAME@VERSION")]


def verify(
    reference: Reference,
    public_key: Annotated[
        Path | None,
        typer.Option(help="PEM or DER: verify by this key, and without KMS."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Check a published version: its signature, every file's bytes, and that nothing was added.

    Exit code 1 if anything is not as it was signed.
    """
    from infra.cli import wiring
    from infra.release.deploy.signatures import look_at_signature, require_signing_key
    from infra.release.stack.platform import artifact_bucket, require_platform
    from model_store.artifact.reference import ModelReference
    from model_store.registry.manifests import fetch
    from model_store.registry.verification import look_at_files

    aws = wiring.aws()
    platform = require_platform(aws)
    bucket = artifact_bucket(aws, platform)
    release = fetch(bucket, ModelReference.parse(reference))
    if public_key is None:
        require_signing_key(aws, platform)
        signed = list(look_at_signature(aws, platform, release))
    else:
        signed = [_by_public_key(bucket, release, public_key)]
    _emit(release, [*signed, *look_at_files(bucket, release)], as_json=as_json)


def sign(reference: Reference, as_json: AsJson = False, dry_run: DryRun = False) -> None:
    """Vouch for a version that was published unsigned, once all its files are found whole."""
    from infra.cli import wiring
    from infra.errors import Refused
    from infra.release.deploy.signatures import require_signing_key
    from infra.release.stack.platform import artifact_bucket, require_platform
    from model_store.artifact.reference import ModelReference
    from model_store.registry import signatures
    from model_store.registry.manifests import fetch
    from model_store.registry.verification import look_at_files

    aws = wiring.aws()
    platform = require_platform(aws)
    key, bucket = require_signing_key(aws, platform), artifact_bucket(aws, platform)
    release = fetch(bucket, ModelReference.parse(reference))
    named, digest = release.manifest.reference, release.digest
    if bad := [f"{f.what} {f.verdict}" for f in look_at_files(bucket, release) if not f.is_good]:
        raise Refused(str(named), "; ".join(bad), "Publish the model under a new version")
    outcome = "planned" if dry_run else "already signed"
    if not dry_run:
        progress(f"sign with {key.arn}")
        outcome = "signed" if signatures.sign(bucket, key, named, digest) else outcome
    document = {"model": str(named), "outcome": outcome, "digest": digest, "key": key.arn}
    emit(
        document,
        table([(str(named), outcome), ("digest", digest), ("key", key.arn)]),
        as_json=as_json,
    )


def _by_public_key(bucket: "Bucket", release: "PublishedManifest", file: Path) -> "Finding":
    from model_store.registry.signatures import check_any
    from model_store.registry.verification import Finding
    from model_store.signing.errors import SignatureRefused
    from model_store.signing.key import PublicKey

    key = PublicKey.read(file)
    try:
        signer = check_any(bucket, key, release.manifest.reference, release.digest)
    except SignatureRefused as error:
        return Finding("signature", error.what, is_good=False)
    return Finding("signature", f"is good, by {file} (which names itself {signer})")


def _emit(release: "PublishedManifest", findings: "Sequence[Finding]", *, as_json: bool) -> None:
    is_good = all(finding.is_good for finding in findings)
    named = str(release.manifest.reference)
    document = {
        "model": named,
        "digest": release.digest,
        "verified": is_good,
        "findings": [asdict(finding) for finding in findings],
    }
    verdict = "verified" if is_good else "NOT what was signed"
    rows = [(finding.what, finding.verdict) for finding in findings]
    emit(document, table([(named, verdict), ("digest", release.digest), *rows]), as_json=as_json)
    if not is_good:
        raise typer.Exit(1)
