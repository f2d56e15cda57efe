"""CodeDeploy asks a hook, which tells it whether the release goes on.

https://docs.aws.amazon.com/codedeploy/latest/userguide/reference-appspec-file-structure-hooks.html
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from model_store.aws import translated


@dataclass(frozen=True, slots=True)
class Question:
    """deployment, execution: the ids under which CodeDeploy awaits the answer."""

    deployment: str
    execution: str

    def answer(self, codedeploy: Any, *, goes_on: bool) -> None:
        """Raises AwsError when CodeDeploy does not take it: Lambda then calls the hook again."""
        with translated(f"deployment {self.deployment}"):
            codedeploy.put_lifecycle_event_hook_execution_status(
                deploymentId=self.deployment,
                lifecycleEventHookExecutionId=self.execution,
                status="Succeeded" if goes_on else "Failed",
            )


def question_in(event: Mapping[str, Any]) -> Question | None:
    """None where it is not CodeDeploy that calls."""
    try:
        return Question(event["DeploymentId"], event["LifecycleEventHookExecutionId"])
    except KeyError:
        return None
