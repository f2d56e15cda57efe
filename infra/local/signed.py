"""What a request's signature tells: the region it is meant for."""

import re

from starlette.datastructures import Headers

_SCOPE = re.compile(r"Credential=[^/]+/\d+/(?P<region>[a-z0-9-]+)/")


def region_of(headers: Headers, default: str) -> str:
    """The default where the request is not signed."""
    signed = _SCOPE.search(headers.get("authorization", ""))
    return signed["region"] if signed else default
