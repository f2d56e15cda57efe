"""Calls to the embedded AWS: those of its own services, and the region that one is meant for."""

import re
from functools import cache
from typing import Any

import boto3
from botocore.config import Config
from starlette.datastructures import Headers


@cache
def own_client(service: str, region: str, port: int) -> Any:
    """A client of the embedded AWS itself, whatever the environment says."""
    session: Any = boto3.Session("test", "test", region_name=region)
    return session.client(
        service,
        endpoint_url=f"http://localhost:{port}",
        config=Config(retries={"total_max_attempts": 1}, proxies={}),
    )


_SCOPE = re.compile(r"Credential=[^/]+/\d+/(?P<region>[a-z0-9-]+)/")


def region_of(headers: Headers, default: str) -> str:
    """The default where the request is not signed."""
    signed = _SCOPE.search(headers.get("authorization", ""))
    return signed["region"] if signed else default
