"""The tables of docs/scale.md.

python -m infra.capacity.page [--check]
"""

import re
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from infra.capacity import reference
from infra.capacity.cost import (
    Bill,
    Usage,
    device_bill,
    fargate_bill,
    lambda_bill,
    per_million,
    sagemaker_bill,
)
from infra.capacity.footprint import footprint
from infra.capacity.load import Load, Quotas
from infra.capacity.plan import (
    MODES,
    Candidate,
    Judged,
    Mode,
    Question,
    held,
    judge,
    observe,
    usage,
)

PAGE = Path(__file__).parents[2] / "docs/scale.md"
MODEL = footprint(2_187_000, "tree ensembles")
"""Model B of the benchmarks as it is packaged by default."""
MEMORY_MB = 1024
RAISED = Quotas(concurrency=2000, gateway_rate=20_000)
STEADY = (Load(1), Load(100), Load(10_000))
CROWDS = (Load(100, 1000), Load(100, 5000), Load(0.01, 1000))
BROWSER_RUNTIME_MB, PER_DOWNLOAD = 4.0, 20.0
SMALL_MODEL_MB = 0.001


def judged(load: Load, quotas: Quotas) -> list[Judged]:
    """Each way of being ready, at one size; the target plays no part in it."""
    asked = Question(MODEL, load, p99_ms=200, quotas=quotas)
    return [judge(asked, _candidate(asked, mode)) for mode in MODES]


def _candidate(asked: Question, mode: Mode) -> Candidate:
    return Candidate(mode, MEMORY_MB, held(asked, MEMORY_MB) if mode == "provisioned" else 0)


def load_table(loads: tuple[Load, ...], quotas: Quotas) -> Iterator[str]:
    yield "| Requests per second | Ready by | p50 ms | p99 ms | Cold | Turned away | Environments |"
    yield "|---|---|---|---|---|---|---|"
    for load in loads:
        for found in judged(load, quotas):
            shown = (found.p50_ms, found.p99_ms)
            times = " | ".join(f"{value:.0f}" if value >= 10 else f"{value:.1f}" for value in shown)
            many = f" {found.candidate.provisioned}" if found.candidate.provisioned else ""
            ready = f"{found.candidate.mode}{many}"
            yield (
                f"| {_told(load)} | {ready} | {times} | {found.cold:.2%} "
                f"| {found.throttled:.1%} | {found.environments} |"
            )


def cost_table() -> Iterator[str]:
    yield "| Dollars per million predictions | " + " | ".join(_told(load) for load in STEADY) + " |"
    yield "|---|" + "---|" * len(STEADY)
    columns = [_bills(load.rate) for load in STEADY]
    for name in columns[0]:
        cells = (
            f"{per_million(c[name], load.rate):.2f}"
            for c, load in zip(columns, STEADY, strict=True)
        )
        yield f"| {name} | {' | '.join(cells)} |"


def item_table() -> Iterator[str]:
    yield "| Of that, Lambda on demand | " + " | ".join(_told(load) for load in STEADY) + " |"
    yield "|---|" + "---|" * len(STEADY)
    bills = [lambda_bill(_usage(load.rate, "on demand")) for load in STEADY]
    for item in bills[0]:
        cells = (
            f"{per_million({item: bill[item]}, load.rate):.2f}"
            for bill, load in zip(bills, STEADY, strict=True)
        )
        yield f"| {item} | {' | '.join(cells)} |"


def _bills(rate: float) -> dict[str, Bill]:
    on_demand = _usage(rate, "on demand")
    core_ms = MODEL.warm.mean
    small = device_bill(rate, SMALL_MODEL_MB, BROWSER_RUNTIME_MB, PER_DOWNLOAD)
    large = device_bill(rate, MODEL.size_mb, BROWSER_RUNTIME_MB, PER_DOWNLOAD)
    return {
        "Lambda, on demand": lambda_bill(on_demand),
        "Lambda, SnapStart": lambda_bill(_usage(rate, "SnapStart")),
        "Lambda, provisioned": lambda_bill(_usage(rate, "provisioned")),
        "SageMaker Serverless": sagemaker_bill(on_demand),
        "Fargate behind a load balancer": fargate_bill(rate, core_ms, "arm64"),
        "on the device, this model": large,
        "on the device, a model of 1 KB": small,
    }


@cache
def _usage(rate: float, mode: Mode) -> Usage:
    """As it is simulated: starts are billed too."""
    asked = Question(MODEL, Load(rate), p99_ms=200, quotas=RAISED)
    candidate = _candidate(asked, mode)
    return usage(asked, candidate, observe(asked, candidate, burst=False))


def _told(load: Load) -> str:
    if load.burst is None:
        return f"{load.rate:,g}"
    return f"{load.rate:,g}, then {load.burst:,g}" if load.rate >= 1 else f"0, then {load.burst:,g}"


def sections() -> dict[str, str]:
    tables = {
        "steady": load_table(STEADY, RAISED),
        "crowd": load_table(CROWDS, Quotas()),
        "cost": cost_table(),
        "items": item_table(),
    }
    return {name: "\n".join(lines) for name, lines in tables.items()} | {"assumed": assumed()}


def assumed() -> str:
    return (
        "Assumed, not measured: Lambda's processor is quicker or slower by a factor of "
        f"{reference.PROCESSOR:g} at most; "
        f"Lambda takes {reference.PLATFORM_MS:g} ms before any code runs; "
        f"SnapStart restores in {reference.RESTORE.quantile(0.5):g} ms (median); the runtime "
        f"client takes {reference.RUNTIME_MS:g} ms per request; S3 gives "
        f"{reference.S3_MB_PER_S:g} MB per second; an idle environment is kept for "
        f"{reference.KEEP_ALIVE_S:g} s; a request logs {reference.LOG_BYTES} bytes."
    )


def rewritten(page: str) -> str:
    """The page with its tables made anew; raises ValueError where one has no place."""
    for name, text in sections().items():
        marked = re.compile(rf"(<!-- {name} -->\n).*?(<!-- /{name} -->)", re.DOTALL)
        if len(marked.findall(page)) != 1:
            raise ValueError(f"{PAGE.name} has no place for the table {name!r}")
        page = marked.sub(rf"\g<1>{text}\n\g<2>", page)
    return page


def main(check: bool) -> int:
    page = PAGE.read_text(encoding="utf-8")
    made = rewritten(page)
    if not check:
        PAGE.write_text(made, encoding="utf-8")
    return int(check and made != page)


if __name__ == "__main__":
    sys.exit(main("--check" in sys.argv[1:]))
