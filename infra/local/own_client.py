"""How the embedded AWS's own services call each other: as everybody else, by boto3."""

from functools import cache
from typing import Any

import boto3
from botocore.config import Config


@cache
def own_client(service: str, region: str, port: int) -> Any:
    """A client of the embedded AWS itself, whatever the environment says."""
    session: Any = boto3.Session("test", "test", region_name=region)
    return session.client(
        service,
        endpoint_url=f"http://localhost:{port}",
        config=Config(retries={"total_max_attempts": 1}, proxies={}),
    )
