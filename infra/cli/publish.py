"""`lambent publish ARTIFACT_DIR`."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from infra.cli.output import AsJson, DryRun, emit, note, progress

if TYPE_CHECKING:
    from infra.aws import Aws
    from infra.release.stack.platform import Platform
    from model_store.artifact.folder import Artifact
    from model_store.registry.bucket import Bucket
    from model_store.registry.publish import PublishPlan
    from model_store.signing.key import SigningKey


def publish(
    artifact: Annotated[Path, typer.Argument(metavar="ARTIFACT_DIR", help="What package wrote.")],
    as_json: AsJson = False,
    dry_run: DryRun = False,
) -> None:
    """Check an artifact once more, sign it and write it to S3, for good."""
    from infra.cli import wiring
    from infra.release.stack.platform import (
        artifact_bucket,
        find_platform,
        plan_platform,
        signing_key,
    )
    from model_store.registry import publish as publishing
    from model_store.registry.admission import admit
    from model_store.registry.signatures import has_signature

    progress("verify the files, inspect the graph, run it once in little memory")
    admitted = admit(artifact)
    aws = wiring.aws()
    platform = find_platform(aws)
    if platform is None and dry_run:
        steps = [*plan_platform(aws).steps, "sign the model and write it, its manifest last"]
        _emit(admitted, "planned", steps, as_json=as_json)
        return
    platform = platform or _make_platform(aws)
    bucket, key = artifact_bucket(aws, platform), signing_key(aws, platform)
    plan = publishing.plan(admitted, publishing.observe(bucket, admitted))
    if plan.writes:
        _compare(bucket, admitted)
    is_signed = key is None or has_signature(bucket, key, plan.reference, plan.digest)
    steps = [f"sign with {key.arn}"] if key and not is_signed else []
    steps += [f"write s3://{bucket.name}/{write.key}" for write in plan.writes]
    if key and not is_signed and not dry_run:
        _sign(bucket, key, plan)
    outcome = "planned" if dry_run else publishing.apply(bucket, plan).value
    _emit(admitted, outcome, steps, as_json=as_json)
    if key is None:
        note("Not signed: the platform has no key that signs. Add it: lambent platform deploy")


def _make_platform(aws: "Aws") -> "Platform":
    from infra.cli import wiring
    from infra.release.stack.platform import deploy_platform, plan_platform

    first = plan_platform(aws)
    for step in first.steps:
        progress(step)
    return deploy_platform(aws, wiring.sam(aws), first)


def _compare(bucket: "Bucket", artifact: "Artifact") -> None:
    from model_store.compatibility.gate import check_published
    from model_store.registry.manifests import every_manifest

    others = every_manifest(bucket, artifact.manifest.name)
    check_published(artifact.manifest, others.manifests)
    for why in others.unreadable:
        note(f"Not compared: {why}")


def _sign(bucket: "Bucket", key: "SigningKey", plan: "PublishPlan") -> None:
    """Before the manifest is there. Who may publish need not be who may sign."""
    from model_store.errors import AwsDenied, AwsFailed
    from model_store.registry.signatures import sign

    progress(f"sign with {key.arn}")
    try:
        sign(bucket, key, plan.reference, plan.digest)
    except (AwsDenied, AwsFailed) as error:
        note(f"Not signed: {error} Whoever may sign: lambent sign {plan.reference}")


def _emit(artifact: "Artifact", outcome: str, steps: list[str], *, as_json: bool) -> None:
    manifest = artifact.manifest
    document = {
        "model": manifest.name,
        "version": manifest.version,
        "digest": artifact.digest,
        "outcome": outcome,
        "steps": steps,
    }
    lines = [f"{manifest.reference}: {outcome} (digest {artifact.digest[:12]}…)"]
    lines += [f"  {step}" for step in steps]
    if outcome != "planned":
        lines.append(f"Next: lambent deploy {manifest.reference}")
    emit(document, lines, as_json=as_json)
