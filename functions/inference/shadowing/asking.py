"""Asking another version of this function, by Lambda's Invoke, within a bounded time.

https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import urllib3
from urllib3.exceptions import (
    ConnectTimeoutError,
    HTTPError,
    NewConnectionError,
    ReadTimeoutError,
)

from functions.inference.errors import ConfigurationError, ServingError
from functions.inference.loading.connections import connections
from functions.inference.loading.credentials import find_credentials
from functions.inference.loading.errors import LoadTimedOut, StoreUnavailable
from functions.inference.loading.s3 import Deadline, OneThread
from functions.inference.loading.sigv4 import sign_post

CONNECT_SECONDS = 1.0
LARGEST = 2 * 1024 * 1024
"""Bytes of an answer that is compared."""


class NotAnswered(ServingError):
    """`kind`: throttled, late, unreachable, refused, failed."""

    def __init__(self, kind: str) -> None:
        super().__init__("the shadow version", f"did not answer: {kind}", "Read its log")
        self.kind = kind


@dataclass(frozen=True, slots=True)
class OtherVersion:
    """The version `number` of the function that env says we are."""

    number: str
    env: Mapping[str, str]
    now: Callable[[], datetime] = lambda: datetime.now(UTC)
    # No socket timeout bounds name resolution, or an answer that drips.
    thread: OneThread = field(default_factory=OneThread)

    def ask(self, event: dict[str, Any], seconds: float) -> dict[str, Any]:
        """What it answers; raises NotAnswered, at the latest when the seconds are over."""
        deadline = Deadline.after(seconds)
        try:
            answer = self.thread.run(lambda: self._ask(event, deadline), deadline, self.url)
            found = json.loads(answer)
        except LoadTimedOut:
            raise NotAnswered("late") from None
        except (ConfigurationError, StoreUnavailable):
            raise NotAnswered("refused") from None
        except (ValueError, RecursionError):
            raise NotAnswered("failed") from None
        if not isinstance(found, dict):
            raise NotAnswered("failed")
        return found

    @property
    def url(self) -> str:
        own = self.env.get("AWS_ENDPOINT_URL_LAMBDA") or self.env.get("AWS_ENDPOINT_URL")
        suffix = ".cn" if self._region.startswith("cn-") else ""
        host = (own or f"https://lambda.{self._region}.amazonaws.com{suffix}").rstrip("/")
        function = self.env.get("AWS_LAMBDA_FUNCTION_NAME", "")
        return f"{host}/2015-03-31/functions/{function}/invocations?Qualifier={self.number}"

    @property
    def _region(self) -> str:
        return self.env.get("AWS_REGION") or self.env.get("AWS_DEFAULT_REGION") or "us-east-1"

    def _ask(self, event: dict[str, Any], deadline: Deadline) -> bytes:
        body, url = json.dumps(event).encode(), self.url
        try:
            with connections(self.env, url) as http:
                credentials = find_credentials(self.env, http, CONNECT_SECONDS)
                headers = sign_post(url, self._region, "lambda", body, credentials, self.now())
                left = max(0.001, deadline.left())
                answer = http.request(
                    *("POST", url),
                    body=body,
                    headers=headers | {"content-type": "application/json"},
                    timeout=urllib3.Timeout(connect=min(CONNECT_SECONDS, left), read=left),
                    retries=False,
                    redirect=False,
                    preload_content=False,
                )
                return _read(answer)
        except (ReadTimeoutError, ConnectTimeoutError) as error:
            refused = isinstance(error, NewConnectionError)  # which urllib3 calls a timeout
            raise NotAnswered("unreachable" if refused else "late") from None
        except HTTPError:
            raise NotAnswered("unreachable") from None


def _read(answer: urllib3.BaseHTTPResponse) -> bytes:
    if answer.status == 429:
        raise NotAnswered("throttled")
    if answer.status >= 500:
        raise NotAnswered("unreachable")
    if answer.status != 200:
        raise NotAnswered("refused")
    body = answer.read(LARGEST + 1)
    if "X-Amz-Function-Error" in answer.headers or len(body) > LARGEST:
        raise NotAnswered("failed")
    return body
