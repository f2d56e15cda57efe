"""Why the guard could not decide."""

from model_store.errors import LambentError


class GuardError(LambentError):
    """Base of what the guard itself raises."""


class GuardNotConfigured(GuardError):
    """The environment of the function does not say what to guard."""


class NotUnderstood(GuardError):
    """The event is not one of an alarm."""

    def __init__(self) -> None:
        super().__init__(
            "event",
            "is no change of a CloudWatch alarm",
            "Make the function the action of an alarm, as template.yaml does",
        )
