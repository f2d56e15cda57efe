"""`lambent platform deploy`: what all models share."""

from dataclasses import asdict
from typing import Annotated

import typer

from infra.cli.output import AsJson, DryRun, emit, progress, table

app = typer.Typer(help="What all models share: bucket, keys, history.", no_args_is_help=True)


@app.callback()
def platform() -> None:
    """What all models share: bucket, keys, history."""


@app.command()
def deploy(
    api_gateway_logging: Annotated[
        bool | None,
        typer.Option(help="Set API Gateway's logging role, for the account; else if it has none."),
    ] = None,
    require_signatures: Annotated[
        bool | None,
        typer.Option(help="Whether what is not signed is not deployed; at first: yes."),
    ] = None,
    as_json: AsJson = False,
    dry_run: DryRun = False,
) -> None:
    """Create or update the platform stack by the real sam."""
    from infra.cli import wiring
    from infra.release.stack.platform import deploy_platform, plan_platform

    aws = wiring.aws()
    plan = plan_platform(aws, api_gateway_logging, require_signatures)
    if dry_run:
        emit({"steps": plan.steps}, plan.steps, as_json=as_json)
        return
    for step in plan.steps:
        progress(step)
    deployed = deploy_platform(aws, wiring.sam(aws), plan)
    emit(
        deployed,
        table((name, str(value)) for name, value in asdict(deployed).items()),
        as_json=as_json,
    )
