"""Digests: of the code that a bundle is made of, and of a whole release."""

from collections.abc import Iterable, Mapping
from pathlib import Path

from model_store.canonical import canonical_json, sha256_hex

SERVING = (
    "template.yaml",
    "requirements/lambda.txt",
    "functions/__init__.py",
    "functions/inference",
    "model_store",
)
"""What the Makefile of the function puts into the bundle, or builds it by."""
_NOT_SERVING = {"__pycache__", "packaging", "registry", "vetting"}


def code_digest(root: Path) -> str:
    """SHA-256 over names and contents of everything the bundle is made of."""
    return sha256_hex(
        canonical_json(
            {str(f.relative_to(root)): sha256_hex(f.read_bytes()) for f in serving_files(root)}
        )
    )


def model_parameters(name: str, version: str, digest: str, packed: str) -> dict[str, str]:
    """The template parameters that say which model: alike for a deploy and after a rollback."""
    return {
        "ModelName": name,
        "ModelVersion": version,
        "ModelDigest": digest,
        "Standby": packed,
    }


def release_digest(code: str, rollbacks: int, parameters: Mapping[str, str]) -> str:
    """SHA-256 over code, model and configuration: a new one publishes a Lambda version.

    The number of rollbacks so far is counted in: the alias is elsewhere after each, and
    CloudFormation moves it only when the digest is new.
    """
    chosen = {k: v for k, v in parameters.items() if k != "ReleaseDigest"}
    document = {"code": code, "rollbacks": rollbacks, "parameters": chosen}
    return sha256_hex(canonical_json(document))


def serving_files(root: Path) -> Iterable[Path]:
    """What goes into the bundle, and what decides how it is built."""
    for entry in SERVING:
        path = root / entry
        found = sorted(path.rglob("*")) if path.is_dir() else [path]
        yield from (
            f for f in found if f.is_file() and not _NOT_SERVING & set(f.relative_to(root).parts)
        )
