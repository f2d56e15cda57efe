"""The one place that turns the environment into what the commands work with."""

from pathlib import Path

from infra.aws import Aws
from infra.release.sam import ROOT, Sam


def aws() -> Aws:
    return Aws.from_environment()


def root() -> Path:
    return ROOT


def sam(aws: Aws) -> Sam:
    return Sam(ROOT, samconfig_path(aws))


def samconfig_path(aws: Aws) -> Path:
    """The embedded AWS has a file of its own: its runtime and URLs are no good anywhere else."""
    return ROOT / (".lambent/samconfig.toml" if aws.is_local else "samconfig.toml")
