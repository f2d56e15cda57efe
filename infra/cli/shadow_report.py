"""What `lambent shadow NAME` prints: how often two versions disagree."""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from infra.cli.output import emit, note, served_by, table

if TYPE_CHECKING:
    from infra.aws import Aws
    from infra.release.deployed.observed import Observed
    from infra.release.switch.shadow_report import Latency, Report


def report(aws: "Aws", model: str, observed: "Observed", *, as_json: bool) -> None:
    """Read and print what copying has shown so far."""
    from datetime import UTC, datetime

    from infra.release.switch.shadow_report import find_copies, read_report

    if observed.trouble:
        note(f"Unknown: {observed.trouble}")
    found = read_report(aws, model, find_copies(model, observed), datetime.now(UTC))
    emit(_document(model, found), table(_rows(model, found)), as_json=as_json)


def _document(model: str, report: "Report") -> dict[str, Any]:
    from dataclasses import asdict

    copies, share = report.copies, report.disagreement
    return {
        "model": model,
        "on": copies.end is None,
        "percent": copies.percent,
        "since": copies.start.isoformat(),
        "until": copies.end and copies.end.isoformat(),
        "live": served_by(copies.live),
        "shadow": served_by(copies.shadow),
        **report.counts,
        "disagreement": share and dict(zip(("share", "low", "high"), share, strict=True)),
        "confidence_shift": report.confidence_shift,
        "live_latency_ms": asdict(report.live_latency),
        "shadow_latency_ms": asdict(report.shadow_latency),
    }


def _rows(model: str, report: "Report") -> Iterator[tuple[str, str]]:
    copies, counts = report.copies, report.counts
    until = f" until {copies.end.isoformat()}" if copies.end else ""
    yield (
        model,
        f"{copies.percent} % of the requests copied to {model}@{copies.shadow.model_version} "
        f"since {copies.start.isoformat()}{until}",
    )
    yield "live", f"{copies.live.model_version} (Lambda version {copies.live.number})"
    yield "shadow", f"{copies.shadow.model_version} (Lambda version {copies.shadow.number})"
    yield "copied", _copied(counts)
    yield "disagree", _disagreement(report)
    for kind in ("abstentions", "fallbacks"):
        live, other = counts[f"live_{kind}"], counts[f"shadow_{kind}"]
        yield kind, f"{other} (live: {live}, on the same rows)" if counts["predictions"] else ""
    shift = report.confidence_shift
    yield "confidence", f"{shift:+.3f} on average" if shift is not None else ""
    yield "latency", _latency(report.shadow_latency, report.live_latency)


def _copied(counts: Mapping[str, int]) -> str:
    requests = counts["requests"]
    if not requests and not counts["skipped"]:
        return "nothing yet; metrics may be a minute or two late"
    failed = f", {counts['errors']} not answered" if counts["errors"] else ""
    left = f"; {counts['skipped']} left out" if counts["skipped"] else ""
    return f"{requests} requests{failed}{left}"


def _disagreement(report: "Report") -> str:
    if (found := report.disagreement) is None:
        return ""
    share, low, high = found
    of, counts = report.counts["predictions"], report.counts["disagreements"]
    return f"{counts} of {of} predictions: {share:.2%} (95 %: {low:.2%} to {high:.2%})"


def _latency(shadow: "Latency", live: "Latency") -> str:
    if shadow.p50 is None or shadow.p95 is None:
        return ""
    told = f"p50 {shadow.p50:.0f} ms, p95 {shadow.p95:.0f} ms"
    if live.p50 is None or live.p95 is None:
        return told
    return f"{told} (live: {live.p50:.0f} ms, {live.p95:.0f} ms)"
