"""`sam build`, into a folder named after what is built: done once, whoever deploys at once."""

import json
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from infra.release.deploy.parameters import Choices
from infra.release.stack.sam import Sam
from model_store.canonical import sha256_hex

BUILDS = Path(".lambent/build")
KEPT = 4
TEMPLATE = "bundle/template.json"


def built_template(root: Path, code: str, choices: Choices) -> Path:
    """Of this code and target, with what it names beside it; may not exist yet."""
    # With the template's name: what an older Lambent built was of another form.
    what = f"{TEMPLATE} {code} {choices.architecture} {choices.runtime}"
    return root / BUILDS / sha256_hex(what.encode())[:16] / TEMPLATE


def ensure_built(sam: Sam, model: str, template: Path, config: Path) -> None:
    """Build unless it is done. Whole or not at all: an interrupted build leaves nothing."""
    if template.exists():
        return
    final = template.parents[1]
    final.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=final.parent, prefix=".building-") as scratch:
        made = Path(scratch, "whole/bundle")
        sam.build(model, made, config)
        _spare_deploys(made / "template.yaml", made / template.name)
        _move(Path(scratch, "whole"), final)
    _forget_old(final.parent)


def _spare_deploys(built: Path, template: Path) -> None:
    """Every deploy would zip the folders again, and read the YAML seven times, for seconds. sam
    takes a zip as it is, and JSON at once."""
    import yaml  # no deploy of what is built pays for it

    document = yaml.safe_load(built.read_text())  # functions in full: !Sub was spelled Fn::Sub
    coded = [each["Properties"] for each in document["Resources"].values() if _is_built(each)]
    for folder in {properties["CodeUri"] for properties in coded}:
        shutil.make_archive(str(built.parent / folder), "zip", built.parent / folder)
        shutil.rmtree(built.parent / folder)
    for properties in coded:
        properties["CodeUri"] += ".zip"
    template.write_text(json.dumps(document))
    built.unlink()


def _is_built(resource: Mapping[str, Any]) -> bool:
    """Whether its code is a folder that sam made here: what lies elsewhere is somebody's own."""
    code = resource.get("Properties", {}).get("CodeUri")
    return isinstance(code, str) and code.isidentifier()


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
