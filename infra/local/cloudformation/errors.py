"""Refusals of CloudFormation, with the error codes that AWS sends."""


class CloudFormationError(Exception):
    """Sent to the caller under `code`; the message says where, what, and the next step."""

    def __init__(self, message: str, code: str = "ValidationError") -> None:
        super().__init__(message)
        self.code = code


class InvalidTemplate(CloudFormationError):
    """The template, or a parameter, breaks CloudFormation's rules, on AWS too."""


class NotSupported(CloudFormationError):
    """CloudFormation may know it; the embedded AWS does not, and will not pretend to."""

    def __init__(self, where: str, what: str, next_step: str) -> None:
        super().__init__(f"{where}: the embedded AWS does not support {what}. {next_step}")


class StackNotFound(CloudFormationError):
    def __init__(self, name: str) -> None:
        # sam looks for exactly these words.
        super().__init__(f"Stack with id {name} does not exist")


class StackBusy(CloudFormationError):
    def __init__(self, stack_id: str, status: str, wish: str) -> None:
        super().__init__(f"Stack:{stack_id} is in {status} state and can not be {wish}.")


class ResourceFailed(Exception):
    """A service refused a step; the reason becomes the event that rolls the stack back."""
