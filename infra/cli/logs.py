"""`lambent logs NAME`."""

import json
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from model_store.printable import printable_lines

if TYPE_CHECKING:
    from infra.release.deployed.logs import LogLine

_ROUTINE = ("INIT_START ", "START RequestId: ", "END RequestId: ")
_NOT_SHOWN = {"level", "message", "timestamp", "location", "service", "xray_trace_id", "model"}
_NOT_SHOWN |= {"_aws", "version", "lambda_version", "request_id"}


def logs(
    model: Annotated[str, typer.Argument(metavar="NAME")],
    since: Annotated[str, typer.Option(help="How far back: 30s, 10m, 2h or 1d.")] = "10m",
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Go on until Ctrl-C.")] = False,
    as_json: Annotated[
        bool, typer.Option("--json", help="Every line as it was written, metrics too.")
    ] = False,
) -> None:
    """Print what the function logged; with --json one document per line, nothing left out."""
    from infra.cli import wiring
    from infra.release.deployed.logs import read_logs, seconds

    start = max(0, int((time.time() - seconds(since)) * 1000))
    pause = time.sleep if follow else None
    try:
        for line in read_logs(wiring.aws(), model, start, pause):
            shown = _document(line) if as_json else _for_people(line)
            if shown:
                typer.echo(printable_lines(shown))
    except KeyboardInterrupt:
        raise typer.Exit(0) from None


def _at(line: "LogLine") -> str:
    return datetime.fromtimestamp(line.at_ms / 1000, UTC).isoformat(timespec="milliseconds")


def _document(line: "LogLine") -> str:
    return json.dumps({"at": _at(line), "stream": line.stream, "message": line.message})


def _for_people(line: "LogLine") -> str | None:
    """None for metrics, and for what Lambda says around every request that went well."""
    message = line.message
    if message.startswith(_ROUTINE):
        return None
    if message.startswith("REPORT ") and "Status: " not in message:
        return None
    entry = _entry(message)
    if "_aws" in entry and "message" not in entry:
        return None
    if "level" in entry and "message" in entry:
        message = f"{entry['level']:<7}  {'  '.join([str(entry['message']), *_facts(entry)])}"
    return f"{_at(line)}  {message}"


def _entry(message: str) -> dict[str, Any]:
    """A line of JSON, such as Powertools' logger writes; empty for any other."""
    try:
        entry = json.loads(message)
    except ValueError:
        return {}
    return entry if isinstance(entry, dict) else {}


def _facts(entry: dict[str, Any]) -> Iterator[str]:
    """What is told beside the event, without what is empty or the same on every line."""
    hidden = _NOT_SHOWN | _measured(entry)
    for name, value in entry.items():
        if name in hidden or name.startswith("function_") or value in (None, False, "", [], {}):
            continue
        yield f"{name}={value if isinstance(value, str) else json.dumps(value)}"


def _measured(entry: dict[str, Any]) -> set[str]:
    """The names of the metrics that a line carries beside what it says."""
    directives = entry.get("_aws", {}).get("CloudWatchMetrics", [])
    return {metric["Name"] for directive in directives for metric in directive["Metrics"]}
