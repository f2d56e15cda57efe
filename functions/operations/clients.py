"""Clients that answer or fail while there is time to say so."""

from collections.abc import Callable
from functools import cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from botocore.session import Session

MakeClient = Callable[[str], Any]
"""From the name of a service to its client: there are type stubs for some of them only."""


def make_client(service: str, *, seconds: float = 5, attempts: int = 3) -> Any:
    """`seconds`: how long an answer may take."""
    from botocore.config import Config  # the Lambda runtime's own

    config = Config(
        connect_timeout=2,
        read_timeout=seconds,
        retries={"mode": "standard", "total_max_attempts": attempts},
    )
    return _session().create_client(service, config=config)


@cache
def _session() -> "Session":
    """One for all clients: they share credentials, and what is read of botocore's models."""
    from botocore.session import get_session

    return get_session()
