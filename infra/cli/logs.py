"""`lambent logs NAME`."""

import json
import time
from datetime import UTC, datetime
from typing import Annotated

import typer

from infra.cli.output import AsJson


def logs(
    model: Annotated[str, typer.Argument(metavar="NAME")],
    since: Annotated[str, typer.Option(help="How far back: 30s, 10m, 2h or 1d.")] = "10m",
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Go on until Ctrl-C.")] = False,
    as_json: AsJson = False,
) -> None:
    """Print what the function logged; with --json one document per line."""
    from infra.cli import wiring
    from infra.release.logs import read_logs, seconds

    start = int((time.time() - seconds(since)) * 1000)
    pause = time.sleep if follow else None
    try:
        for line in read_logs(wiring.aws(), model, start, pause):
            at = datetime.fromtimestamp(line.at_ms / 1000, UTC).isoformat(timespec="milliseconds")
            told = {"at": at, "stream": line.stream, "message": line.message}
            typer.echo(json.dumps(told) if as_json else f"{at}  {line.message}")
    except KeyboardInterrupt:
        raise typer.Exit(0) from None
