"""`lambent prune NAME`."""

from typing import TYPE_CHECKING, Annotated

import typer

from infra.cli.output import AsJson, DryRun, emit, note, table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from infra.release.deployed.live import LambdaVersion
    from infra.release.retention.prune import PrunePlan

QUOTA = "of the 75 GB of code that an account may store"


def prune(
    model: Annotated[str, typer.Argument(metavar="NAME")],
    keep: Annotated[
        int, typer.Option(min=1, help="How many versions stay that rollbacks would lead to.")
    ] = 10,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    as_json: AsJson = False,
    dry_run: DryRun = False,
) -> None:
    """Delete Lambda versions that nobody goes back to. What is published and the history stay."""
    from infra.cli import wiring
    from infra.release.retention import prune as pruning

    aws = wiring.aws()
    plan = pruning.plan(model, pruning.take_inventory(aws, model), keep)
    if dry_run or not plan.deletes:
        _emit(plan, "planned" if plan.deletes else "nothing to delete", (), as_json=as_json)
        return
    if not yes:
        numbers = ", ".join(version.number for version in plan.deletes)
        question = f"Delete the Lambda versions {numbers} of {model}, {_size(plan.frees)}?"
        typer.confirm(question, abort=True, err=True)
    _emit(plan, "pruned", pruning.apply(aws, plan, note), as_json=as_json)


def _emit(
    plan: "PrunePlan", outcome: str, deleted: "Sequence[LambdaVersion]", *, as_json: bool
) -> None:
    freed = sum(version.size for version in deleted)
    document = {
        "model": plan.model,
        "outcome": outcome,
        "versions": [
            {
                "lambda_version": verdict.version.number,
                "version": verdict.version.model_version,
                "digest": verdict.version.digest,
                "stays": verdict.stays,
                "deleted": verdict.version in deleted,
                "why": verdict.why,
            }
            for verdict in plan.verdicts
        ],
        "frees_bytes": plan.frees,
        "freed_bytes": freed,
    }
    size = f"frees {_size(plan.frees)}" if outcome == "planned" else f"freed {_size(freed)}"
    lines = table([(plan.model, f"{outcome}; {size} {QUOTA}" if plan.deletes else outcome)])
    lines += table(
        (
            f"  {verdict.version.number}",
            f"{verdict.version.model_version}  {'stays' if verdict.stays else 'delete'}: "
            f"{verdict.why}",
        )
        for verdict in plan.verdicts
    )
    emit(document, lines, as_json=as_json)


def _size(count: int) -> str:
    return f"{count / 1e6:,.1f} MB"
