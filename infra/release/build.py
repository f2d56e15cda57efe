"""`sam build`, skipped when what it would build is already there."""

from pathlib import Path

from infra.release.parameters import Choices
from infra.release.sam import Sam
from model_store.canonical import sha256_hex

# Inside the folder that every `sam build` empties first, so it cannot outlive what it describes.
STAMP = Path(".aws-sam/build/lambent-built-from")


def stamp_of(code: str, choices: Choices) -> str:
    return sha256_hex(f"{code} {choices.architecture} {choices.runtime}".encode())


def is_built(root: Path, stamp: str) -> bool:
    path = root / STAMP
    return path.exists() and path.read_text() == stamp


def build(sam: Sam, model: str, stamp: str) -> None:
    sam.build(model)
    (sam.root / STAMP).write_text(stamp)
