"""`lambent local up`: the embedded AWS, in the foreground."""

import json
import logging
import signal
import threading
from typing import TYPE_CHECKING, Annotated

import typer

from infra.cli.output import AsJson, progress
from infra.cli.wiring import LOCAL_PORT

if TYPE_CHECKING:
    from infra.local.server import EmbeddedAws

app = typer.Typer(help="The embedded AWS on this machine.", no_args_is_help=True)


@app.callback()
def local() -> None:
    """The embedded AWS on this machine."""


@app.command()
def up(
    port: Annotated[
        int, typer.Option(min=0, max=65535, help="The port on localhost; 0 takes a free one.")
    ] = LOCAL_PORT,
    time_scale: Annotated[
        float,
        typer.Option(
            min=1.0,
            max=3600.0,
            help="How much faster the minutes of alarms, schedules and traffic shifts pass: "
            "with 60 they pass in seconds.",
        ),
    ] = 1.0,
    as_json: AsJson = False,
) -> None:
    """Start it, say how to reach it, and serve until Ctrl-C."""
    progress("starting the embedded AWS")
    # Here, because it takes seconds to import and no other command needs it.
    from infra.local.server import EmbeddedAws

    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s: %(message)s")
    stopped = _stopped_by(signal.SIGINT, signal.SIGTERM)
    with EmbeddedAws(port, time_scale=time_scale) as aws:
        if as_json:
            typer.echo(json.dumps({"endpoint": aws.endpoint, "environment": aws.environment()}))
        else:
            _welcome(aws)
        stopped.wait()
    if not as_json:
        typer.echo("Stopped. What was deployed lived in memory and is gone.")


def _welcome(aws: "EmbeddedAws") -> None:
    typer.secho(f"Embedded AWS at {aws.endpoint}", bold=True)
    typer.echo("In another terminal, for boto3, sam and lambent:\n")
    for name, value in aws.environment().items():
        typer.echo(f"  export {name}={value}")
    typer.echo(f"\nREST APIs answer at {aws.endpoint}/_aws/execute-api/API-ID/STAGE/")
    typer.echo("Only this machine can reach it. Ctrl-C stops it and forgets everything.")


def _stopped_by(*signals: signal.Signals) -> threading.Event:
    stopped = threading.Event()
    for number in signals:
        signal.signal(number, lambda *_: stopped.set())
    return stopped
