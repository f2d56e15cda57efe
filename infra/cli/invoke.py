"""`lambent invoke NAME`: ask the function itself, past the gateway, as an IAM identity."""

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from infra.cli.output import AsJson, emit


def invoke(
    model: Annotated[str, typer.Argument(metavar="NAME")],
    data: Annotated[str, typer.Option(help="A row, a list of rows, or @FILE of such JSON.")],
    version: Annotated[
        str | None, typer.Option(help="A model version or Lambda version, live or not.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Ask for predictions; every version that still exists can be asked, live or not."""
    from infra.cli import wiring
    from infra.release.deployed.invoke import ask

    answer = ask(wiring.aws(), model, read_rows(data), version)
    emit(
        {"status": answer.status, "lambda_version": answer.lambda_version, "body": answer.body},
        [json.dumps(answer.body, indent=2)],
        as_json=as_json,
    )
    if answer.status >= 400:
        raise typer.Exit(1)


def read_rows(data: str) -> list[Any]:
    """The rows in JSON text or in a file (@FILE): one row, a list, or {"instances": […]}."""
    from infra.errors import Refused

    try:
        text = Path(data[1:]).read_text() if data.startswith("@") else data
        rows = json.loads(text)
    except FileNotFoundError as error:
        raise Refused("--data", f"there is no file {data[1:]}", "Name one that exists") from error
    except (OSError, ValueError) as error:
        raise Refused("--data", f"is not readable JSON ({error})", "Give JSON, or @FILE") from error
    if isinstance(rows, dict) and isinstance(rows.get("instances"), list):
        rows = rows["instances"]
    return rows if isinstance(rows, list) else [rows]
