"""What loading a graph takes, by its kind and size: the coefficients of `lambent size`.

    python -m benchmarks.footprint FOLDER [ROUNDS] [--write]

Graphs are made in FOLDER, unless they are there. Each is loaded in a new process, all of them in
each of the ROUNDS: the least processor time counts, since whatever else runs only adds to it.
--write keeps the result as footprint.json, and its table in docs/scale.md; a test holds
infra/capacity/reference.py to it. Nothing is asserted: the machine decides.
"""

import datetime
import json
import os
import platform
import re
import statistics
import subprocess
import sys
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from infra.capacity import reference
from infra.capacity.page import PAGE
from infra.capacity.reference import Kind, PerMB

RESULT = Path(__file__).with_name("footprint.json")
ROUNDS = 5
KINDS: tuple[Kind, ...] = ("trees", "tree ensembles", "other")


@dataclass(frozen=True)
class Sample:
    """One graph: its size, and what loading it took, as `footprint_load` tells it."""

    kind: Kind
    name: str
    size_mb: float
    ms: float
    memory_mb: float


@dataclass(frozen=True)
class Fit:
    """As infra/capacity/reference.py has it. The errors are the worst, of graphs left out; of whole
    starts: footprint_starts.py."""

    per_mb: dict[Kind, PerMB]
    base_mb: float
    start_error: float
    memory_error: float


def slopes(samples: Sequence[Sample]) -> PerMB:
    """The ratio estimator: best if what scatters grows with the size (Cochran, Sampling
    Techniques, 6.9)."""
    size = sum(sample.size_mb for sample in samples)
    return PerMB(
        round(sum(sample.ms for sample in samples) / size, 1),
        round(sum(sample.memory_mb for sample in samples) / size, 1),
    )


def fit(samples: Sequence[Sample], base_mb: float) -> Fit:
    """Everything that `lambent size` foretells from, and how wrong that is."""
    misses = [missed(sample, samples, base_mb) for sample in samples]
    start, memory = (max(map(abs, errors)) for errors in zip(*misses, strict=True))
    per_mb = {kind: slopes([s for s in samples if s.kind == kind]) for kind in KINDS}
    return Fit(per_mb, round(base_mb), round(start, 2), round(memory, 2))


def missed(sample: Sample, samples: Iterable[Sample], base_mb: float) -> tuple[float, float]:
    """How far a fit to the other graphs of its kind is from this one, of a whole process: shares
    of its start and of its memory."""
    per_mb = slopes([s for s in samples if s.kind == sample.kind and s is not sample])
    base_ms, size = reference.START.quantile(0.5), sample.size_mb
    start = (base_ms + per_mb.start_ms * size) / (base_ms + sample.ms) - 1
    return start, (base_mb + per_mb.memory_mb * size) / (base_mb + sample.memory_mb) - 1


def measure(folder: Path, rounds: int) -> tuple[list[Sample], float]:
    """The samples, and the MB of a process before it loads them."""
    from benchmarks.footprint_graphs import SMALLEST, graphs

    found, base = list(graphs(folder)), []
    runs: dict[Path, list[dict[str, float]]] = {file: [] for _, file in found}
    for _ in range(rounds):
        for file, told in runs.items():
            told.append(loaded(folder / SMALLEST, file))
            base.append(told[-1]["base_mb"])
    samples = [sample(kind, file, runs[file]) for kind, file in found]
    return samples, statistics.median(base)


def loaded(smallest: Path, file: Path) -> dict[str, float]:
    command = (sys.executable, "-m", "benchmarks.footprint_load", str(smallest), str(file))
    child = subprocess.run(command, check=True, stdout=subprocess.PIPE, cwd=RESULT.parents[1])  # noqa: S603
    told: dict[str, float] = json.loads(child.stdout)
    return told


def sample(kind: Kind, file: Path, runs: Sequence[dict[str, float]]) -> Sample:
    took = min(run["ms"] for run in runs)
    memory = statistics.median(run["memory_mb"] for run in runs)
    name = file.stem.removeprefix(f"{kind}-")
    return Sample(kind, name, file.stat().st_size / 1e6, round(took, 2), round(memory, 2))


def document(samples: Sequence[Sample], base_mb: float, rounds: int) -> dict[str, Any]:
    from onnxruntime import __version__ as onnxruntime

    load = f"load {os.getloadavg()[0]:.0f} on {os.cpu_count()} processors"
    machine = f"{platform.machine()}, {load}"
    day = datetime.datetime.now(tz=datetime.UTC).date()
    return {
        "measured": f"{day}, Python {platform.python_version()}, onnxruntime {onnxruntime}",
        "machine": machine,
        "rounds": rounds,
        "base_mb": base_mb,
        "samples": [asdict(sample) for sample in samples],
    }


def read() -> dict[str, Any]:
    """What was committed."""
    kept: dict[str, Any] = json.loads(RESULT.read_text(encoding="utf-8"))
    return kept


def samples_of(result: dict[str, Any]) -> list[Sample]:
    return [Sample(**told) for told in result["samples"]]


def table(result: dict[str, Any]) -> str:
    """For docs/scale.md."""
    samples, base_mb = samples_of(result), result["base_mb"]
    found = fit(samples, base_mb)
    head = f"{len(samples)} graphs, {result['rounds']} rounds; {result['measured']}, "
    lines = [
        f"{head}{result['machine']}.",
        "",
        "| Graph | MB | Load, ms | Memory, MB | Start foretold | Memory foretold |",
        "|---|---|---|---|---|---|",
    ]
    for each in sorted(samples, key=lambda s: (KINDS.index(s.kind), s.size_mb)):
        start, memory = missed(each, samples, base_mb)
        lines.append(
            f"| {each.kind}: {each.name} | {each.size_mb:.3g} | {each.ms:.0f} "
            f"| {each.memory_mb:.0f} | {round(start, 2) + 0:+.0%} | {round(memory, 2) + 0:+.0%} |"
        )
    for kind, per_mb in found.per_mb.items():
        told = f"{per_mb.start_ms:g} | {per_mb.memory_mb:g} | | |"
        lines.append(f"| **each MB of {kind}** | 1 | {told}")
    return "\n".join(lines)


def rewritten(page: str, result: dict[str, Any]) -> str:
    marked = re.compile(r"(<!-- footprint -->\n).*?(<!-- /footprint -->)", re.DOTALL)
    return marked.sub(rf"\g<1>{table(result)}\n\g<2>", page)


def main(folder: Path, rounds: int, *, write: bool) -> None:
    samples, base_mb = measure(folder, rounds)
    result = document(samples, base_mb, rounds)
    print(table(result), fit(samples, base_mb), sep="\n\n")
    if write:
        RESULT.write_text(json.dumps(result, indent=2) + "\n", encoding="utf-8")
        page = PAGE.read_text(encoding="utf-8")
        PAGE.write_text(rewritten(page, result), encoding="utf-8")


if __name__ == "__main__":
    given = [argument for argument in sys.argv[1:] if argument != "--write"]
    rounds = int(given[1]) if len(given) > 1 else ROUNDS
    main(Path(given[0]), rounds, write="--write" in sys.argv)
