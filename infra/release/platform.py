"""The platform stack: what all models share."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from infra.aws import Aws, translated
from infra.errors import NotFound
from infra.release.sam import Sam
from infra.release.stacks import PLATFORM_STACK, Stack, find_stack

if TYPE_CHECKING:
    from model_store.registry.bucket import Bucket

TEMPLATE = Path("infra/platform.yaml")
LOGGING = "ManageApiGatewayLogging"


@dataclass(frozen=True)
class Platform:
    """The shared bucket's name and the key's ARN; the history's name is known."""

    bucket: str
    key_arn: str


@dataclass(frozen=True)
class PlatformPlan:
    """`sets_logging`: whether this stack sets the role API Gateway writes logs by, of which an
    account has one per region."""

    exists: bool
    sets_logging: bool

    @property
    def steps(self) -> tuple[str, str]:
        verb = "update" if self.exists else "create"
        logging = "set by this stack, for the account" if self.sets_logging else "left as it is"
        return (
            f"sam deploy: {verb} stack {PLATFORM_STACK}",
            f"API Gateway's logging role in this region: {logging}",
        )


def find_platform(aws: Aws) -> Platform | None:
    """None until `lambent platform deploy` (or the first publish) made it."""
    stack = find_stack(aws, PLATFORM_STACK)
    if stack is None or "ArtifactBucket" not in stack.outputs:
        return None
    return Platform(stack.outputs["ArtifactBucket"], stack.outputs["ArtifactKeyArn"])


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


def plan_platform(aws: Aws, sets_logging: bool | None = None) -> PlatformPlan:
    """`sets_logging` None: as the stack has it; at first only where the account has no role yet,
    without which no stage that logs can be made."""
    stack = find_stack(aws, PLATFORM_STACK)
    if sets_logging is None:
        sets_logging = _sets_logging(stack) if stack else not _logging_role(aws)
    return PlatformPlan(stack is not None, sets_logging)


def deploy_platform(aws: Aws, sam: Sam, plan: PlatformPlan) -> Platform:
    """Create or update the platform stack by `sam deploy`; a no-op when nothing changed."""
    given = {LOGGING: "true" if plan.sets_logging else "false"}
    sam.deploy_template(TEMPLATE, PLATFORM_STACK, aws.region, given)
    return require_platform(aws)


def _sets_logging(stack: Stack) -> bool:
    return stack.parameters.get(LOGGING) == "true"


def _logging_role(aws: Aws) -> str | None:
    with translated("API Gateway's settings of the account"):
        return aws.apigateway.get_account().get("cloudwatchRoleArn")
