"""`lambent platform deploy`: what all models share."""

from dataclasses import asdict

import typer

from infra.cli.output import AsJson, DryRun, emit, progress, table

app = typer.Typer(help="What all models share: bucket, key, history.", no_args_is_help=True)


@app.callback()
def platform() -> None:
    """What all models share: bucket, key, history."""


@app.command()
def deploy(as_json: AsJson = False, dry_run: DryRun = False) -> None:
    """Create or update the platform stack by the real sam."""
    from infra.cli import wiring
    from infra.release.platform import deploy_platform
    from infra.release.stacks import PLATFORM_STACK, find_stack

    aws = wiring.aws()
    if dry_run:
        stack = find_stack(aws, PLATFORM_STACK)
        step = f"sam deploy: {'update' if stack else 'create'} stack {PLATFORM_STACK}"
        emit({"steps": [step]}, [step], as_json=as_json)
        return
    progress(f"sam deploy: stack {PLATFORM_STACK}")
    deployed = deploy_platform(aws, wiring.sam(aws))
    emit(deployed, table(asdict(deployed).items()), as_json=as_json)
