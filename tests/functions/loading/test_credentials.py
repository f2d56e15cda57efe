"""Credentials come from the environment, or from the endpoint that SnapStart names."""

import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest
import urllib3

from functions.inference.errors import ConfigurationError
from functions.inference.loading.credentials import find_credentials
from functions.inference.loading.errors import StoreUnavailable
from functions.inference.loading.sigv4 import Credentials

KEYS = {"AWS_ACCESS_KEY_ID": "AKID", "AWS_SECRET_ACCESS_KEY": "s"}
URL = "AWS_CONTAINER_CREDENTIALS_FULL_URI"
TOKEN = "AWS_CONTAINER_AUTHORIZATION_TOKEN"
SECONDS = 5.0


def find(**env: str) -> Credentials:
    with urllib3.PoolManager() as http:
        return find_credentials(env, http, SECONDS)


@dataclass
class Endpoint:
    """Answers every GET with `body`."""

    url: str = ""
    body: bytes = b"{}"
    tokens: list[str | None] = field(default_factory=list)


@pytest.fixture
def endpoint() -> Iterator[Endpoint]:
    found = Endpoint()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            found.tokens.append(self.headers.get("Authorization"))
            self.send_response(200)
            self.send_header("Content-Length", str(len(found.body)))
            self.end_headers()
            self.wfile.write(found.body)

        def log_message(self, format: str, *args: object) -> None:
            """Quiet."""

    server = HTTPServer(("127.0.0.1", 0), Handler)
    found.url = f"http://127.0.0.1:{server.server_port}/credentials"
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    yield found
    server.shutdown()
    server.server_close()
    thread.join()


def test_those_of_the_environment_are_taken_as_they_are() -> None:
    assert find(**KEYS, AWS_SESSION_TOKEN="t") == Credentials("AKID", "s", "t")


@pytest.mark.parametrize("token", [{}, {"AWS_SESSION_TOKEN": ""}])
def test_an_empty_session_token_is_none(token: dict[str, str]) -> None:
    """Sent as an empty header, S3 would refuse it."""
    assert find(**KEYS, **token).session_token is None


def test_those_of_the_environment_come_first(endpoint: Endpoint) -> None:
    assert find(**KEYS, **{URL: endpoint.url}).access_key == "AKID"
    assert endpoint.tokens == []


@pytest.mark.parametrize("token", [{}, {TOKEN: "let me in"}])
def test_snapstart_hands_them_out_at_an_endpoint(endpoint: Endpoint, token: dict[str, str]) -> None:
    answer = {"AccessKeyId": "ASIA", "SecretAccessKey": "s", "Token": "t"}
    endpoint.body = json.dumps(answer).encode()
    assert find(**{URL: endpoint.url}, **token) == Credentials("ASIA", "s", "t")
    assert endpoint.tokens == [token.get(TOKEN)]


def test_they_are_asked_for_anew_each_time(endpoint: Endpoint) -> None:
    """Those of a SnapStart snapshot have expired when it is restored."""
    for key in ("first", "second"):
        endpoint.body = json.dumps({"AccessKeyId": key, "SecretAccessKey": "s"}).encode()
        assert find(**{URL: endpoint.url}).access_key == key


@pytest.mark.parametrize("body", [b"", b"[]", b"{}", b"null", b"nonsense", b'{"AccessKeyId": "A"}'])
def test_an_endpoint_without_credentials_counts_as_unavailable(
    endpoint: Endpoint, body: bytes
) -> None:
    endpoint.body = body
    with pytest.raises(StoreUnavailable, match="the endpoint gave none"):
        find(**{URL: endpoint.url})


def test_an_endpoint_that_cannot_be_reached_counts_as_unavailable() -> None:
    with pytest.raises(StoreUnavailable):
        find(**{URL: "http://127.0.0.1:1/credentials"})


def test_the_endpoint_is_given_as_long_as_there_is_and_asked_once(endpoint: Endpoint) -> None:
    """The one who asks tries again, under the one deadline of the load."""
    asked: list[dict[str, Any]] = []

    class Noting(urllib3.PoolManager):
        def request(self, *arguments: Any, **options: Any) -> Any:
            asked.append(options)
            return super().request(*arguments, **options)

    with Noting() as http, pytest.raises(StoreUnavailable):
        find_credentials({URL: endpoint.url}, http, SECONDS)
    assert [(options["timeout"], options["retries"]) for options in asked] == [(SECONDS, False)]


def test_a_function_without_any_is_told_what_to_do() -> None:
    with pytest.raises(ConfigurationError, match="execution role"):
        find()
