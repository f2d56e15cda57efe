"""docs/performance.md and its plot, from what was measured and nothing else."""

from collections.abc import Mapping
from hashlib import sha256

from benchmarks.bars import BARS, Bar
from benchmarks.places import ROOT
from benchmarks.results import RESULTS, Taken, spreads
from benchmarks.rounds import Spread

PAGE = ROOT / "docs/performance.md"
PLOT = ROOT / "docs/performance.svg"
UNITS = {
    "warm": "ms per invocation in process, median of 300 different ones",
    "runtime": "ms per invocation through awslambdaric, median of 100",
    "http": "ms for p50, answers per second for req/s; on loopback, one worker each",
    "cold": "ms from starting a process to its first answer, the artifact over TLS",
    "bundle": "MB of 10^6 bytes",
    "artifact": "seconds of one processor; bytes",
    "batch": "ms per request of 1,000 rows; MB that the process grows by",
    "rollback": "seconds of whole commands, 50 versions kept",
}
HEAD = """# Performance: the bars, and what was measured

Written by `make bench` from `benchmarks/results.json`; do not edit. Model A is a logistic
regression over 30 numbers, model B a forest of 200 trees of depth 12 over 10 numbers and 4 strings
(`benchmarks/models.py`). Lambent runs as it is deployed: its own bundle and packaged artifact,
with validation, decision and telemetry on. Everybody answers the same varied rows, in turn, in one
run. The floor, the bare session and the peers run a graph that takes all numbers as one tensor.
Nobody's ONNX Runtime reports its use to Microsoft, as its builds do by default.

`make bench` takes about a quarter of an hour on a quiet machine; `make bench BENCH="cold warm"` is
a part of it. It reports what became worse than `benchmarks/baseline.json` by more than the noise
of both: 2 % of the median, and a rank test over the rounds (Mann-Whitney, one-sided, 5 %).
`.envs/lambent/bin/python -m benchmarks baseline` makes the last results the baseline.
"""


def page(results: Mapping[str, Taken]) -> str:
    """The whole text. A bar without a result says so."""
    found = spreads(dict(results))
    rows = [_row(bar, found.get(bar.key)) for bar in BARS]
    missed = sum(1 for bar in BARS if bar.key in found and not bar.met(found[bar.key]))
    met = len(found) - missed
    parts = [
        HEAD,
        "## Bars\n",
        f"{met} met, {missed} missed, {len(BARS) - len(found)} not measured. Ratios are medians",
        "over rounds, with the least and the most of them.\n",
        "| | What | Target | Measured | Verdict |",
        "|---|---|---|---|---|",
        *rows,
        "\n![Each bar as a share of its limit](performance.svg)\n",
        "Left of the line a bar is met. Dots are medians, lines the range of the rounds.\n",
        *[part for name, taken in results.items() for part in _bench(name, taken)],
        *_versions(results),
    ]
    return "\n".join(parts)


def _row(bar: Bar, found: Spread | None) -> str:
    sign = "≥" if bar.at_least else "≤"
    target = f"{sign} {bar.limit:g} {bar.unit}".rstrip()
    if found is None:
        return f"| {bar.number} | {bar.says} | {target} | | not measured |"
    told = f"{_short(found.median)} {bar.unit}".rstrip()
    spread = f" ({_short(found.low)} to {_short(found.high)})" if found.low != found.high else ""
    verdict = "met" if bar.met(found) else "**missed**"
    return f"| {bar.number} | {bar.says} | {target} | {told}{spread} | {verdict} |"


def _bench(name: str, taken: Taken) -> list[str]:
    rounds = max(map(len, taken.series.values()))
    told = {what: Spread(tuple(each)) for what, each in taken.series.items()}
    lines = [
        f"| {what} | {_short(of.median)} | {_short(of.low)} | {_short(of.high)} |"
        for what, of in told.items()
    ]
    circumstances = (
        f"{taken.day}, {taken.machine}, Python {taken.python}, load {taken.load:g} at the end; "
        f"rounds: {rounds}."
    )
    head = [f"## {name}\n", f"In {UNITS[name]}.\n", circumstances, ""]
    return [*head, "| | median | least | most |", "|---|---|---|---|", *lines, ""]


def _versions(results: Mapping[str, Taken]) -> list[str]:
    last = max(results.values(), key=lambda taken: taken.day, default=None)
    if last is None:
        return []
    told = ", ".join(f"{name} {version}" for name, version in last.versions.items())
    return ["## Versions\n", f"{told}.", ""]


def _short(value: float) -> str:
    if value >= 1000:
        return f"{value:,.0f}"
    return f"{value:.3g}"


def digest() -> str:
    """Of the results that are on disk; the plot carries it."""
    return sha256(RESULTS.read_bytes()).hexdigest()


def plot(results: Mapping[str, Taken]) -> None:
    """Every measured bar as a share of its limit, as SVG; the same results give the same file."""
    import matplotlib as mpl
    from matplotlib.figure import Figure

    found = spreads(dict(results))
    bars = [bar for bar in BARS if bar.key in found and bar.limit][::-1]
    with mpl.rc_context({"svg.hashsalt": "lambent", "svg.fonttype": "none", "font.size": 9}):
        figure = Figure(figsize=(8, 0.26 * len(bars) + 0.8), layout="constrained")
        axes = figure.add_subplot()
        for height, bar in enumerate(bars):
            _draw(axes, height, bar, found[bar.key])
        axes.axvline(1, color="black", linewidth=1)
        axes.set_xscale("log")
        axes.set_yticks(range(len(bars)), [bar.key for bar in bars])
        axes.set_xlabel("share of the limit (left of 1: met)")
        figure.savefig(PLOT, metadata={"Date": None, "Description": digest()})


def _draw(axes: object, height: int, bar: Bar, found: Spread) -> None:
    shares = [
        bar.limit / value if bar.at_least else value / bar.limit
        for value in (found.low, found.median, found.high)
        if value > 0
    ]
    if not shares:
        return
    colour = "#1a7f37" if bar.met(found) else "#c0392b"
    axes.plot([min(shares), max(shares)], [height, height], color=colour)  # type: ignore[attr-defined]
    middle = shares[len(shares) // 2]
    axes.plot([middle], [height], "o", color=colour, markersize=4)  # type: ignore[attr-defined]


def write(results: Mapping[str, Taken]) -> None:
    """The page and the plot."""
    PAGE.write_text(page(results), encoding="utf-8")
    plot(results)
