"""Reading from S3: signed, over TLS, and in bounded time."""

import ssl
import threading
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest
import urllib3
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from functions.inference.loading import connections
from functions.inference.loading.errors import (
    AccessRefused,
    ArtifactCorrupt,
    BodyTruncated,
    LoadError,
    LoadTimedOut,
    ObjectMissing,
    StoreUnavailable,
)
from functions.inference.loading.s3 import (
    BACKOFF_SECONDS,
    CONNECT_SECONDS,
    READ_SECONDS,
    BucketReader,
    Deadline,
)
from functions.inference.settings import Limits
from tests.functions.conftest import Clock, Deployment
from tests.functions.s3_stand_in import (
    Behaviour,
    S3StandIn,
    drip,
    drip_headers,
    hang_up,
    refuse,
    truncate,
)

KEYS = {"AWS_ACCESS_KEY_ID": "AKID", "AWS_SECRET_ACCESS_KEY": "secret"}


def bucket(s3: S3StandIn, **env: str) -> BucketReader:
    return BucketReader(
        "artifacts", {"AWS_ENDPOINT_URL_S3": s3.url} | env, sleep=lambda seconds: None
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


@pytest.mark.parametrize(
    ("env", "name", "url"),
    [
        ({"AWS_REGION": "eu-west-1"}, "b", "https://b.s3.eu-west-1.amazonaws.com/k"),
        ({"AWS_REGION": "cn-north-1"}, "b", "https://b.s3.cn-north-1.amazonaws.com.cn/k"),
        ({"AWS_REGION": "eu-west-1"}, "b.c", "https://s3.eu-west-1.amazonaws.com/b.c/k"),
        ({"AWS_ENDPOINT_URL": "http://localhost:4566/"}, "b", "http://localhost:4566/b/k"),
        (
            {"AWS_ENDPOINT_URL": "http://all:1", "AWS_ENDPOINT_URL_S3": "http://s3:2"},
            "b",
            "http://s3:2/b/k",
        ),
    ],
)
def test_where_an_object_is_read_from(env: dict[str, str], name: str, url: str) -> None:
    assert BucketReader(name, env).url("k") == url


def test_fault_row_7_an_object_that_is_not_there_is_named(s3: S3StandIn) -> None:
    with pytest.raises(ObjectMissing, match="s3://artifacts/k"):
        get(bucket(s3, **KEYS))
    assert len(s3.requests) == 1, "asking again would not make it appear"


def test_threat_ml06_more_bytes_than_expected_are_not_read(s3: S3StandIn) -> None:
    s3.objects |= {"k": b"x" * 1000, "larger": b"x" * 1001}
    assert len(get(bucket(s3, **KEYS))) == 1000
    with pytest.raises(ArtifactCorrupt, match="larger than the 1000 bytes"):
        get(bucket(s3, **KEYS), "larger")


@pytest.mark.parametrize(
    ("fault", "error", "pauses"),
    [
        (refuse(503, "SlowDown"), StoreUnavailable, [2, 4]),
        (hang_up, StoreUnavailable, [2, 4]),
        (truncate, BodyTruncated, [2]),
        (refuse(403, "AccessDenied"), AccessRefused, []),
    ],
    ids=["503", "hang up", "truncated", "403"],
)
def test_fault_rows_1_and_4_the_pauses_between_attempts_double(
    s3: S3StandIn, fault: Behaviour, error: type[LoadError], pauses: list[int]
) -> None:
    slept: list[float] = []
    s3.misbehave(fault, always=True)
    store = BucketReader(
        "artifacts",
        {"AWS_ENDPOINT_URL_S3": s3.url, **KEYS},
        sleep=slept.append,
        jitter=lambda: 1.0,
    )
    with pytest.raises(error):
        get(store)
    assert slept == [pause * BACKOFF_SECONDS for pause in pauses]


def test_fault_row_1_an_attempt_that_could_not_end_in_time_is_not_begun(
    s3: S3StandIn, clock: Clock
) -> None:
    def slow(request: Any) -> None:
        clock.now += 4.9
        refuse(503, "SlowDown")(request)

    s3.misbehave(slow, always=True)
    store = BucketReader("artifacts", {"AWS_ENDPOINT_URL_S3": s3.url, **KEYS}, jitter=lambda: 1.0)
    with pytest.raises(StoreUnavailable, match="SlowDown"):
        store.get("k", largest=1000, deadline=Deadline(clock.now + 5, clock))
    assert len(s3.requests) == 1


@pytest.fixture
def timeouts(monkeypatch: pytest.MonkeyPatch) -> list[urllib3.Timeout]:
    """What is asked of the sockets."""
    asked: list[urllib3.Timeout] = []
    request = urllib3.PoolManager.request

    def noting(self: Any, *arguments: Any, **options: Any) -> Any:
        asked.append(options["timeout"])
        return request(self, *arguments, **options)

    monkeypatch.setattr(urllib3.PoolManager, "request", noting)
    return asked


@pytest.mark.parametrize(
    ("seconds", "connect", "read"),
    [(60.0, CONNECT_SECONDS, READ_SECONDS), (1.5, CONNECT_SECONDS, 1.5), (0.5, 0.5, 0.5)],
)
def test_fault_row_2_connecting_and_reading_wait_no_longer_than_the_deadline_allows(
    s3: S3StandIn,
    clock: Clock,
    timeouts: list[urllib3.Timeout],
    seconds: float,
    connect: float,
    read: float,
) -> None:
    """The clock stands still, so that the numbers are exact; joining waits in real time."""
    s3.objects["k"] = b"bytes"
    bucket(s3, **KEYS).get("k", 1000, Deadline(clock.now + seconds, clock))
    (asked,) = timeouts
    assert (asked.connect_timeout, asked.read_timeout) == (connect, read)


def test_fault_row_2_a_store_that_cannot_be_reached_is_given_up_before_the_load_times_out() -> None:
    """All attempts and the longest pauses between them; the log then names the true cause."""
    attempts = StoreUnavailable.tries
    pauses = sum(BACKOFF_SECONDS * 2**attempt for attempt in range(1, attempts))
    assert attempts * CONNECT_SECONDS + pauses < Limits().load_at_start


def test_fault_row_3_the_thread_that_reads_a_dripping_body_ends_with_its_deadline(
    s3: S3StandIn,
) -> None:
    """While the server still drips: a thread left behind would hold socket and memory."""
    s3.misbehave(drip, always=True)
    before = set(threading.enumerate())
    with pytest.raises(LoadTimedOut):
        bucket(s3, **KEYS).get("k", 100_000, Deadline.after(0.3))
    for thread in set(threading.enumerate()) - before:
        if thread.name == "load-from-s3":
            thread.join(10)
            assert not thread.is_alive()
    assert not s3.released.is_set()


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


def test_the_certificate_must_be_for_the_host_that_is_asked(s3: S3StandIn, tls: Path) -> None:
    """It names 127.0.0.1 alone."""
    s3.objects["k"] = b"bytes"
    by_name = {"AWS_ENDPOINT_URL_S3": s3.url.replace("127.0.0.1", "localhost")}
    with pytest.raises(StoreUnavailable, match="SSL"):
        get(bucket(s3, **KEYS, **by_name, AWS_CA_BUNDLE=str(tls)))


def test_certificates_that_cannot_be_read_are_no_crash(s3: S3StandIn, tls: Path) -> None:
    missing = bucket(s3, **KEYS, AWS_CA_BUNDLE=str(tls.with_name("nowhere.pem")))
    with pytest.raises(StoreUnavailable, match="SSL"):
        get(missing)


def test_certificates_are_read_once_and_only_for_tls(
    s3: S3StandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Those of a whole machine take longer than all else of a cold start's two reads."""
    read: list[ssl.SSLContext] = []
    monkeypatch.setattr(ssl.SSLContext, "load_default_certs", lambda context: read.append(context))
    connections._trust.cache_clear()
    try:
        with connections.connections({}, s3.url):
            assert read == []
        for _ in range(2):
            connections.connections({}, "https://artifacts.s3.eu-west-1.amazonaws.com/k")
        assert len(read) == 1
    finally:
        connections._trust.cache_clear()


def test_loading_over_tls_serves(deployment: Deployment, tls: Path, penguin: dict) -> None:
    answer = deployment.function(AWS_CA_BUNDLE=str(tls)).predict(penguin)
    assert answer.body["predictions"][0]["decision"] == "model"


def test_fault_row_3_while_a_read_hangs_no_other_is_begun_and_then_it_is(s3: S3StandIn) -> None:
    """Else every attempt would leave one more thread and one more connection behind."""
    s3.objects["k"] = b"bytes"
    s3.misbehave(drip_headers)
    store = bucket(s3, **KEYS)
    with pytest.raises(LoadTimedOut, match="in time"):
        store.get("k", largest=1000, deadline=Deadline.after(0.1))
    with pytest.raises(LoadTimedOut, match="an earlier read hangs"):
        get(store)
    assert len(s3.requests) == 1
    (stuck,) = (found for found in threading.enumerate() if found.name == "load-from-s3")
    s3.released.set()
    stuck.join()
    assert get(store) == b"bytes"
