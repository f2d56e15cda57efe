"""`sam build`, into a folder named after what is built: done once, whoever deploys at once."""

import re
import shutil
import tempfile
from pathlib import Path

from infra.release.deploy.parameters import Choices
from infra.release.stack.sam import Sam
from model_store.canonical import sha256_hex

BUILDS = Path(".lambent/build")
KEPT = 4
_CODE = re.compile(r"^(?P<key> +CodeUri: )(?P<folder>\w+)$", re.MULTILINE)


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
        made = Path(scratch, "whole/bundle")
        sam.build(model, made, config)
        _zip_bundles(made / template.name)
        _move(Path(scratch, "whole"), final)
    _forget_old(final.parent)


def _zip_bundles(template: Path) -> None:
    """sam would zip its folders again with every deploy, for seconds; a zip it takes as it is."""
    told = template.read_text()
    for found in _CODE.finditer(told):
        folder = template.parent / found["folder"]
        shutil.make_archive(str(folder), "zip", folder)
        shutil.rmtree(folder)
    template.write_text(_CODE.sub(r"\g<key>\g<folder>.zip", told))


def _move(made: Path, final: Path) -> None:
    try:
        made.rename(final)
    except OSError:
        if not final.exists():  # otherwise another deploy built the very same meanwhile
            raise


def _forget_old(folder: Path) -> None:
    """Each is about 50 MB: keep the last few."""
    builds = sorted(folder.glob("[!.]*"), key=lambda build: build.stat().st_mtime)
    for build in builds[:-KEPT]:
        shutil.rmtree(build, ignore_errors=True)
