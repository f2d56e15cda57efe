"""`lambent local up`: the embedded AWS, in the foreground."""

import json
import logging
import signal
import threading
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

if TYPE_CHECKING:
    from infra.local.server import EmbeddedAws

DEFAULT_PORT = 4566

app = typer.Typer(help="The embedded AWS on this machine.", no_args_is_help=True)


@app.callback()
def local() -> None:
    """The embedded AWS on this machine."""


@app.command()
def up(
    port: Annotated[
        int, typer.Option(min=0, max=65535, help="The port on localhost; 0 takes a free one.")
    ] = DEFAULT_PORT,
    json_output: Annotated[
        bool, typer.Option("--json", help="Say where it listens as one line of JSON.")
    ] = False,
) -> None:
    """Start it, say how to reach it, and serve until Ctrl-C."""
    # Here, because it takes seconds to import and no other command needs it.
    from infra.local.server import EmbeddedAws

    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s: %(message)s")
    console = Console(highlight=False, soft_wrap=True)
    stopped = _stopped_by(signal.SIGINT, signal.SIGTERM)
    with EmbeddedAws(port) as aws:
        if json_output:
            described = {"endpoint": aws.endpoint, "environment": aws.environment()}
            print(json.dumps(described), flush=True)
        else:
            _welcome(console, aws)
        stopped.wait()
    if not json_output:
        console.print("Stopped. What was deployed lived in memory and is gone.")


def _welcome(console: Console, aws: "EmbeddedAws") -> None:
    console.print(f"[bold green]Embedded AWS[/bold green] at [bold]{aws.endpoint}[/bold]")
    console.print("In another terminal, for boto3, sam and lambent:\n")
    for name, value in aws.environment().items():
        console.print(f"  export {name}={value}")
    console.print(
        f"\nREST APIs answer at {aws.endpoint}/_aws/execute-api/API-ID/STAGE/"
        "\nOnly this machine can reach it. Ctrl-C stops it and forgets everything."
    )


def _stopped_by(*signals: signal.Signals) -> threading.Event:
    stopped = threading.Event()
    for number in signals:
        signal.signal(number, lambda *_: stopped.set())
    return stopped
