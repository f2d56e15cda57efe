"""Connections to AWS, which trust what AWS_CA_BUNDLE holds, or else what the machine does."""

import ssl
from collections.abc import Mapping
from functools import cache
from pathlib import Path

import urllib3
from urllib3.exceptions import SSLError
from urllib3.util.ssl_ import create_urllib3_context


def connections(env: Mapping[str, str], url: str) -> urllib3.PoolManager:
    """Fresh ones, for requests to this URL; raises SSLError if the certificates cannot be read."""
    if not url.lower().startswith("https:"):
        return urllib3.PoolManager()
    return urllib3.PoolManager(ssl_context=_trust(env.get("AWS_CA_BUNDLE")))


@cache
def _trust(bundle: str | None) -> ssl.SSLContext:
    """Once per process: to read the 140 certificates of a machine takes longer than a GET."""
    context = create_urllib3_context()
    try:
        if bundle:
            context.load_verify_locations(Path(bundle).expanduser())
        else:
            context.load_default_certs()
    except OSError as error:
        raise SSLError(error) from error
    return context
