"""Digests: of the code that a bundle is made of, and of a whole release."""

from collections.abc import Iterator, Mapping
from pathlib import Path

from model_store.canonical import canonical_json, sha256_hex

RELEASED = (
    "template.yaml",
    "requirements/lambda.txt",
    "requirements/operations.txt",
    "functions",
    "model_store",
)
"""What the Makefiles of the functions put into their bundles, or build them by."""
_NOT_RELEASED = {
    "__pycache__",
    "compatibility",
    "packaging",
    "registry",
    "reporting",
    "vetting",
}


def code_digest(root: Path) -> str:
    """SHA-256 over names and contents of everything the bundles are made of."""
    return sha256_hex(
        canonical_json(
            {str(f.relative_to(root)): sha256_hex(f.read_bytes()) for f in released_files(root)}
        )
    )


def model_parameters(name: str, version: str, digest: str, packed: str) -> dict[str, str]:
    """The template parameters that say which model: alike for a deploy and after a rollback."""
    return {
        "ModelName": name,
        "ModelVersion": version,
        "ModelDigest": digest,
        "Standby": packed,
        "FallbackOnly": "off",
    }


def release_digest(code: str, detours: int, parameters: Mapping[str, str]) -> str:
    """SHA-256 over code, model and configuration: a new one publishes a Lambda version.

    The number of detours so far, such as rollbacks, is counted in: the alias is elsewhere after
    each, and CloudFormation moves it only when the digest is new. The way there is not (Gate).
    """
    chosen = {k: v for k, v in parameters.items() if k not in {"ReleaseDigest", "Gate"}}
    document = {"code": code, "rollbacks": detours, "parameters": chosen}
    return sha256_hex(canonical_json(document))


def released_files(root: Path) -> Iterator[Path]:
    """What goes into the bundles, and what decides how they are built."""
    for entry in RELEASED:
        yield from _files(root / entry)


def _files(path: Path) -> Iterator[Path]:
    if path.is_file():
        yield path
    elif path.is_dir() and path.name not in _NOT_RELEASED:
        for inside in path.iterdir():
            yield from _files(inside)
