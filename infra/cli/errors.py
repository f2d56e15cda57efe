"""One clean line for each error that Lambent raises on purpose."""

import json
import sys
from typing import Any

import typer
from typer.core import TyperGroup

from model_store.errors import LambentError
from model_store.printable import printable_lines


class CleanErrors(TyperGroup):
    """A group of commands: a LambentError ends them with exit code 1, never with a traceback."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        ctx.meta["lambent.json"] = "--json" in args
        return super().parse_args(ctx, args)

    def invoke(self, ctx: Any) -> Any:
        try:
            return super().invoke(ctx)
        except LambentError as error:
            _report(error, as_json=ctx.meta["lambent.json"])
            raise typer.Exit(1) from error


def _report(error: LambentError, *, as_json: bool) -> None:
    red = typer.colors.RED if sys.stderr.isatty() else None
    typer.secho(f"lambent: {printable_lines(str(error))}", err=True, fg=red)
    if as_json:
        told = {"where": error.where, "what": error.what, "next_step": error.next_step}
        typer.echo(json.dumps({"error": {"kind": type(error).__name__, **told}}, indent=2))
