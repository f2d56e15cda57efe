"""Why the hook cannot say that a version is fit to go live."""

from model_store.errors import LambentError


class PreTrafficError(LambentError):
    """Base of what the pre-traffic hook itself raises. Never carries a feature value."""


class HookNotConfigured(PreTrafficError):
    """The environment of the function does not say what to try."""


class OutOfTime(PreTrafficError):
    """The function's own time is nearly up, and there is no verdict yet."""

    def __init__(self) -> None:
        super().__init__(
            "pre-traffic hook",
            "its time ran out before all was tried",
            "Is the model slow? `lambent logs` tells how long each request took",
        )


class NotUnderstood(PreTrafficError):
    """The event is neither CodeDeploy's nor a rehearsal."""

    def __init__(self) -> None:
        super().__init__(
            "event",
            "has no DeploymentId and LifecycleEventHookExecutionId",
            'CodeDeploy sends them; by hand, invoke it with {"rehearse": true}',
        )
