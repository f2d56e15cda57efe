"""`lambent rollback NAME`."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from infra.cli.output import AsJson, DryRun, emit, note, served_by, table

if TYPE_CHECKING:
    from infra.aws import Aws
    from infra.release.switch.rollback import RollbackPlan
    from model_store.history.event import Event


def rollback(
    model: Annotated[str, typer.Argument(metavar="NAME")],
    to: Annotated[
        str | None,
        typer.Option(help="A model version, or a Lambda version's number (lambda:7)."),
    ] = None,
    why: Annotated[str, typer.Option(help="Kept in the history.")] = "",
    force: Annotated[
        bool, typer.Option("--force", help="Even if CodeDeploy does not stop a release under way.")
    ] = False,
    as_json: AsJson = False,
    dry_run: DryRun = False,
) -> None:
    """Go back to what was live before: one call, no build, no S3."""
    from infra.cli import wiring
    from infra.release.deployed.observed import observe
    from infra.release.switch import rollback as rolling

    aws = wiring.aws()
    observed = observe(aws, model)
    plan = rolling.plan(model, observed, to, force=force)
    outcome = "planned" if dry_run else "already live" if plan.changes_nothing else "rolled back"
    if outcome == "rolled back" and (to_watch := rolling.apply(aws, plan)):
        note(to_watch)
    _emit(plan, outcome, as_json=as_json)
    if outcome == "rolled back":
        _write_down(aws, plan, observed.events, why)


def _write_down(
    aws: "Aws", plan: "RollbackPlan", events: "Sequence[Event] | None", why: str
) -> None:
    """After the fact: nothing here can undo or delay the rollback itself."""
    from infra.release.switch import rollback as rolling
    from model_store.errors import LambentError

    try:
        events = rolling.remember(aws, plan, events, why)
    except LambentError as error:
        note(f"Done, but not in the history (the next command notes it as observed): {error}")
    _repoint(aws, plan, events or ())


def _repoint(aws: "Aws", plan: "RollbackPlan", events: "Sequence[Event]") -> None:
    from infra.cli import wiring
    from infra.release.stack.samconfig import SamConfig
    from infra.release.switch.rollback import repoint
    from model_store.errors import LambentError

    config = SamConfig(wiring.samconfig_path(aws))
    try:
        repointed = repoint(plan, events, config, wiring.root(), aws.region)
    except (LambentError, OSError) as error:
        note(f"{config.path.name} still names {plan.live.version.model_version}: {error}")
        return
    if repointed:
        note(f"{config.path.name} names {plan.target.model_version} now: sam deploy keeps it.")


def _emit(plan: "RollbackPlan", outcome: str, *, as_json: bool) -> None:
    before, target = plan.refused or plan.live.version, plan.target
    document = {
        "model": plan.model,
        "outcome": outcome,
        "from": served_by(before),
        "to": served_by(target),
        "cleared_weights": dict(plan.clears),
        "ends_fallback": plan.ends_fallback,
        "ends_shadow": plan.ends_shadow,
        "ends_release": plan.shift is not None,
    }
    cleared = ", ".join(f"{share:.0%} to version {v}" for v, share in plan.clears.items())
    rows = (
        (plan.model, outcome),
        ("from", f"{before.model_version} (Lambda version {before.number})"),
        ("to", f"{target.model_version} (Lambda version {target.number})"),
        ("cleared", cleared),
        ("ends", "fallback-only mode: the model answers again" if plan.ends_fallback else ""),
        ("ends", "the release that was under way" if plan.shift else ""),
        ("ends", "shadowing: requests are copied no more" if plan.ends_shadow else ""),
    )
    emit(document, table(rows), as_json=as_json)
