"""Plots as SVG that takes its colours from the page around it. They hold numbers, never text
of a manifest."""

import re
from collections.abc import Callable, Iterator, Sequence
from io import StringIO

import matplotlib.style
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import PercentFormatter

from model_store.artifact.facts import Bin, Calibration, TradeOff
from model_store.artifact.manifest import Manifest
from model_store.reporting.selective import accuracy, accuracy_interval, interval
from model_store.uncertainty.conformal import Level

# Stand-ins: SVG knows CSS variables, and matplotlib does not.
INK, FAINT, FIRST, SECOND = "#000001", "#000002", "#000003", "#000004"
_VARIABLES = {INK: "--ink", FAINT: "--faint", FIRST: "--first", SECOND: "--second"}

_STYLE = {
    "axes.axisbelow": True,
    "axes.edgecolor": FAINT,
    "axes.grid": True,
    "axes.labelcolor": INK,
    "axes.spines.right": False,
    "axes.spines.top": False,
    "axes.titlelocation": "left",
    "axes.titlesize": 10,
    "font.size": 9,
    "grid.alpha": 0.35,
    "grid.color": FAINT,
    "legend.frameon": False,
    "svg.fonttype": "none",
    "text.color": INK,
    "text.parse_math": False,
    "xtick.color": INK,
    "ytick.color": INK,
}


def figures(manifest: Manifest) -> dict[str, str]:
    """SVG by the name of the section it belongs to; none where the manifest lacks the numbers."""
    return dict(_figures(manifest))


def _figures(manifest: Manifest) -> Iterator[tuple[str, str]]:
    curve = [point for point in manifest.tradeoff if point.answered]
    if curve:
        declared = manifest.policy.least_confidence
        threshold = declared if isinstance(declared, float | int) else None
        yield "tradeoff", _svg("tradeoff", 2.9, lambda f: _risk_coverage(f, curve, threshold))
    found = manifest.calibration
    if found and found.after and found.after.reliability:
        yield "calibration", _svg("calibration", 4.2, lambda f: _reliability(f, found))
    levels = manifest.conformal.levels if manifest.conformal else ()
    measured = [level for level in levels if level.observed is not None]
    if measured:
        height = 1.3 + 0.35 * len(measured)
        yield "conformal", _svg("conformal", height, lambda f: _coverage(f, measured))


def _svg(name: str, height: float, draw: Callable[[Figure], None]) -> str:
    """The same numbers give the same bytes, whatever the user's matplotlibrc says."""
    nothing = dict.fromkeys(("Creator", "Date", "Format", "Type"))
    written = StringIO()
    with matplotlib.style.context(["default", _STYLE | {"svg.hashsalt": name}]):
        figure = Figure(figsize=(4.2, height), layout="constrained")
        draw(figure)
        figure.savefig(written, format="svg", transparent=True, metadata=nothing)
    return _inlined(name, written.getvalue())


def _inlined(name: str, document: str) -> str:
    """Without the XML prologue; names that no other figure of the page has."""
    svg = document[document.index("<svg") :]
    svg = re.sub(r'(\bid="|url\(#|xlink:href="#)', rf"\g<1>{name}-", svg)
    for stand_in, variable in _VARIABLES.items():
        svg = svg.replace(stand_in, f"var({variable})")
    return svg.replace("<svg ", '<svg aria-hidden="true" ', 1)


def _risk_coverage(figure: Figure, curve: Sequence[TradeOff], threshold: float | None) -> None:
    axes = figure.subplots()
    shares = [point.answered / point.rows for point in curve]
    risks = [1 - (accuracy(point) or 0.0) for point in curve]
    bounds = [accuracy_interval(point) or (0.0, 1.0) for point in curve]
    lows, highs = [1 - high for _, high in bounds], [1 - low for low, _ in bounds]
    axes.fill_between(shares, lows, highs, color=FIRST, alpha=0.18, linewidth=0)
    axes.plot(shares, risks, color=FIRST, marker="o", markersize=3, label="errors (95% band)")
    if threshold is not None:
        reached = [n for n, point in enumerate(curve) if point.least_confidence >= threshold]
        at = reached[0] if reached else len(curve) - 1
        label = f"your policy ({threshold:g})"
        axes.plot(shares[at], risks[at], "D", color=SECOND, markersize=7, label=label)
    axes.set_xlabel("share of rows answered")
    axes.set_ylabel("wrong among the answered")
    axes.set_xlim(0, 1.02)
    axes.set_ylim(0, min(1.0, 1.25 * max(risks) + 0.05))
    axes.xaxis.set_major_formatter(PercentFormatter(1))
    axes.yaxis.set_major_formatter(PercentFormatter(1))
    figure.legend(loc="outside upper left", ncols=2)


def _reliability(figure: Figure, found: Calibration) -> None:
    top, below = figure.subplots(2, 1, sharex=True, height_ratios=[3, 1])
    top.plot([0, 1], [0, 1], color=FAINT, linestyle="--", linewidth=1)
    curves = [("after", found.after, FIRST, "o")]
    if found.method != "none":
        curves.insert(0, ("before", found.before, SECOND, "s"))
    for number, (name, scores, color, marker) in enumerate(curves):
        if scores is not None:
            _bins(top, scores.reliability, f"{name} (ECE {scores.ece:.3f})", color, marker)
            places = [b.confidence + 0.006 * number for b in scores.reliability]
            below.bar(places, [b.rows for b in scores.reliability], 0.006, color=color)
    least = min(b.confidence for _, s, _, _ in curves if s for b in s.reliability)
    top.set_xlim(max(0.0, least - 0.05), 1.02)
    top.set_ylim(0, 1.02)
    top.set_ylabel("share that is right")
    below.set_ylabel("rows")
    below.set_xlabel("confidence")
    top.yaxis.set_major_formatter(PercentFormatter(1))
    figure.legend(loc="outside upper left", ncols=2)


def _bins(axes: Axes, bins: Sequence[Bin], label: str, color: str, marker: str) -> None:
    places, heights = [b.confidence for b in bins], [b.accuracy for b in bins]
    bounds = [interval(round(b.accuracy * b.rows), b.rows) for b in bins]
    lows = [low for low, _ in bounds]
    axes.vlines(places, lows, [high for _, high in bounds], color=color, alpha=0.35)
    axes.plot(places, heights, color=color, marker=marker, markersize=4, label=label)


def _coverage(figure: Figure, levels: Sequence[Level]) -> None:
    left, right = figure.subplots(1, 2, sharey=True)
    places = range(len(levels))
    left.barh(places, [level.observed or 0.0 for level in levels], 0.5, color=FIRST)
    declared = [level.coverage for level in levels]
    left.plot(declared, list(places), "|", color=SECOND, markersize=22, markeredgewidth=3)
    left.set_yticks(places, [f"{level.coverage:.0%}" for level in levels])
    left.set_xlim(0, 1.02)
    left.xaxis.set_major_formatter(PercentFormatter(1))
    left.set_title("observed (declared: |)")
    right.barh(places, [level.size or 0.0 for level in levels], 0.5, color=FIRST)
    right.set_title("mean size")
