"""`lambent deploy NAME[@VERSION]`."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any

import typer

from infra.cli.output import AsJson, DryRun, emit, note, progress, table

if TYPE_CHECKING:
    from infra.release.deploy import Deployed, Deployer
    from infra.release.plan import DeployPlan


def deploy(
    target: Annotated[
        str, typer.Argument(metavar="NAME[@VERSION]", help="Without a version: the newest.")
    ],
    memory: Annotated[int | None, typer.Option(help="MB.")] = None,
    timeout: Annotated[int | None, typer.Option(help="Seconds, at most 29.")] = None,
    architecture: Annotated[str | None, typer.Option(help="arm64 or x86_64.")] = None,
    runtime: Annotated[str | None, typer.Option(help="For example python3.13.")] = None,
    snapstart: Annotated[bool | None, typer.Option(help="Start from a snapshot.")] = None,
    reserved_concurrency: Annotated[int | None, typer.Option(help="-1 for no limit.")] = None,
    api_key_required: Annotated[bool | None, typer.Option("--api-key/--no-api-key")] = None,
    cors_origin: Annotated[
        list[str] | None, typer.Option(help="A site that may call from browsers; repeatable.")
    ] = None,
    throttle_rate: Annotated[int | None, typer.Option(help="Requests per second.")] = None,
    throttle_burst: Annotated[int | None, typer.Option(help="Requests at once.")] = None,
    daily_quota: Annotated[int | None, typer.Option(help="Per API key; 0 for none.")] = None,
    log_level: Annotated[str | None, typer.Option(help="DEBUG, INFO, WARNING or ERROR.")] = None,
    log_retention_days: Annotated[int | None, typer.Option()] = None,
    tracing: Annotated[bool | None, typer.Option(help="X-Ray.")] = None,
    latency_alarm_ms: Annotated[int | None, typer.Option()] = None,
    fallback_alarm_percent: Annotated[int | None, typer.Option()] = None,
    alarm_topic: Annotated[str | None, typer.Option(help="ARN of an SNS topic.")] = None,
    again: Annotated[
        bool, typer.Option("--again", help="Also what was rolled back, or is live already.")
    ] = False,
    why: Annotated[str, typer.Option(help="Kept in the history.")] = "",
    show_key: Annotated[bool, typer.Option("--show-key", help="Print the API key.")] = False,
    as_json: AsJson = False,
    dry_run: DryRun = False,
) -> None:
    """Build and deploy a published model by the real sam. What is not named stays as it is."""
    options = {
        "memory": memory,
        "timeout": timeout,
        "architecture": architecture,
        "runtime": runtime,
        "snapstart": snapstart,
        "reserved_concurrency": reserved_concurrency,
        "api_key_required": api_key_required,
        "throttle_rate": throttle_rate,
        "throttle_burst": throttle_burst,
        "daily_quota": daily_quota,
        "log_level": log_level,
        "log_retention_days": log_retention_days,
        "tracing": tracing,
        "latency_alarm_ms": latency_alarm_ms,
        "fallback_alarm_percent": fallback_alarm_percent,
        "alarm_topic": alarm_topic,
        "cors_origins": tuple(cors_origin) if cors_origin else None,
    }
    _deploy(target, options, Ways(again, why, show_key, as_json, dry_run))


@dataclass(frozen=True)
class Ways:
    """How to go about it; everything else that is said is about the deployment itself."""

    again: bool
    why: str
    show_key: bool
    as_json: bool
    dry_run: bool


def _deploy(target: str, options: dict[str, Any], ways: Ways) -> None:
    from infra.cli import wiring
    from infra.release import deploy as deploying
    from infra.release.plan import plan_deploy

    aws = wiring.aws()
    deployer = deploying.Deployer(aws, wiring.sam(aws))
    situation = deploying.observe(deployer, target, options, write=not ways.dry_run)
    plan = plan_deploy(situation, again=ways.again)
    for text in plan.notes:
        note(text)
    if ways.dry_run:
        _emit_plan(plan, as_json=ways.as_json)
        return
    deployed = _run(deployer, plan, ways.why)
    _emit(deployer, deployed, plan, show_key=ways.show_key, as_json=ways.as_json)


def _run(deployer: "Deployer", plan: "DeployPlan", why: str) -> "Deployed":
    from infra.release import deploy as deploying
    from infra.release.live import require_live

    if plan.is_live:
        return deploying.where_it_answers(
            deployer.aws, plan.model, require_live(deployer.aws, plan.model)
        )
    for step in plan.steps:
        progress(step)
    return deploying.apply(deployer, plan, why)


def _emit_plan(plan: "DeployPlan", *, as_json: bool) -> None:
    steps = plan.steps or ("nothing: this is live already",)
    lines = [f"{plan.model}@{plan.version} (digest {plan.digest[:12]}…)"]
    lines += [f"  {number}. {step}" for number, step in enumerate(steps, 1)]
    lines += table((f"  {name}", value) for name, value in plan.parameters.items())
    emit(plan, lines, as_json=as_json)


def _emit(
    deployer: "Deployer", deployed: "Deployed", plan: "DeployPlan", *, show_key: bool, as_json: bool
) -> None:
    from infra.release.deploy import api_key

    key = api_key(deployer.aws, deployed.api_key_id) if show_key and deployed.api_key_id else None
    document: dict[str, Any] = {**vars(deployed), "changed": not plan.is_live}
    if key:
        document["api_key"] = key
    emit(document, _lines(deployed, plan, key), as_json=as_json)


def _lines(deployed: "Deployed", plan: "DeployPlan", key: str | None) -> list[str]:
    model = deployed.model
    done = "was live already" if plan.is_live else "is live"
    header = ' -H "x-api-key: $LAMBENT_API_KEY"' if deployed.api_key_id else ""
    where_key = f"lambent status {model} --show-key" if deployed.api_key_id else "none is asked for"
    rows = (
        (f"{model}@{deployed.version}", f"{done} (Lambda version {deployed.lambda_version})"),
        ("url", deployed.api_url),
        ("API key", key or where_key),
        ("try", f"curl {deployed.api_url}/v1/model{header}"),
        ("read", f"{deployed.api_url}/docs"),
        ("next", f"lambent status {model}; to go back: lambent rollback {model}"),
    )
    return table(rows)
