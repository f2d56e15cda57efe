"""What was measured, kept as JSON beside the code: results.json, and the baseline of the ratios."""

import json
import os
import platform
import re
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.bars import BARS
from benchmarks.places import ROOT
from benchmarks.rounds import Series, Spread

RESULTS = ROOT / "benchmarks/results.json"
BASELINE = ROOT / "benchmarks/baseline.json"
PINNED = {
    "lambda": ("fastapi", "mangum", "aws-lambda-powertools", "pydantic", "numpy", "onnxruntime"),
    "runtime": ("awslambdaric", "boto3"),
    "tool": ("scikit-learn", "skl2onnx", "onnx"),
    "peers-floor": ("msgspec", "orjson"),
    "peers-uvicorn": ("uvicorn", "uvloop", "httptools"),
    "peers-bentoml": ("bentoml",),
    "peers-mlserver": ("mlserver",),
    "sam": ("aws-sam-cli",),
}


@dataclass(frozen=True)
class Taken:
    """One bench: its figures, and the circumstances. load: processes at work, at the end."""

    day: str
    python: str
    machine: str
    load: float
    versions: dict[str, str]
    series: Series

    @classmethod
    def now(cls, series: Series) -> "Taken":
        processors = f"{os.cpu_count()} processors, {platform.machine()}, {platform.system()}"
        return cls(
            day=datetime.now(tz=UTC).date().isoformat(),
            python=platform.python_version(),
            machine=processors,
            load=round(os.getloadavg()[0], 1),
            versions=versions(),
            series={name: [*map(_rounded, each)] for name, each in series.items()},
        )


def versions() -> dict[str, str]:
    """Of what takes part, as it is pinned."""
    found: dict[str, str] = {}
    for file, names in PINNED.items():
        text = (ROOT / f"requirements/{file}.txt").read_text(encoding="utf-8")
        for name in names:
            pinned = re.search(rf"^{re.escape(name)}==(\S+)", text, re.MULTILINE)
            found[name] = pinned[1] if pinned else "?"
    return found


def load(path: Path = RESULTS) -> dict[str, Taken]:
    """By the name of the bench; empty if nothing was measured yet."""
    if not path.exists():
        return {}
    found = json.loads(path.read_text(encoding="utf-8"))
    return {name: Taken(**each) for name, each in found.items()}


def save(results: dict[str, Taken], path: Path = RESULTS) -> None:
    _write(path, {name: asdict(results[name]) for name in sorted(results)})


def spreads(results: dict[str, Taken]) -> dict[str, Spread]:
    """By the key of the bar, those that were measured."""
    series = {name: taken.series for name, taken in results.items()}
    found = {bar.key: bar.measured(series) for bar in BARS}
    return {key: spread for key, spread in found.items() if spread is not None}


def load_baseline(path: Path = BASELINE) -> dict[str, Spread]:
    if not path.exists():
        return {}
    found = json.loads(path.read_text(encoding="utf-8"))
    return {key: Spread(tuple(rounds)) for key, rounds in found.items()}


def save_baseline(found: dict[str, Spread], path: Path = BASELINE) -> None:
    _write(path, {key: [_rounded(v) for v in spread.rounds] for key, spread in found.items()})


def regressions(
    now: dict[str, Spread], before: dict[str, Spread], benches: Iterable[str]
) -> list[str]:
    """One line for each bar of these benches that became worse beyond the noise of both runs."""
    chosen = set(benches)
    return [
        f"{bar.key}: {before[bar.key].median:.3g} → {now[bar.key].median:.3g} {bar.unit}"
        for bar in BARS
        if bar.bench in chosen
        and bar.key in now
        and bar.key in before
        and bar.worse(now[bar.key], before[bar.key])
    ]


def _rounded(value: float) -> float:
    return float(f"{value:.4g}")


def _write(path: Path, document: object) -> None:
    text = json.dumps(document, indent=1)
    # A figure per line would make the file five times as long.
    text = re.sub(r"\[\s+([-0-9.e, \n]+?)\s+\]", lambda m: f"[{' '.join(m[1].split())}]", text)
    path.write_text(f"{text}\n", encoding="utf-8")
