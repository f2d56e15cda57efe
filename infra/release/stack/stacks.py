"""CloudFormation stacks, as far as a release looks at them."""

from dataclasses import dataclass

from infra.aws import Aws, translated
from infra.errors import AwsFailed

PREFIX = "lambent-"
PLATFORM_STACK = f"{PREFIX}platform"
BUSY = "_IN_PROGRESS"


@dataclass(frozen=True)
class Stack:
    """`parameters` and `outputs` as CloudFormation has them: text by name."""

    name: str
    status: str
    parameters: dict[str, str]
    outputs: dict[str, str]

    @property
    def model(self) -> str:
        return self.name.removeprefix(PREFIX)

    @property
    def is_busy(self) -> bool:
        return self.status.endswith(BUSY)

    @property
    def is_usable(self) -> bool:
        """Created at least once; a first creation that failed leaves a stack with nothing in it."""
        return self.status not in {"REVIEW_IN_PROGRESS", "ROLLBACK_COMPLETE", "ROLLBACK_FAILED"}


def stack_name(model: str) -> str:
    return PREFIX + model


function_name = stack_name
"""A model's function has the name of its stack."""


def find_stack(aws: Aws, name: str) -> Stack | None:
    """None when there is no such stack."""
    try:
        with translated(f"stack {name}"):
            found = aws.cloudformation.describe_stacks(StackName=name)["Stacks"][0]
    except AwsFailed as error:
        if error.code == "ValidationError" and "does not exist" in error.what:
            return None
        raise
    return Stack(
        name,
        found["StackStatus"],
        {p["ParameterKey"]: p.get("ParameterValue", "") for p in found.get("Parameters", [])},
        {o["OutputKey"]: o["OutputValue"] for o in found.get("Outputs", [])},
    )


def api_key(aws: Aws, key_id: str) -> str:
    """The secret itself, of a stack's output ApiKeyId; show it only to who asked for it."""
    with translated(f"API key {key_id}"):
        return aws.apigateway.get_api_key(apiKey=key_id, includeValue=True)["value"]
