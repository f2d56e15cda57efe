"""Whole starts beside what is foretold of them: a new process until its first answer.

    python -m benchmarks.footprint_starts [ROUNDS] [--write]

As bench "cold" has it, of models of several kinds and sizes, packaged as they are by default.
--write keeps the result as footprint_starts.json, and its table in docs/scale.md; a test holds
START_ERROR of infra/capacity/reference.py to it. Nothing is asserted: the machine decides.
"""

import datetime
import json
import os
import platform
import re
import statistics
import sys
import tempfile
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from benchmarks.cast import assembled, requests, write_events
from benchmarks.cold import Start, started
from benchmarks.footprint_models import subjects
from benchmarks.models import Subject
from infra.capacity import reference
from infra.capacity.kinds import parts_of
from infra.capacity.page import PAGE
from infra.capacity.reference import Kind

RESULT = Path(__file__).with_name("footprint_starts.json")
ROUNDS = 7


@dataclass(frozen=True)
class Started:
    """One model: MB of its graph by kind, and the ms of each start."""

    name: str
    parts_mb: dict[Kind, float]
    ms: list[float]

    @property
    def foretold_ms(self) -> float:
        """Without the network, which this machine does not have either."""
        loads = (reference.PER_MB[kind].start_ms * mb for kind, mb in self.parts_mb.items())
        return reference.START.quantile(0.5) + sum(loads)

    @property
    def error(self) -> float:
        return self.foretold_ms / statistics.median(self.ms) - 1


def measure(made: Mapping[str, Subject], rounds: int) -> list[Started]:
    with ExitStack() as served:
        starts: dict[str, Start] = {}
        for name, subject in made.items():
            cast, scratch = served.enter_context(assembled(subject))
            starts[name] = cast.lambent(), write_events(scratch / "event", requests(subject, 1, 1))
        taken = started(starts, rounds)
    return [
        Started(name, _parts_mb(made[name]), [round(ms) for ms in taken[name]]) for name in starts
    ]


def _parts_mb(subject: Subject) -> dict[Kind, float]:
    (parts,) = parts_of(subject.lambent.manifest)
    return {kind: size / 1e6 for kind, size in parts.items() if size}


def document(found: list[Started], rounds: int) -> dict[str, Any]:
    day = datetime.datetime.now(tz=datetime.UTC).date()
    load = f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} processors"
    return {
        "measured": f"{day}, Python {platform.python_version()}, {platform.machine()}, {load}",
        "rounds": rounds,
        "starts": [asdict(each) for each in found],
    }


def read() -> dict[str, Any]:
    """What was committed."""
    kept: dict[str, Any] = json.loads(RESULT.read_text(encoding="utf-8"))
    return kept


def starts_of(result: dict[str, Any]) -> list[Started]:
    return [Started(**each) for each in result["starts"]]


def worst(found: list[Started]) -> float:
    """Share, either way."""
    return round(max(abs(each.error) for each in found), 2)


def table(result: dict[str, Any]) -> str:
    """For docs/scale.md."""
    lines = [
        f"{result['rounds']} rounds; {result['measured']}.",
        "",
        "| Model | MB | Foretold, ms | Measured: median (least to most), ms | Error |",
        "|---|---|---|---|---|",
    ]
    for each in starts_of(result):
        size, median = sum(each.parts_mb.values()), statistics.median(each.ms)
        taken = f"{median:.0f} ({min(each.ms):.0f} to {max(each.ms):.0f})"
        told = f"{each.name} | {size:.3g} | {each.foretold_ms:.0f}"
        lines.append(f"| {told} | {taken} | {each.error:+.0%} |")
    return "\n".join(lines)


def rewritten(page: str, result: dict[str, Any]) -> str:
    marked = re.compile(r"(<!-- starts -->\n).*?(<!-- /starts -->)", re.DOTALL)
    return marked.sub(rf"\g<1>{table(result)}\n\g<2>", page)


def main(rounds: int, *, write: bool) -> None:
    with tempfile.TemporaryDirectory() as folder:
        result = document(measure(subjects(Path(folder)), rounds), rounds)
    print(table(result), worst(starts_of(result)), sep="\n\n")
    if write:
        RESULT.write_text(json.dumps(result, indent=2) + "\n", encoding="utf-8")
        page = PAGE.read_text(encoding="utf-8")
        PAGE.write_text(rewritten(page, result), encoding="utf-8")


if __name__ == "__main__":
    given = [argument for argument in sys.argv[1:] if argument != "--write"]
    main(int(given[0]) if given else ROUNDS, write="--write" in sys.argv)
