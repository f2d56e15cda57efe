"""The one place that turns the environment into what the commands work with."""

from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from infra.aws import Aws
from infra.release.stack.sam import ROOT, Sam

if TYPE_CHECKING:
    from model_store.registry.bucket import Bucket

LOCAL_PORT = 4566


def aws() -> Aws:
    return Aws.from_environment()


def bucket() -> "Bucket":
    """Where models are published."""
    from infra.release.stack.platform import artifact_bucket, require_platform

    found = aws()
    return artifact_bucket(found, require_platform(found))


def root() -> Path:
    return ROOT


def sam(aws: Aws) -> Sam:
    return Sam(ROOT, samconfig_path(aws))


def samconfig_path(aws: Aws) -> Path:
    """Each embedded AWS has a file of its own: what it runs is no good anywhere else."""
    if aws.endpoint is None:
        return ROOT / "samconfig.toml"
    port = urlsplit(aws.endpoint).port
    suffix = "" if port in {None, LOCAL_PORT} else f"-{port}"
    return ROOT / f".lambent/samconfig{suffix}.toml"
