"""`sam build`, into a folder named after what is built: done once, whoever deploys at once."""

import shutil
import tempfile
from pathlib import Path

from infra.release.parameters import Choices
from infra.release.sam import Sam
from model_store.canonical import sha256_hex

BUILDS = Path(".lambent/build")
KEPT = 4


def built_template(root: Path, code: str, choices: Choices) -> Path:
    """Where `sam build` leaves the template for this code and target; may not exist yet."""
    name = sha256_hex(f"{code} {choices.architecture} {choices.runtime}".encode())[:16]
    return root / BUILDS / name / "bundle/template.yaml"


def ensure_built(sam: Sam, model: str, template: Path, config: Path) -> None:
    """Build unless it is done. Whole or not at all: an interrupted build leaves nothing."""
    if template.exists():
        return
    final = template.parents[1]
    final.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=final.parent, prefix=".building-") as scratch:
        sam.build(model, Path(scratch, "whole/bundle"), config)
        _move(Path(scratch, "whole"), final)
    _forget_old(final.parent)


def _move(made: Path, final: Path) -> None:
    try:
        made.rename(final)
    except OSError:
        if not final.exists():  # otherwise another deploy built the very same meanwhile
            raise


def _forget_old(folder: Path) -> None:
    """Each bundle is over 100 MB: keep the last few."""
    builds = sorted(folder.glob("[!.]*"), key=lambda build: build.stat().st_mtime)
    for build in builds[:-KEPT]:
        shutil.rmtree(build, ignore_errors=True)
