"""`lambent package path/to/model.py`."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from infra.cli.output import AsJson, emit, progress, table

if TYPE_CHECKING:
    from model_store.artifact.facts import Optimisation, Parity
    from model_store.artifact.folder import Artifact


def package(
    file: Annotated[
        Path, typer.Argument(metavar="MODEL.PY", help="Defines `model` or `def model(version)`.")
    ],
    version: Annotated[
        str | None, typer.Option("--version", "-v", help="Passed to model(version).")
    ] = None,
    out: Annotated[Path, typer.Option(help="Written to OUT/NAME/VERSION.")] = Path("artifacts"),
    replace: Annotated[
        bool, typer.Option("--replace", help="Overwrite another artifact of this version.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Convert a model to ONNX, prove that it answers alike, and write the artifact."""
    progress(f"running {file}")
    # scikit-learn and its company take seconds to import: only this command pays for them.
    from model_store.packaging import package as write_package
    from model_store.packaging.model_file import load_model

    model = load_model(file, version)
    folder = out / model.name / model.version
    artifact = write_package(model, folder, progress=progress, replace=replace, source=file)
    emit(_document(artifact, folder), _lines(artifact, folder), as_json=as_json)


def _document(artifact: "Artifact", folder: Path) -> dict[str, Any]:
    manifest = artifact.manifest
    return {
        "model": manifest.name,
        "version": manifest.version,
        "digest": artifact.digest,
        "folder": str(folder),
        "task": manifest.task,
        "size": manifest.model_file.size,
        "metrics": manifest.metrics,
        "parity": manifest.parity.model_dump(mode="json"),
    }


def _lines(artifact: "Artifact", folder: Path) -> list[str]:
    manifest = artifact.manifest
    metrics = ", ".join(f"{name} {value:.4g}" for name, value in manifest.metrics.items())
    facts = table(
        [
            ("task", manifest.task),
            ("size", f"{manifest.model_file.size / 1024:,.1f} KiB"),
            *(("optimised", _optimised(step)) for step in manifest.parity.optimisations),
            ("parity", _parity(manifest.parity)),
            ("held-out", metrics),
            ("digest", artifact.digest),
        ]
    )
    return [
        f"{manifest.reference} → {folder}",
        *(f"  {fact}" for fact in facts),
        f"Next: lambent publish {folder}",
    ]


def _optimised(step: "Optimisation") -> str:
    return (
        f"{step.step}: {step.before / 1024:,.1f} → {step.after / 1024:,.1f} KiB, "
        f"largest difference {step.max_difference:.1e}"
    )


def _parity(parity: "Parity") -> str:
    if parity.status == "skipped":
        return f"skipped: {parity.reason}"
    return (
        f"passed on {parity.rows} rows with {parity.remedy}, "
        f"largest difference {parity.max_difference:.1e} (allowed {parity.tolerance:g})"
    )
