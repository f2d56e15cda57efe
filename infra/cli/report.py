"""`lambent report TARGET`: what a model's answers are worth, to look at."""

from pathlib import Path
from typing import Annotated

import typer

from infra.cli.output import AsJson, emit
from infra.cli.target import TARGET_HELP, find_manifest


def report(
    target: Annotated[str, typer.Argument(metavar="TARGET", help=TARGET_HELP)],
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", help="The HTML file; NAME-VERSION.html if not given."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Write what was measured on held-out rows, with plots, as one HTML file that needs no
    network."""
    from model_store.errors import LambentError
    from model_store.reporting.page import report as page

    manifest, digest = find_manifest(target)
    file = output or Path(f"{manifest.name}-{manifest.version}.html")
    text = page(manifest, digest)
    try:
        file.write_text(text, encoding="utf-8")
    except OSError as error:
        what = f"cannot be written: {error.strerror}"
        raise LambentError(str(file), what, "Choose another --output") from error
    told = {"model": str(manifest.reference), "digest": digest, "file": str(file)}
    emit(told, [f"{manifest.reference}: {file}"], as_json=as_json)
