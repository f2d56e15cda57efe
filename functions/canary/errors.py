"""Why the judge could not judge."""

from model_store.errors import LambentError


class JudgeNotConfigured(LambentError):
    """The environment of the function does not say what to judge, or by what."""
