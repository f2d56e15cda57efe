"""Where things are: the repository, the environments of `make bench`, and what it keeps."""

from pathlib import Path

ROOT = Path(__file__).parents[1]
CONTENDERS = ROOT / "benchmarks/contenders"
RUNTIME = ROOT / ".envs/runtime/bin/python"
"""Python with what the Lambda runtime brings, such as boto3, and nothing else."""
KEPT = ROOT / ".lambent/bench"


def python_of(peer: str) -> Path:
    return ROOT / f".envs/peers-{peer}/bin/python"


def packages_of(peer: str) -> Path:
    (packages,) = (ROOT / f".envs/peers-{peer}/lib").glob("python3*/site-packages")
    return packages
