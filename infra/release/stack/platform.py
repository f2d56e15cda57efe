"""The platform stack: what all models share."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from infra.aws import Aws, translated
from infra.errors import NotFound
from infra.release.stack.sam import Sam
from infra.release.stack.stacks import PLATFORM_STACK, Stack, find_stack

if TYPE_CHECKING:
    from model_store.registry.bucket import Bucket
    from model_store.signing.key import SigningKey

TEMPLATE = Path("infra/platform.yaml")
LOGGING = "ManageApiGatewayLogging"
SIGNATURES = "RequireSignatures"


@dataclass(frozen=True)
class Platform:
    """The shared bucket's name and the keys' ARNs; the history's name is known.

    A stack of before there were signatures has no `signing_key_arn`, and requires none.
    """

    bucket: str
    key_arn: str
    signing_key_arn: str = ""
    requires_signatures: bool = False


@dataclass(frozen=True)
class PlatformPlan:
    """`sets_logging`: whether this stack sets the role API Gateway writes logs by, of which an
    account has one per region. `requires_signatures`: of what is deployed."""

    exists: bool
    sets_logging: bool
    requires_signatures: bool = True

    @property
    def steps(self) -> tuple[str, str, str]:
        verb = "update" if self.exists else "create"
        logging = "set by this stack, for the account" if self.sets_logging else "left as it is"
        signed = "refuses what is not signed" if self.requires_signatures else "asks for none"
        return (
            f"sam deploy: {verb} stack {PLATFORM_STACK}",
            f"API Gateway's logging role in this region: {logging}",
            f"signatures: lambent deploy {signed}",
        )


def find_platform(aws: Aws) -> Platform | None:
    """None until `lambent platform deploy` (or the first publish) made it."""
    stack = find_stack(aws, PLATFORM_STACK)
    if stack is None or "ArtifactBucket" not in stack.outputs:
        return None
    return Platform(
        stack.outputs["ArtifactBucket"],
        stack.outputs["ArtifactKeyArn"],
        stack.outputs.get("SigningKeyArn", ""),
        stack.outputs.get(SIGNATURES) == "true",
    )


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


def signing_key(aws: Aws, platform: Platform) -> "SigningKey | None":
    """None where the stack is of before there were signatures."""
    from model_store.signing.key import SigningKey

    arn = platform.signing_key_arn
    return SigningKey(aws.kms, arn) if arn else None


def plan_platform(
    aws: Aws, sets_logging: bool | None = None, requires_signatures: bool | None = None
) -> PlatformPlan:
    """None is: as the stack has it. At first the logging role is set only where the account has
    none yet, without which no stage that logs can be made; signatures are required."""
    stack = find_stack(aws, PLATFORM_STACK)
    if sets_logging is None:
        sets_logging = _sets_logging(stack) if stack else not _logging_role(aws)
    if requires_signatures is None:
        requires_signatures = stack is None or stack.parameters.get(SIGNATURES, "true") == "true"
    return PlatformPlan(stack is not None, sets_logging, requires_signatures)


def deploy_platform(aws: Aws, sam: Sam, plan: PlatformPlan) -> Platform:
    """Create or update the platform stack by `sam deploy`; a no-op when nothing changed."""
    given = {
        LOGGING: "true" if plan.sets_logging else "false",
        SIGNATURES: "true" if plan.requires_signatures else "false",
    }
    sam.deploy_template(TEMPLATE, PLATFORM_STACK, aws.region, given)
    return require_platform(aws)


def _sets_logging(stack: Stack) -> bool:
    return stack.parameters.get(LOGGING) == "true"


def _logging_role(aws: Aws) -> str | None:
    with translated("API Gateway's settings of the account"):
        return aws.apigateway.get_account().get("cloudwatchRoleArn")
