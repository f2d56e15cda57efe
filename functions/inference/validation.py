"""What pydantic found wrong with a request, as far as it can be told."""

from pydantic import ValidationError
from pydantic_core import ErrorDetails

MOST_TOLD = 100


def details(error: ValidationError) -> list[ErrorDetails]:
    """Without any value that was sent. Empty when there are too many: a body of 6 MB can hold
    half a million mistakes, and listing them would take seconds and hundreds of megabytes."""
    if error.error_count() > MOST_TOLD:
        return []
    return error.errors(include_input=False, include_url=False, include_context=False)
