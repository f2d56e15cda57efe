"""`lambent shadow NAME@VERSION`, `lambent shadow NAME off`, `lambent shadow NAME`."""

from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from infra.cli.output import AsJson, DryRun, emit, note, served_by, table

if TYPE_CHECKING:
    from infra.aws import Aws
    from infra.release.deployed.live import LambdaVersion
    from infra.release.deployed.observed import Observed
    from infra.release.switch.shadow import ShadowPlan, Switched


def shadow(
    target: Annotated[
        str,
        typer.Argument(
            metavar="NAME[@VERSION]", help="With a version: it gets copies. Without: a report."
        ),
    ],
    switch: Annotated[
        Literal["off"] | None, typer.Argument(help="off: nothing is copied any more.")
    ] = None,
    percent: Annotated[
        int, typer.Option(help="Share of the requests that are copied.", min=1, max=100)
    ] = 10,
    why: Annotated[str, typer.Option(help="Kept in the history.")] = "",
    as_json: AsJson = False,
    dry_run: DryRun = False,
) -> None:
    """Copy live requests to a version that is not live, after their callers have the answer, and
    say how often the two disagree."""
    from infra.cli import wiring
    from infra.cli.shadow_report import report
    from infra.errors import Refused
    from infra.release.deployed.observed import observe
    from model_store.artifact.reference import ModelReference

    if "@" in target and switch:
        raise Refused(target, "is not what is switched off", f"lambent shadow {_name(target)} off")
    aws, model = wiring.aws(), _name(target)
    observed = observe(aws, model)
    if "@" not in target and switch is None:
        report(aws, model, observed, as_json=as_json)
        return
    wanted = ModelReference.parse(target) if "@" in target else None
    plan = _plan(aws, model, observed, wanted, percent)
    for text in plan.notes:
        note(text)
    if dry_run:
        _emit(plan, None, "planned", as_json=as_json)
        return
    _apply(aws, plan, observed, why, as_json=as_json)


def _name(target: str) -> str:
    return target.partition("@")[0]


def _plan(aws: "Aws", model: str, observed: "Observed", wanted: Any, percent: int) -> "ShadowPlan":
    from infra.release.switch import shadow as shadowing
    from infra.release.switch.shadow_rules import read_candidate

    if wanted is None:
        return shadowing.plan_off(model, observed)
    candidate = read_candidate(aws, wanted, observed.live)
    return shadowing.plan_on(model, observed, candidate, percent)


def _apply(
    aws: "Aws", plan: "ShadowPlan", observed: "Observed", why: str, *, as_json: bool
) -> None:
    import time

    from infra.release.switch import shadow as shadowing
    from model_store.errors import LambentError

    done = shadowing.apply(aws, plan, sleep=time.sleep, tell=note)
    _emit(
        plan, done, f"already {plan.state}" if plan.changes_nothing else plan.state, as_json=as_json
    )
    if plan.changes_nothing:
        return
    try:
        shadowing.remember(aws, plan, done, observed.events, why)
    except LambentError as error:
        note(f"Done, but not in the history (the next command notes it as found): {error}")


def _emit(plan: "ShadowPlan", done: "Switched | None", outcome: str, *, as_json: bool) -> None:
    target = done.live if done else plan.target
    shadow = done.shadow if done else plan.shadow
    document: dict[str, Any] = {
        "model": plan.model,
        "outcome": outcome,
        "from": served_by(plan.live.version),
        "to": target and served_by(target),
        "shadow": shadow and served_by(shadow),
        "shadow_version": plan.candidate and plan.candidate.manifest.version,
        "percent": plan.percent,
        "steps": plan.steps,
        "notes": plan.notes,
    }
    emit(document, _lines(plan, target, outcome), as_json=as_json)


def _lines(plan: "ShadowPlan", target: "LambdaVersion | None", outcome: str) -> list[str]:
    number = f" → {target.number}" if target and not plan.changes_nothing else ""
    on = plan.candidate is not None
    rows = [
        (plan.model, _told(plan, outcome)),
        ("Lambda version", f"{plan.live.version.number}{number}"),
        ("report", f"lambent shadow {plan.model}" if on else ""),
        ("back", f"lambent shadow {plan.model} off" if on else ""),
    ]
    steps = (plan.steps or ("nothing to do",)) if outcome == "planned" else ()
    return table(rows) + [f"  {place}. {step}" for place, step in enumerate(steps, 1)]


def _told(plan: "ShadowPlan", outcome: str) -> str:
    live = f"{plan.model}@{plan.live.version.model_version} answers"
    if plan.candidate is None:
        told = f"{live}; nothing is copied"
    else:
        told = f"{live}; {plan.percent} % of the requests are copied to {plan.candidate.reference}"
    return f"planned: {told}" if outcome == "planned" else told
