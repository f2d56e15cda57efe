"""docs/soak.md, from the result of the last soak and nothing else."""

from benchmarks.places import ROOT
from benchmarks.soak_growth import Growth
from benchmarks.soak_requests import LEFT_ALONE, MALTREATED
from benchmarks.soak_result import Soak
from benchmarks.soak_verdict import (
    AWS_FILES,
    AWS_MB,
    WORKER_FILES,
    WORKER_MB,
    grown,
    growths,
    passed,
)

PAGE = ROOT / "docs/soak.md"
HEAD = f"""# Soak: mixed load with deploys, rollbacks and faults

Written by `make soak` from `benchmarks/soak.json`; do not edit. `make soak MINUTES=5` is a shorter
one, which shows losses, but fails since it is too short to rule growth out.

Two models are asked through the gateway of an embedded AWS in a process of its own:

- `{MALTREATED.model}`, by {MALTREATED.callers} callers, is maltreated. It is deployed, rolled back,
  switched off and on; workers of it are killed in the middle of their work; and its files in the
  bucket go bad for a while.
- `{LEFT_ALONE.model}`, by one caller, is left alone: no release and no fault touches it. One worker
  answers everything, and shows whether answering makes it grow.
"""
LOSS = f"""Every answer is looked at. Lost is a request without an answer, or whose answer is
not the documented one:

- it fits the schema of the API and has the id of the request;
- it holds as many predictions as there were rows;
- of a row it says what was said first, by the same version and for the same reason.

What is done to `{MALTREATED.model}` may cost a 5xx or a 429 with a JSON body. Of
`{LEFT_ALONE.model}` that is a loss too.
"""
GROWTH = f"""## Growth

In the first quarter of the time everything is loaded once, and the embedded AWS fills the room that
it has for log lines and metrics. The rest is cut into twelve parts, each about as long as a round
of what goes on meanwhile, and a line is laid through their medians (Theil and Sen). Growth is ruled
out where the 95 % interval of its slope ends below a bound:

- for the worker that is left alone {WORKER_MB:g} MB and {WORKER_FILES:g} open file an hour. About 7
  of these MB are AWS's own runtime client: it puts the trace id of each request into the
  environment, where glibc keeps all of them, 150 bytes each;
- for the embedded AWS {AWS_MB:g} MB and {AWS_FILES:g} open file in each round, since it has to
  remember releases. If it kept each request, that would be many times as much.
"""


def page(soak: Soak) -> str:
    parts = [
        HEAD,
        f"{soak.day}, {soak.minutes:g} min, {soak.machine}.\n",
        _verdict(soak),
        LOSS,
        *_lost(soak),
        *_answers(soak),
        "## What went on meanwhile\n",
        *(f"- {name}: {count} ×" for name, count in soak.actions.items()),  # noqa: RUF001 - times, not the letter x
        *(f"- refused: {reason}" for reason in soak.refused),
        "",
        GROWTH,
        *_growths(soak),
    ]
    return "\n".join(parts)


def _verdict(soak: Soak) -> str:
    word, grows = "Passed" if passed(soak) else "Failed", ", ".join(grown(soak))
    total = sum(sum(each.values()) for each in soak.answers.values())
    told = f"growth is not ruled out: {grows}" if grows else "growth is ruled out"
    return f"**{word}: {total:,} answers, {len(soak.lost)} requests lost; {told}.**\n"


def _lost(soak: Soak) -> list[str]:
    return [*(f"- {each}" for each in soak.lost[:20]), ""] if soak.lost else []


def _answers(soak: Soak) -> list[str]:
    statuses = sorted({status for each in soak.answers.values() for status in each})
    lines = [
        f"| {kind} | {' | '.join(str(each.get(status, 0)) for status in statuses)} |"
        for kind, each in soak.answers.items()
    ]
    head = f"| asked for | {' | '.join(statuses)} |"
    return ["## Answers\n", head, "|---" * (len(statuses) + 1) + "|", *lines, ""]


def _growths(soak: Soak) -> list[str]:
    head = "| | level | slope per hour | 95 % interval | bound | growth |"
    lines = [_growth(what, found) for what, found in growths(soak).items()]
    return [head, "|---|---|---|---|---|---|", *lines, ""]


def _growth(what: str, found: Growth) -> str:
    interval = f"{found.low:+.1f} to {found.high:+.1f}"
    verdict = "ruled out" if found.within else "**not ruled out**"
    slope, most = f"{found.slope:+.1f}", f"{found.most:+.1f}"
    return f"| {what} | {found.level:.1f} | {slope} | {interval} | {most} | {verdict} |"
