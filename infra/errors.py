"""What can go wrong while AWS is changed, each told as where, what, and the next step."""

from model_store.errors import (
    AwsDenied,
    AwsFailed,
    AwsUnavailable,
    Conflict,
    LambentError,
    NotFound,
)

__all__ = [
    "AwsDenied",
    "AwsFailed",
    "AwsUnavailable",
    "Conflict",
    "LambentError",
    "NotFound",
    "NotReleased",
    "Refused",
    "ToolFailed",
]


class Refused(LambentError):
    """Lambent will not do this: the plan would break a promise."""


class NotReleased(LambentError):
    """A release was refused on its way to be live; what was live before it still is."""


class ToolFailed(LambentError):
    """`sam` is missing, or ended with an error."""
