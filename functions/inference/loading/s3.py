"""A GET from S3 under one total deadline, over urllib3."""

import random
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from urllib.parse import quote

import urllib3
from urllib3.exceptions import HTTPError, IncompleteRead, ProtocolError

from functions.inference.loading.connections import connections
from functions.inference.loading.credentials import find_credentials
from functions.inference.loading.errors import (
    ArtifactCorrupt,
    BodyTruncated,
    LoadError,
    LoadTimedOut,
    StoreUnavailable,
)
from functions.inference.loading.refusals import read_refusal
from functions.inference.loading.sigv4 import sign_get

CONNECT_SECONDS = 1.0
READ_SECONDS = 2.0
BACKOFF_SECONDS = 0.1
_CHUNK = 256 * 1024
_LARGEST_ERROR = 16 * 1024
_AGAIN = "Loading is tried again"


@dataclass(frozen=True, slots=True)
class Deadline:
    """A point on a monotonic clock."""

    at: float
    clock: Callable[[], float] = time.monotonic

    @classmethod
    def after(cls, seconds: float) -> "Deadline":
        return cls(time.monotonic() + seconds)

    def left(self) -> float:
        return self.at - self.clock()


class OneThread:
    """Runs reads in a thread, for no socket timeout bounds name resolution or dripping headers.

    One that hangs is left behind, and until it ends no other is begun: they would pile up.
    """

    def __init__(self) -> None:
        self._thread: threading.Thread | None = None

    def run(self, read: Callable[[], bytes], deadline: Deadline, where: str) -> bytes:
        """What `read` gives or raises; LoadTimedOut past the deadline."""
        if self._thread and self._thread.is_alive():
            raise LoadTimedOut(where, "was not read: an earlier read hangs", _AGAIN)
        result: list[bytes | Exception] = []
        self._thread = threading.Thread(
            target=_keep, args=(read, result), name="load-from-s3", daemon=True
        )
        self._thread.start()
        self._thread.join(max(0.0, deadline.left()))
        if not result:
            raise _too_slow(where)
        if isinstance(result[0], Exception):
            raise result[0]
        return result[0]


def _keep(read: Callable[[], bytes], result: list[bytes | Exception]) -> None:
    try:
        result.append(read())
    except Exception as error:  # noqa: BLE001 - carried over to the caller's thread
        result.append(error)


@dataclass(frozen=True, slots=True)
class BucketReader:
    """Reads objects of one bucket with the credentials and endpoint of the environment.

    jitter: 0 to 1. sleep: seconds.
    """

    name: str
    env: Mapping[str, str]
    sleep: Callable[[float], None] = time.sleep
    # Not the shared generator: all that start from one SnapStart snapshot would agree.
    jitter: Callable[[], float] = random.SystemRandom().random
    now: Callable[[], datetime] = lambda: datetime.now(UTC)
    thread: OneThread = field(default_factory=OneThread)

    def get(self, key: str, largest: int, deadline: Deadline) -> bytes:
        """The whole object, at most `largest` bytes; raises LoadError."""
        where = f"s3://{self.name}/{key}"
        return self.thread.run(lambda: self._try(key, largest, deadline), deadline, where)

    def _try(self, key: str, largest: int, deadline: Deadline) -> bytes:
        attempt = 1
        while True:
            try:
                return self._get_once(key, largest, deadline)
            except LoadError as error:
                pause = self.jitter() * BACKOFF_SECONDS * 2**attempt
                if attempt >= error.tries or deadline.left() <= pause:
                    raise
                self.sleep(pause)
                attempt += 1

    def _get_once(self, key: str, largest: int, deadline: Deadline) -> bytes:
        where, url = f"s3://{self.name}/{key}", self.url(key)
        try:
            with connections(self.env, url) as http:
                credentials = find_credentials(self.env, http, _at_most(CONNECT_SECONDS, deadline))
                response = http.request(
                    "GET",
                    url,
                    headers=sign_get(url, self._region, credentials, self.now()),
                    preload_content=False,
                    decode_content=False,
                    retries=False,
                    redirect=False,
                    timeout=urllib3.Timeout(
                        connect=_at_most(CONNECT_SECONDS, deadline),
                        read=_at_most(READ_SECONDS, deadline),
                    ),
                )
                return _read(response, where, largest, deadline)
        except (IncompleteRead, ProtocolError) as error:
            raise _broken_off(error, where) from None
        except HTTPError as error:
            what = f"S3 cannot be reached ({type(error).__name__})"
            raise StoreUnavailable(where, what, "Check the endpoint and the network") from None

    def url(self, key: str) -> str:
        """Path style at an endpoint of one's own, else at the bucket's host."""
        path = quote(key, safe="/-_.~")
        own = self.env.get("AWS_ENDPOINT_URL_S3") or self.env.get("AWS_ENDPOINT_URL")
        if own:
            return f"{own.rstrip('/')}/{self.name}/{path}"
        suffix = ".cn" if self._region.startswith("cn-") else ""
        host = f"s3.{self._region}.amazonaws.com{suffix}"
        if "." in self.name:  # which the certificate of *.s3.amazonaws.com does not cover
            return f"https://{host}/{self.name}/{path}"
        return f"https://{self.name}.{host}/{path}"

    @property
    def _region(self) -> str:
        return self.env.get("AWS_REGION") or self.env.get("AWS_DEFAULT_REGION") or "us-east-1"


def _read(
    response: urllib3.BaseHTTPResponse, where: str, largest: int, deadline: Deadline
) -> bytes:
    if response.status != 200:
        text = response.read(_LARGEST_ERROR).decode("utf-8", "replace")
        raise read_refusal(response.status, text, where)
    body = bytearray()
    while chunk := response.read1(_CHUNK):
        body += chunk
        if len(body) > largest:
            what = f"is larger than the {largest} bytes it should have"
            raise ArtifactCorrupt(where, what, "Publish the version again")
        if deadline.left() <= 0:
            raise _too_slow(where)
    return bytes(body)


def _broken_off(error: Exception, where: str) -> LoadError:
    if isinstance(error, IncompleteRead) or any(
        isinstance(arg, IncompleteRead) for arg in error.args
    ):
        return BodyTruncated(where, "the body ended early", _AGAIN)
    return StoreUnavailable(where, "the connection broke off", _AGAIN)


def _too_slow(where: str) -> LoadTimedOut:
    return LoadTimedOut(where, "was not read in time", _AGAIN)


def _at_most(seconds: float, deadline: Deadline) -> float:
    return max(0.001, min(seconds, deadline.left()))
