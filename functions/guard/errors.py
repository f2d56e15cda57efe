"""Why the guard could not decide."""

from model_store.errors import LambentError


class NotUnderstood(LambentError):
    """The event is not one of an alarm."""

    def __init__(self) -> None:
        super().__init__(
            "event",
            "is no change of a CloudWatch alarm",
            "Make the function the action of an alarm, as template.yaml does",
        )
