"""`lambent deploy NAME[@VERSION]`."""

import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any

import typer

from infra.cli.output import AsJson, DryRun, emit, note, progress, table

if TYPE_CHECKING:
    from infra.release.deploy.deploy import Deployed
    from infra.release.deploy.plan import DeployPlan
    from infra.release.deploy.runs import Deployer


def _setting(
    text: str,
    default: str,
    low: int | None = None,
    high: int | None = None,
    names: tuple[str, ...] = (),
) -> Any:
    """An option for a parameter of template.yaml, within its bounds; not named, it stays."""
    return typer.Option(*names, help=text, show_default=default, min=low, max=high)


def deploy(
    target: Annotated[
        str, typer.Argument(metavar="NAME[@VERSION]", help="Without a version: the newest.")
    ],
    memory: Annotated[
        int | None, _setting("MB; the processor share grows with it.", "1024", 256, 10240)
    ] = None,
    timeout: Annotated[
        int | None, _setting("Seconds; API Gateway waits for 29 at most.", "15", 1, 29)
    ] = None,
    architecture: Annotated[
        str | None, _setting("arm64 or x86_64.", "arm64; in the embedded AWS this machine's")
    ] = None,
    runtime: Annotated[
        str | None,
        _setting("python3.12 to python3.14.", "python3.13; in the embedded AWS the one at hand"),
    ] = None,
    snapstart: Annotated[
        bool | None, _setting("Start from a snapshot of the loaded model.", "off")
    ] = None,
    reserved_concurrency: Annotated[
        int | None, _setting("Most requests in flight at once; -1 for no limit.", "20", -1)
    ] = None,
    api_key_required: Annotated[
        bool | None,
        _setting("Whether callers need an API key.", "needed", names=("--api-key/--no-api-key",)),
    ] = None,
    cors_origin: Annotated[
        list[str] | None,
        _setting("A site that may call from browsers, in full; repeatable.", "none"),
    ] = None,
    throttle_rate: Annotated[int | None, _setting("Requests per second.", "50", 1)] = None,
    throttle_burst: Annotated[
        int | None, _setting("Requests at once; not below the rate.", "100", 1)
    ] = None,
    daily_quota: Annotated[
        int | None, _setting("Requests per day and API key; 0 for no quota.", "0", 0)
    ] = None,
    log_level: Annotated[str | None, _setting("DEBUG, INFO, WARNING or ERROR.", "INFO")] = None,
    log_retention_days: Annotated[
        int | None,
        _setting("Days; a number that CloudWatch knows: 1, 3, 5, 7, 14, …", "30", 1, 1827),
    ] = None,
    tracing: Annotated[bool | None, _setting("Traces in X-Ray.", "off")] = None,
    latency_alarm_ms: Annotated[
        int | None, _setting("Alarm when answers take longer, in ms.", "2000", 1)
    ] = None,
    fallback_alarm_percent: Annotated[
        int | None, _setting("Alarm when the model fails for more of the requests.", "10", 0, 100)
    ] = None,
    alarm_topic: Annotated[
        str | None, _setting("ARN of an SNS topic that hears of alarms.", "none")
    ] = None,
    traffic: Annotated[
        str | None,
        _setting(
            "How traffic moves to it: AllAtOnce, Canary10Percent5Minutes (10, 15, 30), "
            "Linear10PercentEvery1Minute, Linear10PercentEvery2Minutes (3, 10).",
            "AllAtOnce",
        ),
    ] = None,
    tolerance_percent: Annotated[
        int | None,
        _setting("Points by which a rate of trouble may rise while it moves.", "5", 1, 50),
    ] = None,
    churn_percent: Annotated[
        int | None,
        _setting("Share of predictions that may differ from the live ones.", "30", 1, 100),
    ] = None,
    guard_hours: Annotated[
        int | None, _setting("How long afterwards an alarm rolls it back; 0 for never.", "24", 0)
    ] = None,
    again: Annotated[
        bool, typer.Option("--again", help="Also what was rolled back, or is live already.")
    ] = False,
    less_cautious: Annotated[
        bool,
        typer.Option(
            "--less-cautious", help="Also if it answers where the live version holds back."
        ),
    ] = False,
    why: Annotated[str, typer.Option(help="Kept in the history.")] = "",
    show_key: Annotated[bool, typer.Option("--show-key", help="Print the API key.")] = False,
    as_json: AsJson = False,
    dry_run: DryRun = False,
) -> None:
    """Build and deploy a published model by the real sam. What is not named stays as it is;
    the defaults are those of a first deploy."""
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
        "traffic": traffic,
        "tolerance_percent": tolerance_percent,
        "churn_percent": churn_percent,
        "guard_hours": guard_hours,
        "cors_origins": tuple(cors_origin) if cors_origin else None,
    }
    _deploy(target, options, Ways(again, less_cautious, why, show_key, as_json, dry_run))


