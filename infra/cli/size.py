"""`lambent size TARGET`: can it start, and in how much memory."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from infra.cli.output import AsJson, emit, table
from infra.cli.target import TARGET_HELP, find_manifest

if TYPE_CHECKING:
    from infra.capacity.footprint import Footprint
    from infra.capacity.size import Size
    from infra.release.deploy.parameters import Choices
    from model_store.artifact.manifest import Manifest

UNSAID = (
    "Its manifest does not say what it is made of: foretold is the heavier, and refused only what "
    "neither could be. Packaging it again tells."
)
UNKNOWN = (
    "Not known here: Lambda's processor beside the one that was measured, and what Lambda itself "
    "takes; the REPORT lines of the function say both."
)


def size(
    target: Annotated[str, typer.Argument(metavar="TARGET", help=TARGET_HELP)],
    memory: Annotated[
        int | None,
        typer.Option(min=256, max=10240, help="MB; as deployed, or 1024, if not given."),
    ] = None,
    snapstart: Annotated[
        bool | None, typer.Option(help="Start from a snapshot; as deployed, or off.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Foretell how long a model takes to start and how much memory it takes. Exit code 1 if it
    cannot start."""
    from infra.capacity.footprint import footprints_of
    from infra.capacity.size import size as foretell

    manifest, _ = find_manifest(target)
    options = {"memory": memory, "snapstart": snapstart}
    choices = _deployed(target, manifest).with_options(options)
    models = footprints_of(manifest)
    found = foretell(models, choices.memory, snapstart=choices.snapstart)
    document = _document(manifest, models, found)
    emit(document, _lines(manifest, models, found), as_json=as_json)
    if found.verdict == "cannot start":
        raise typer.Exit(1)


def _deployed(target: str, manifest: "Manifest") -> "Choices":
    """A folder is looked at without AWS."""
    from infra.cli import wiring
    from infra.release.deploy.parameters import Choices
    from infra.release.stack.stacks import find_stack, stack_name

    if Path(target).is_dir():
        return Choices()
    stack = find_stack(wiring.aws(), stack_name(manifest.name))
    return Choices.from_parameters(stack.parameters if stack else {}, Choices())


def _document(manifest: "Manifest", models: "Sequence[Footprint]", found: "Size") -> dict[str, Any]:
    from infra.capacity import reference
    from infra.capacity.size import advised

    return {
        "model": str(manifest.reference),
        "kinds": [model.kind for model in models],
        "size_mb": models[-1].size_mb,
        **asdict(found),
        "verdict": found.verdict,
        "problems": list(found.problems()),
        "advised_memory_mb": advised(models, snapstart=found.snapstart),
        "errors": {"start": reference.START_ERROR, "memory": reference.MEMORY_ERROR},
    }


def _lines(manifest: "Manifest", models: "Sequence[Footprint]", found: "Size") -> Iterator[str]:
    from infra.capacity import reference
    from infra.capacity.size import ways_out

    kinds = " or ".join("no trees" if model.kind == "other" else model.kind for model in models)
    started = " with SnapStart" if found.snapstart else ""
    init, memory = found.init, found.memory
    yield f"{manifest.reference}: {kinds}, {models[-1].size_mb:.3g} MB"
    if len(models) > 1:
        yield UNSAID
    yield from table(
        [
            (f"  in {found.memory_mb} MB{started}", found.verdict),
            ("  init phase", f"{init.expected:.1f} s of {init.limit:g} s"),
            ("  memory", f"{memory.expected:,.0f} MB of {memory.limit:,g} MB"),
        ]
    )
    if found.verdict != "fits":
        yield f"{ways_out(models, found)}."
    yield (
        f"Where this was measured, starts were foretold within {reference.START_ERROR:.0%}, memory "
        f"within {reference.MEMORY_ERROR:.0%}."
    )
    yield UNKNOWN
