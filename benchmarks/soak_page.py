"""docs/soak.md, from the result of the last soak and nothing else."""

import json
import os
import platform
import statistics
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.places import ROOT

RESULT = ROOT / "benchmarks/soak.json"
PAGE = ROOT / "docs/soak.md"
HEAD = """# Soak: mixed load with deploys, rollbacks and faults

Written by `make soak` from `benchmarks/soak.json`; do not edit. `make soak MINUTES=5` is a shorter
one. Four callers ask `examples/penguins` through the gateway of an embedded AWS in a process of its
own, while an operator releases and takes back, workers are killed in the middle of their work, and
the models in the bucket go bad for a while.
"""


@dataclass(frozen=True)
class Sample:
    """The embedded AWS at one second of the soak; of its workers the largest."""

    second: float
    memory_mb: float
    files: int
    threads: int
    workers: int
    worker_memory_mb: float
    worker_files: int


@dataclass(frozen=True)
class Soak:
    """answers: by kind of request and status. actions: how often each was done."""

    minutes: float
    day: str
    machine: str
    answers: dict[str, dict[str, int]]
    lost: list[str]
    actions: dict[str, int]
    refused: list[str]
    samples: list[Sample]


def today() -> str:
    return datetime.now(tz=UTC).date().isoformat()


def machine() -> str:
    return (
        f"{os.cpu_count()} processors, {platform.machine()}, {platform.system()}, "
        f"Python {platform.python_version()}, load {os.getloadavg()[0]:.1f} at the end"
    )


def save(soak: Soak) -> None:
    text = json.dumps(asdict(soak), indent=1)
    RESULT.write_text(f"{text}\n", encoding="utf-8")
    PAGE.write_text(page(soak), encoding="utf-8")


def load(path: Path = RESULT) -> Soak:
    found = json.loads(path.read_text(encoding="utf-8"))
    return Soak(**found | {"samples": [Sample(**each) for each in found["samples"]]})


def page(soak: Soak) -> str:
    total = sum(sum(each.values()) for each in soak.answers.values())
    parts = [
        HEAD,
        f"{soak.day}, {soak.minutes:g} min, {soak.machine}.\n",
        f"**{total:,} answers, {len(soak.lost)} requests lost.** Lost is one without an answer, or",
        "whose answer is neither the documented one nor a 5xx or 429 with a JSON body.\n",
        *_lost(soak),
        *_answers(soak),
        "## What went on meanwhile\n",
        *(f"- {name}: {count} ×" for name, count in soak.actions.items()),  # noqa: RUF001
        *(f"- refused: {reason}" for reason in soak.refused),
        "",
        *_growth(soak.samples),
    ]
    return "\n".join(parts)


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


def _growth(samples: Sequence[Sample]) -> list[str]:
    """The second quarter beside the last: by then everything was loaded once."""
    quarter = max(1, len(samples) // 4)
    early, late = samples[quarter : 2 * quarter] or samples, samples[-quarter:]
    rows = {
        "memory of the embedded AWS (MB)": "memory_mb",
        "its open files": "files",
        "its threads": "threads",
        "workers": "workers",
        "memory of the largest worker (MB)": "worker_memory_mb",
        "open files of the worker with most": "worker_files",
    }
    lines = [
        f"| {what} | {_median(early, name):g} | {_median(late, name):g} |"
        for what, name in rows.items()
    ]
    head = ["## Growth\n", "Medians of the second and of the last quarter of the time.\n"]
    return [*head, "| | second | last |", "|---|---|---|", *lines, ""]


def _median(samples: Sequence[Sample], name: str) -> float:
    return float(statistics.median(getattr(each, name) for each in samples))
