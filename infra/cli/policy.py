"""`lambent policy explain`: what a model's answers are worth, in sentences."""

from math import isfinite
from typing import Annotated

import typer

from infra.cli.output import AsJson, emit
from infra.cli.target import TARGET_HELP, find_manifest

app = typer.Typer(help="How sure a model is, and what is done when it is not.")

Target = Annotated[str, typer.Argument(metavar="TARGET", help=TARGET_HELP)]


def _finite(target: float | None) -> float | None:
    if target is not None and not isfinite(target):
        raise typer.BadParameter("is not a finite number")
    return target


@app.callback(no_args_is_help=True)
def policy() -> None:
    """How sure a model is, and what is done when it is not."""


@app.command()
def explain(
    target: Target,
    accuracy: Annotated[
        float | None,
        typer.Option(
            min=0,
            max=1,
            callback=_finite,
            help="Suggest a threshold for this accuracy if answered.",
        ),
    ] = None,
    cost: Annotated[
        float | None,
        typer.Option(
            min=0, callback=_finite, help="Suggest a threshold for this mean cost of an answer."
        ),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Tell the decision policy in plain sentences, and what was measured on held-out rows."""
    from model_store.reporting.explain import document, explained
    from model_store.reporting.section import lines_of

    manifest, digest = find_manifest(target)
    lines = lines_of(tuple(explained(manifest, accuracy, cost)))
    emit({"digest": digest, **document(manifest, accuracy, cost)}, lines, as_json=as_json)
