"""`lambent openapi NAME`: the document that a consumer pins."""

from pathlib import Path
from typing import Annotated

import typer


def openapi(
    model: Annotated[str, typer.Argument(metavar="NAME")],
    contract: Annotated[
        str | None, typer.Option(help="Its version, such as 1.0; by default the newest.")
    ] = None,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="Write it to this file.", dir_okay=False)
    ] = None,
) -> None:
    """Print the OpenAPI document of a contract, as it was when a deploy first served it."""
    from infra.cli import wiring
    from model_store.registry.documents import read_document

    text = read_document(wiring.bucket(), model, contract)
    if output:
        output.write_text(f"{text}\n", encoding="utf-8")
    else:
        typer.echo(text)
