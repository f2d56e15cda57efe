"""Reading from S3: over TLS, with the credentials of the environment or of SnapStart."""

import json
import ssl
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from functions.inference.errors import ConfigurationError
from functions.inference.loading.errors import StoreUnavailable
from functions.inference.loading.s3 import BucketReader, Deadline
from tests.functions.conftest import Deployment
from tests.functions.s3_stand_in import S3StandIn

KEYS = {"AWS_ACCESS_KEY_ID": "AKID", "AWS_SECRET_ACCESS_KEY": "secret"}


def bucket(s3: S3StandIn, **env: str) -> BucketReader:
    return BucketReader(
        "artifacts", {"AWS_ENDPOINT_URL_S3": s3.url, **env}, sleep=lambda seconds: None
    )


def get(store: BucketReader, key: str = "k") -> bytes:
    return store.get(key, largest=1000, deadline=Deadline.after(5))


def test_an_object_is_read_with_a_signed_request(s3: S3StandIn) -> None:
    s3.objects["k"] = b"bytes"
    assert get(bucket(s3, **KEYS, AWS_SESSION_TOKEN="token")) == b"bytes"
    (headers,) = s3.headers
    sent = {name.lower(): value for name, value in headers.items()}
    assert sent["authorization"].startswith("AWS4-HMAC-SHA256 Credential=AKID/")
    assert sent["x-amz-security-token"] == "token"


def test_a_key_with_odd_characters_is_found(s3: S3StandIn) -> None:
    s3.objects["a%20b%2Bc"] = b"bytes"
    assert get(bucket(s3, **KEYS), "a b+c") == b"bytes"


def test_without_credentials_the_error_says_what_to_do(s3: S3StandIn) -> None:
    with pytest.raises(ConfigurationError, match="execution role"):
        get(bucket(s3))


class _CredentialsEndpoint(BaseHTTPRequestHandler):
    answer = b"{}"
    tokens: list[str | None] = []  # noqa: RUF012 - one test server

    def do_GET(self) -> None:
        self.tokens.append(self.headers.get("Authorization"))
        self.send_response(200)
        self.send_header("Content-Length", str(len(self.answer)))
        self.end_headers()
        self.wfile.write(self.answer)

    def log_message(self, format: str, *args: object) -> None:
        """Quiet."""


@pytest.fixture
def endpoint() -> Iterator[tuple[type[_CredentialsEndpoint], str]]:
    handler = type("Endpoint", (_CredentialsEndpoint,), {"tokens": []})
    server = HTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    yield handler, f"http://127.0.0.1:{server.server_port}/credentials"
    server.shutdown()
    server.server_close()
    thread.join()


def test_snapstart_hands_out_credentials_at_an_endpoint(s3: S3StandIn, endpoint) -> None:
    handler, url = endpoint
    handler.answer = json.dumps(
        {"AccessKeyId": "ASIA", "SecretAccessKey": "s", "Token": "t"}
    ).encode()
    s3.objects["k"] = b"bytes"
    env = {
        "AWS_CONTAINER_CREDENTIALS_FULL_URI": url,
        "AWS_CONTAINER_AUTHORIZATION_TOKEN": "let me in",
    }
    assert get(bucket(s3, **env)) == b"bytes"
    assert handler.tokens == ["let me in"]
    sent = {name.lower(): value for name, value in s3.headers[0].items()}
    assert "Credential=ASIA/" in sent["authorization"]


@pytest.mark.parametrize("answer", [b"", b"[]", b"{}", b"nonsense"])
def test_a_credentials_endpoint_without_credentials_counts_as_unavailable(
    s3: S3StandIn, endpoint, answer: bytes
) -> None:
    handler, url = endpoint
    handler.answer = answer
    with pytest.raises(StoreUnavailable):
        get(bucket(s3, AWS_CONTAINER_CREDENTIALS_FULL_URI=url))


@pytest.fixture
def tls(s3: S3StandIn, tmp_path: Path) -> Path:
    """Turns the stand-in into an https server; the certificate of its own authority."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(hours=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), False
        )
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), True)
        .sign(key, hashes.SHA256())
    )
    pem = tmp_path / "certificate.pem"
    pem.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    private = tmp_path / "key.pem"
    private.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(pem, private)
    s3.serve_tls(context)
    return pem


def test_tls_is_verified(s3: S3StandIn, tls: Path) -> None:
    s3.objects["k"] = b"bytes"
    assert get(bucket(s3, **KEYS, AWS_CA_BUNDLE=str(tls))) == b"bytes"
    with pytest.raises(StoreUnavailable, match="SSL"):
        get(bucket(s3, **KEYS))


def test_loading_over_tls_serves(deployment: Deployment, tls: Path, penguin: dict) -> None:
    answer = deployment.function(AWS_CA_BUNDLE=str(tls)).predict(penguin)
    assert answer.body["predictions"][0]["decision"] == "model"
