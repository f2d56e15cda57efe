"""`lambent`: one file per group of commands; this one only names them."""

import atexit
import faulthandler
import gc
import sys
from typing import Annotated

import typer

from infra.cli import (
    deploy,
    destroy,
    diff,
    fallback,
    history,
    invoke,
    local,
    logs,
    models,
    openapi,
    package,
    plan,
    platform,
    policy,
    popular,
    prune,
    publish,
    report,
    rollback,
    shadow,
    size,
    status,
    verify,
)
from infra.cli.errors import CleanErrors

app = typer.Typer(
    name="lambent",
    help="Deploys machine-learning models as serverless functions a web product can trust.",
    cls=CleanErrors,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)


def _tell_version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        typer.echo(f"lambent {version('lambent')}")
        raise typer.Exit


@app.callback()
def lambent(
    _version: Annotated[
        bool,
        typer.Option(
            "--version", callback=_tell_version, is_eager=True, help="Print the version and exit."
        ),
    ] = False,
) -> None:
    """What holds for every command."""
    # A crash inside a native library would end without a word of where.
    faulthandler.enable(sys.__stderr__ or sys.stderr)
    # Libraries and service models stay until the end: looking for garbage among them, while they
    # load and once more at the exit, is a fifth of the time that a rollback takes.
    gc.set_threshold(100_000)
    atexit.register(gc.freeze)


app.command()(package.package)
app.command()(publish.publish)
app.command()(models.models)
app.command()(models.show)
app.command()(verify.verify)
app.command()(verify.sign)
app.command()(diff.diff)
app.command()(report.report)
app.command()(openapi.openapi)
app.command()(plan.plan)
app.command()(size.size)
app.command()(deploy.deploy)
app.command()(status.status)
app.command()(history.history)
app.command()(rollback.rollback)
app.command()(fallback.fallback)
app.command()(shadow.shadow)
app.command()(popular.popular)
app.command()(invoke.invoke)
app.command()(logs.logs)
app.command()(prune.prune)
app.command()(destroy.destroy)
app.add_typer(policy.app, name="policy")
app.add_typer(platform.app, name="platform")
app.add_typer(local.app, name="local")
