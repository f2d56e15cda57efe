"""Lambent's own bundles, as `sam build` makes them; and a peer's as plain pip leaves it."""

import functools
import os
import platform
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from benchmarks.places import KEPT, ROOT, packages_of
from infra.release.deploy.digest import code_digest

ARCHITECTURES = ("arm64", "x86_64")
HERE = "arm64" if platform.machine() in {"arm64", "aarch64"} else "x86_64"
RUNNING = f"python{sys.version_info.major}.{sys.version_info.minor}"


@functools.cache  # one run measures one state of the code
def lambent_bundle(architecture: str = HERE, runtime: str = RUNNING) -> Path:
    """Built once for each state of the code."""
    target = f"{architecture}-{runtime}"
    final = KEPT / f"bundles/{code_digest(ROOT)[:16]}-{target}"
    if not final.exists():
        final.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=final.parent, prefix=".building-") as scratch:
            made = Path(scratch, "bundle")
            made.mkdir()
            _make(made, target)
            made.rename(final)
        _forget_old(final.parent)
    return final


def _forget_old(folder: Path) -> None:
    """Each is over 100 MB: those of the last two states of the code stay."""
    built = sorted(folder.glob("[!.]*"), key=lambda bundle: bundle.stat().st_ctime)
    for bundle in built[: -2 * (len(ARCHITECTURES) + 1)]:
        shutil.rmtree(bundle)


def _make(folder: Path, target: str) -> None:
    """The command that sam runs for `BuildMethod: makefile`."""
    makefile = ROOT / "functions/inference/Makefile"
    where = ["-C", str(ROOT / "functions/targets" / target), "-f", str(makefile)]
    clean = {k: v for k, v in os.environ.items() if not k.startswith("MAKE")}
    subprocess.run(  # noqa: S603
        ["make", "-s", *where, "build-InferenceFunction"],  # noqa: S607
        env=clean | {"ARTIFACTS_DIR": str(folder)},
        check=True,
    )


def without_pyc(peer: str) -> Path:
    """A copy of its packages as a zip of plain pip holds them: no byte code."""
    folder = KEPT / f"{peer}-without-pyc"
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(packages_of(peer), folder, ignore=shutil.ignore_patterns("__pycache__"))
    return folder
