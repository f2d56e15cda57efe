"""What can go wrong while AWS is changed, each told as where, what, and the next step."""

from model_store.errors import LambentError


class InfraError(LambentError):
    """Where, what, and the next step."""


class Refused(InfraError):
    """Lambent will not do this: the plan would break a promise."""


class NotFound(InfraError):
    """Something that the command needs is not there."""


class Conflict(InfraError):
    """Somebody else changed the same thing at the same time (fault row 40)."""


class AwsDenied(InfraError):
    """AWS says that these credentials may not."""


class AwsUnavailable(InfraError):
    """A service of AWS does not answer, or answers that it is in trouble."""


class AwsFailed(InfraError):
    """AWS refused a call for any other reason. `code` is the service's own error code."""

    def __init__(self, where: str, what: str, next_step: str, code: str = "") -> None:
        super().__init__(where, what, next_step)
        self.code = code


class ToolFailed(InfraError):
    """`sam` is missing, or ended with an error."""
