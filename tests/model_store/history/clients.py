"""Clients of AWS to put a Stubber on: botocore checks requests and answers by its models."""

from functools import cache
from typing import Any

from botocore.session import Session, get_session


@cache
def _session() -> Session:
    return get_session()


def client(service: str) -> Any:
    """It reaches nothing."""
    return _session().create_client(
        service,
        "us-east-1",
        endpoint_url="http://localhost:1",
        aws_access_key_id="test",
        aws_secret_access_key="test",
    )
