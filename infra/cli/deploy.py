"""`lambent deploy NAME[@VERSION]`."""

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
    from infra.cli import wiring
    from infra.release import deploy as deploying
    from infra.release.parameters import Choices
    from infra.release.plan import plan_deploy

    given = locals()
    options = {name: given.get(name) for name in Choices.__dataclass_fields__}
    options["cors_origins"] = tuple(cors_origin) if cors_origin else None
    aws = wiring.aws()
    deployer = deploying.Deployer(aws, wiring.sam(aws))
    situation = deploying.observe(deployer, target, options, write=not dry_run)
    plan = plan_deploy(situation, again=again)
    for text in plan.notes:
        note(text)
    if dry_run:
        _emit_plan(plan, as_json=as_json)
        return
    deployed = _run(deployer, plan, why)
    _emit(deployer, deployed, plan, show_key=show_key, as_json=as_json)


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
