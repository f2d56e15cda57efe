"""`lambent publish ARTIFACT_DIR`."""

from pathlib import Path
from typing import Annotated, Any

import typer

from infra.cli.output import AsJson, DryRun, emit, note, progress


def publish(
    artifact: Annotated[Path, typer.Argument(metavar="ARTIFACT_DIR", help="What package wrote.")],
    as_json: AsJson = False,
    dry_run: DryRun = False,
) -> None:
    """Check an artifact once more and write it to S3, for good."""
    from infra.cli import wiring
    from infra.release.platform import (
        artifact_bucket,
        deploy_platform,
        find_platform,
        plan_platform,
    )
    from model_store.compatibility.gate import check_published
    from model_store.registry import publish as publishing
    from model_store.registry.admission import admit
    from model_store.registry.manifests import every_manifest

    progress("verify the files, inspect the graph, run it once in little memory")
    admitted = admit(artifact)
    aws = wiring.aws()
    platform = find_platform(aws)
    if platform is None:
        first = plan_platform(aws)
        if dry_run:
            steps = [*first.steps, "write the model and its manifest"]
            _emit(admitted, "planned", steps, as_json=as_json)
            return
        for step in first.steps:
            progress(step)
        platform = deploy_platform(aws, wiring.sam(aws), first)
    bucket = artifact_bucket(aws, platform)
    plan = publishing.plan(admitted, publishing.observe(bucket, admitted))
    if plan.writes:
        others = every_manifest(bucket, admitted.manifest.name)
        check_published(admitted.manifest, others.manifests)
        for why in others.unreadable:
            note(f"Not compared: {why}")
    steps = [f"write s3://{bucket.name}/{write.key}" for write in plan.writes]
    outcome = "planned" if dry_run else publishing.apply(bucket, plan).value
    _emit(admitted, outcome, steps, as_json=as_json)


def _emit(artifact: Any, outcome: str, steps: list[str], *, as_json: bool) -> None:
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
