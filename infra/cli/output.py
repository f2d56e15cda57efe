"""What a command prints: one JSON document with --json, lines for people without."""

import json
import sys
from collections.abc import Iterable
from dataclasses import asdict, is_dataclass
from typing import TYPE_CHECKING, Annotated, Any

import typer

from model_store.printable import printable, printable_lines

if TYPE_CHECKING:
    from infra.release.deployed.live import LambdaVersion

AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON document.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Print the plan and change nothing.")]


def emit(document: Any, lines: Iterable[str], *, as_json: bool) -> None:
    """Print the document, or else the lines."""
    if as_json:
        plain = asdict(document) if is_dataclass(document) else document  # type: ignore[arg-type]
        typer.echo(json.dumps(plain, indent=2, default=str))
        return
    for line in lines:
        typer.echo(printable_lines(line))


def note(text: str) -> None:
    """Something to know beside the answer; on stderr, so that --json stays one document."""
    typer.secho(
        printable_lines(text), err=True, fg=typer.colors.YELLOW if sys.stderr.isatty() else None
    )


def progress(text: str) -> None:
    typer.secho(
        f"→ {printable_lines(text)}",
        err=True,
        fg=typer.colors.CYAN if sys.stderr.isatty() else None,
    )


def table(rows: Iterable[tuple[str, str]]) -> list[str]:
    """Label and text, aligned; rows without text are left out."""
    shown = [(label, text) for label, text in rows if text]
    width = max((len(label) for label, _ in shown), default=0)
    return [f"{label:<{width}}  {printable(text)}" for label, text in shown]


def served_by(version: "LambdaVersion") -> dict[str, Any]:
    """The model and its Lambda version, as the documents of all commands tell them."""
    return {"version": version.model_version, "lambda_version": version.number}