@dataclass(frozen=True)
class Ways:
    """How to go about it; everything else that is said is about the deployment itself."""

    again: bool
    less_cautious: bool
    why: str
    show_key: bool
    as_json: bool
    dry_run: bool


def _deploy(target: str, options: dict[str, Any], ways: Ways) -> None:
    from infra.cli import wiring
    from infra.release.deploy import deploy as deploying
    from infra.release.deploy.openapi import keep_documents
    from infra.release.deploy.plan import plan_deploy
    from infra.release.deploy.runs import Deployer

    aws = wiring.aws()
    follow = progress if sys.stderr.isatty() else None
    deployer = Deployer(aws, wiring.sam(aws), tell=note, progress=follow)
    situation = deploying.observe(deployer, target, options, write=not ways.dry_run)
    plan = plan_deploy(situation, again=ways.again, less_cautious=ways.less_cautious)
    for text in plan.notes:
        note(text)
    if ways.dry_run:
        _emit_plan(plan, as_json=ways.as_json)
        return
    deployed = _run(deployer, plan, ways.why)
    for text in keep_documents(aws, situation.manifest):
        note(text)
    _emit(deployer, deployed, plan, show_key=ways.show_key, as_json=ways.as_json)


def _run(deployer: "Deployer", plan: "DeployPlan", why: str) -> "Deployed":
    from infra.release.deploy import deploy as deploying
    from infra.release.deployed.live import require_live

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
    packed = f"(contract and fallback, {len(plan.parameters['Standby'])} characters)"
    shown = plan.parameters | {"Standby": packed}
    lines += table((f"  {name}", value) for name, value in shown.items())
    emit(plan, lines, as_json=as_json)


def _emit(
    deployer: "Deployer", deployed: "Deployed", plan: "DeployPlan", *, show_key: bool, as_json: bool
) -> None:
    from infra.release.stack.stacks import api_key

    key = api_key(deployer.aws, deployed.api_key_id) if show_key and deployed.api_key_id else None
    document: dict[str, Any] = {**vars(deployed), "changed": not plan.is_live}
    if key:
        document["api_key"] = key
    emit(document, _lines(deployed, plan, key), as_json=as_json)


def _card(plan: "DeployPlan") -> str:
    """The path of the model card, by the newest contract."""
    from model_store.artifact import standby
    from model_store.contract import model_path

    return model_path(standby.unpack(plan.parameters["Standby"]).majors[0])


def _lines(deployed: "Deployed", plan: "DeployPlan", key: str | None) -> list[str]:
    model = deployed.model
    done = "was live already" if plan.is_live else "is live"
    header = f' -H "x-api-key: {key or "$KEY"}"' if deployed.api_key_id else ""
    shows = f"lambent status {model} --show-key (prints the line that sets URL and KEY)"
    where_key = shows if deployed.api_key_id else "none is asked for"
    rows = (
        (f"{model}@{deployed.version}", f"{done} (Lambda version {deployed.lambda_version})"),
        ("url", deployed.api_url),
        ("API key", key or where_key),
        ("try", f"curl {deployed.api_url}{_card(plan)}{header}"),
        ("read", f"{deployed.api_url}/docs"),
        ("next", f"lambent status {model}; to go back: lambent rollback {model}"),
    )
    return table(rows)
