"""`lambent plan TARGET --rps 100 --p99 200ms`."""

import re
from typing import Annotated, Literal

import typer

from infra.cli.output import AsJson, emit
from infra.cli.target import TARGET_HELP, find_manifest


def _milliseconds(text: str) -> float:
    """200ms, 0.2s or 200."""
    found = re.fullmatch(r"(\d+(?:\.\d+)?)\s*(ms|s)?", str(text).strip())
    if not found or float(found[1]) <= 0:
        raise typer.BadParameter(f"{text!r} is no time such as 200ms or 0.2s")
    return float(found[1]) * (1000 if found[2] == "s" else 1)


def plan(
    target: Annotated[str, typer.Argument(metavar="TARGET", help=TARGET_HELP)],
    rps: Annotated[float, typer.Option(min=0.001, max=100_000, help="Requests per second.")],
    p99: Annotated[
        float,
        typer.Option(parser=_milliseconds, help="99 of 100 answers within this, such as 200ms."),
    ],
    burst: Annotated[
        float | None,
        typer.Option(
            min=0.001, max=100_000, help="Requests per second that may come from one moment on."
        ),
    ] = None,
    warm: Annotated[
        float | None,
        typer.Option(parser=_milliseconds, help="Measured: the p50 of Duration on the dashboard."),
    ] = None,
    warm_memory: Annotated[
        int, typer.Option(min=256, max=10240, help="MB of the function that --warm is of.")
    ] = 1024,
    architecture: Annotated[
        Literal["arm64", "x86_64"], typer.Option(help="What is priced.")
    ] = "arm64",
    concurrency: Annotated[
        int, typer.Option(min=110, help="The account's quota of requests in flight.")
    ] = 1000,
    api_rate: Annotated[
        float, typer.Option(min=1, help="The account's quota of API requests per second.")
    ] = 10_000,
    versions: Annotated[
        int | None,
        typer.Option(
            min=1,
            help="Published versions, since SnapStart is paid for each; the live one and those "
            "that prune leaves, if not given.",
        ),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Simulate a load on Lambda: which memory, SnapStart or provisioned concurrency meets the
    target, and what each costs. Asks AWS for nothing but the model."""
    from infra.capacity import plan as planning
    from infra.capacity.cost import VERSIONS
    from infra.capacity.footprint import footprints_of
    from infra.capacity.load import Load, Quotas
    from infra.cli.plan_report import PlanReport

    manifest, _ = find_manifest(target)
    *lighter, model = footprints_of(manifest)
    if warm is not None:
        model = model.measured(warm, warm_memory)
    quotas = Quotas(concurrency, api_rate)
    load, many = Load(rps, burst), versions or VERSIONS
    asked = planning.Question(model, load, p99, architecture, quotas, many)
    found = planning.plan(asked)
    shown = PlanReport(str(manifest.reference), asked, found, is_guess=bool(lighter))
    emit(shown.document(), shown.lines(), as_json=as_json)
