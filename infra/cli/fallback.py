"""`lambent fallback NAME on|off`: the kill switch."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from infra.cli.output import AsJson, DryRun, emit, note, served_by, table

if TYPE_CHECKING:
    from infra.aws import Aws
    from infra.release.deployed.live import LambdaVersion
    from infra.release.switch.fallback import SwitchPlan
    from model_store.history.event import Event


def fallback(
    model: Annotated[str, typer.Argument(metavar="NAME")],
    switch: Annotated[
        Literal["on", "off"],
        typer.Argument(help="on: only the fallback answers. off: the model answers again."),
    ],
    why: Annotated[str, typer.Option(help="Kept in the history.")] = "",
    force: Annotated[
        bool,
        typer.Option("--force", help="Even if there is no fallback, or it could not be tried."),
    ] = False,
    as_json: AsJson = False,
    dry_run: DryRun = False,
) -> None:
    """Switch a model off, or on again: its fallback answers from the next request on, with
    neither a deploy nor S3."""
    import time

    from infra.cli import wiring
    from infra.release.deployed.guard import check_no_shift
    from infra.release.deployed.observed import observe
    from infra.release.deployed.shift import hold
    from infra.release.switch import fallback as switching
    from infra.release.switch.interrupt import OVER, plan_over_release

    aws = wiring.aws()
    observed = observe(aws, model)
    shift = observed.shift
    if switch == "off":
        check_no_shift(model, shift)
    if shift and not dry_run:
        plan, observed = plan_over_release(
            aws, model, observed, shift, why=why, force=force, sleep=time.sleep, tell=note
        )
    else:
        plan = switching.plan(model, observed, switch, force=force)
    for text in (*plan.notes, *((OVER,) if shift and dry_run else ())):
        note(text)
    if dry_run:
        _emit(plan, plan.target, "planned", as_json=as_json)
        return
    target = switching.apply(aws, plan, sleep=time.sleep, tell=note)
    done = "already" if plan.changes_nothing else "switched"
    _emit(plan, target, f"{done} {switch}", as_json=as_json)
    if not plan.changes_nothing:
        _write_down(aws, plan, target, observed.events, why)
    if shift:
        hold(aws, model, target.number, time.sleep)


def _write_down(
    aws: "Aws",
    plan: "SwitchPlan",
    target: "LambdaVersion",
    events: "Sequence[Event] | None",
    why: str,
) -> None:
    """After the fact: nothing here can undo or delay the switch itself."""
    from infra.release.switch.fallback import remember
    from model_store.errors import LambentError

    try:
        remember(aws, plan, target, events, why)
    except LambentError as error:
        note(f"Done, but not in the history (the next command notes it as found): {error}")


def _emit(
    plan: "SwitchPlan", target: "LambdaVersion | None", outcome: str, *, as_json: bool
) -> None:
    live = plan.live.version
    document: dict[str, Any] = {
        "model": plan.model,
        "outcome": outcome,
        "from": _version(live),
        "to": _version(target) if target else None,
        "steps": plan.steps,
        "notes": plan.notes,
        "cleared_weights": dict(plan.clears),
    }
    emit(document, _lines(plan, target, outcome), as_json=as_json)


def _lines(plan: "SwitchPlan", target: "LambdaVersion | None", outcome: str) -> list[str]:
    cleared = ", ".join(f"{share:.0%} to version {v}" for v, share in plan.clears.items())
    number = f" → {target.number}" if target and not plan.changes_nothing else ""
    rows = [
        (plan.model, _told(plan, outcome)),
        ("Lambda version", f"{plan.live.version.number}{number}"),
        ("cleared", cleared),
        ("back", f"lambent fallback {plan.model} off" if plan.switch == "on" else ""),
    ]
    steps = (plan.steps or ("nothing to do",)) if outcome == "planned" else ()
    return table(rows) + [f"  {place}. {step}" for place, step in enumerate(steps, 1)]


def _version(version: "LambdaVersion") -> dict[str, Any]:
    return {**served_by(version), "fallback_only": version.is_fallback_only}


def _told(plan: "SwitchPlan", outcome: str) -> str:
    reference = f"{plan.model}@{plan.live.version.model_version}"
    if outcome == "planned":
        return f"fallback {plan.switch}: planned"
    if plan.switch == "on":
        already = "already " if plan.changes_nothing else ""
        return f"{reference} is {already}switched off; its fallback answers every request"
    return f"{reference} answers" + (": it is not switched off" if plan.changes_nothing else "")
