"""The platform stack: what all models share."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from infra.aws import Aws
from infra.errors import NotFound
from infra.release.sam import Sam
from infra.release.stacks import PLATFORM_STACK, find_stack

if TYPE_CHECKING:
    from model_store.registry.bucket import Bucket

TEMPLATE = Path("infra/platform.yaml")


@dataclass(frozen=True)
class Platform:
    """Names of the shared bucket and table, and the ARN of the key."""

    bucket: str
    key_arn: str
    history_table: str


def find_platform(aws: Aws) -> Platform | None:
    """None until `lambent platform deploy` (or the first publish) made it."""
    stack = find_stack(aws, PLATFORM_STACK)
    if stack is None or "HistoryTable" not in stack.outputs:
        return None
    out = stack.outputs
    return Platform(out["ArtifactBucket"], out["ArtifactKeyArn"], out["HistoryTable"])


def require_platform(aws: Aws) -> Platform:
    platform = find_platform(aws)
    if platform is None:
        raise NotFound(
            f"stack {PLATFORM_STACK}",
            "is not there, so nothing can be published or deployed",
            "Run `lambent platform deploy`, or publish a model, which does it too",
        )
    return platform


def artifact_bucket(aws: Aws, platform: Platform) -> "Bucket":
    from model_store.registry.bucket import Bucket

    return Bucket(aws.s3, platform.bucket, platform.key_arn)


def deploy_platform(aws: Aws, sam: Sam) -> Platform:
    """Create or update the platform stack by `sam deploy`; a no-op when nothing changed."""
    sam.deploy_template(TEMPLATE, PLATFORM_STACK, aws.region)
    return require_platform(aws)
