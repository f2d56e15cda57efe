"""Where a Lambda function finds its credentials: the environment, or SnapStart's endpoint."""

import json
from collections.abc import Mapping

import urllib3

from functions.inference.errors import ConfigurationError
from functions.inference.loading.errors import StoreUnavailable
from functions.inference.loading.sigv4 import Credentials


def find_credentials(
    env: Mapping[str, str], http: urllib3.PoolManager, seconds: float
) -> Credentials:
    """Read them anew for every load: under SnapStart those of the snapshot have expired."""
    if access_key := env.get("AWS_ACCESS_KEY_ID"):
        secret = env.get("AWS_SECRET_ACCESS_KEY", "")
        return Credentials(access_key, secret, env.get("AWS_SESSION_TOKEN") or None)
    if url := env.get("AWS_CONTAINER_CREDENTIALS_FULL_URI"):
        return _from_endpoint(url, env.get("AWS_CONTAINER_AUTHORIZATION_TOKEN"), http, seconds)
    raise ConfigurationError(
        "AWS credentials", "are not in the environment", "Give the function an execution role"
    )


def _from_endpoint(
    url: str, token: str | None, http: urllib3.PoolManager, seconds: float
) -> Credentials:
    headers = {"Authorization": token} if token else {}
    try:
        response = http.request("GET", url, headers=headers, timeout=seconds, retries=False)
        found = json.loads(response.data)
        return Credentials(found["AccessKeyId"], found["SecretAccessKey"], found.get("Token"))
    except (urllib3.exceptions.HTTPError, ValueError, KeyError, TypeError) as error:
        what = f"the endpoint gave none ({type(error).__name__})"
        raise StoreUnavailable("AWS credentials", what, "Loading is tried again") from None
