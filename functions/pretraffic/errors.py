"""Why the hook cannot say that a version is fit to go live."""

from model_store.errors import LambentError


class OutOfTime(LambentError):
    """The function's own time is nearly up, and there is no verdict yet."""

    def __init__(self) -> None:
        super().__init__(
            "pre-traffic hook",
            "its time ran out before all was tried",
            "Is the model slow? `lambent logs` tells how long each request took",
        )


class NotUnderstood(LambentError):
    """The event is neither CodeDeploy's nor a rehearsal."""

    def __init__(self) -> None:
        super().__init__(
            "event",
            "has no DeploymentId and LifecycleEventHookExecutionId",
            'CodeDeploy sends them; by hand, invoke it with {"rehearse": true}',
        )
