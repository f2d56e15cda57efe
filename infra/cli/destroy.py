"""`lambent destroy NAME`."""

from typing import Annotated

import typer

from infra.cli.output import AsJson, DryRun, emit, progress, table

KEPT = "published versions (S3) and the history (DynamoDB) stay; deploying again is possible"


def destroy(
    model: Annotated[str, typer.Argument(metavar="NAME")],
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    as_json: AsJson = False,
    dry_run: DryRun = False,
) -> None:
    """Take a model off the air: delete its stack. What was published is kept."""
    from infra.cli import wiring
    from infra.errors import NotFound
    from infra.release.deployed.guard import check_no_shift
    from infra.release.deployed.shift import running_shift
    from infra.release.stack.stacks import find_stack, stack_name

    aws, name = wiring.aws(), stack_name(model)
    stack = find_stack(aws, name)
    if stack is None:
        raise NotFound(f"stack {name}", "is not there", "See what is published: lambent models")
    check_no_shift(model, running_shift(aws, model))
    if not dry_run and not yes:
        typer.confirm(f"Delete stack {name}, its URL and its API key?", abort=True, err=True)
    if not dry_run:
        progress(f"sam delete: stack {name}")
        wiring.sam(aws).delete(name, aws.region)
    outcome = "planned" if dry_run else "destroyed"
    document = {"model": model, "stack": name, "outcome": outcome, "kept": KEPT}
    emit(document, table([(model, outcome), ("kept", KEPT)]), as_json=as_json)
