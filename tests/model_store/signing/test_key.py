"""KMS signs and verifies; the public half verifies without KMS."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.stub import Stubber
from cryptography.hazmat.primitives.asymmetric import ed25519
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from moto import mock_aws

from model_store.errors import AwsDenied, AwsFailed, NotFound
from model_store.signing.key import PublicKey, PublicKeyRefused, SigningKey

INFO = PublicFormat.SubjectPublicKeyInfo
ARN = "arn:aws:kms:us-east-1:123456789012:key/1"


@pytest.fixture
def kms(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    with mock_aws():
        yield boto3.client("kms", region_name="us-east-1")


@pytest.fixture
def key(kms: Any) -> SigningKey:
    made = kms.create_key(KeySpec="ECC_NIST_P256", KeyUsage="SIGN_VERIFY")
    return SigningKey(kms, made["KeyMetadata"]["Arn"])


def test_what_kms_signed_kms_verifies_and_nothing_else(key: SigningKey) -> None:
    signature = key.sign(b"statement")
    assert key.verify(b"statement", signature)
    assert not key.verify(b"another", signature)


def test_the_exported_public_key_verifies_without_aws(
    key: SigningKey, kms: Any, tmp_path: Path
) -> None:
    signature = key.sign(b"statement")
    der = tmp_path / "key.der"
    der.write_bytes(kms.get_public_key(KeyId=key.arn)["PublicKey"])
    public = PublicKey.read(der)
    assert public.verify(b"statement", signature)
    assert not public.verify(b"another", signature)
    assert not public.verify(b"statement", b"no DER")
    pem = tmp_path / "key.pem"
    pem.write_bytes(public.key.public_bytes(Encoding.PEM, INFO))
    assert PublicKey.read(pem).verify(b"statement", signature)


def test_a_file_that_holds_no_such_key_is_refused_with_the_way_to_export_one(
    tmp_path: Path,
) -> None:
    other = tmp_path / "ed25519"
    other.write_bytes(
        ed25519.Ed25519PrivateKey.generate().public_key().public_bytes(Encoding.DER, INFO)
    )
    noise = tmp_path / "noise"
    noise.write_bytes(b"-----BEGIN NOTHING-----")
    for file in (other, noise, tmp_path / "absent"):
        with pytest.raises(PublicKeyRefused, match=f"{file.name}.*get-public-key"):
            PublicKey.read(file)


def refusing(code: str, operation: str) -> SigningKey:
    client: Any = boto3.client(
        "kms", region_name="us-east-1", aws_access_key_id="x", aws_secret_access_key="x"
    )
    stub = Stubber(client)
    stub.add_client_error(operation, code, f"says {code}", 400)
    stub.activate()
    return SigningKey(client, ARN)


def test_the_error_of_kms_for_a_wrong_signature_is_a_verdict() -> None:
    """KMS never answers SignatureValid: false."""
    assert refusing("KMSInvalidSignatureException", "verify").verify(b"m", b"s") is False


@pytest.mark.parametrize(
    ("code", "error"),
    [
        ("AccessDeniedException", AwsDenied),
        ("DisabledException", AwsFailed),
        ("KMSInvalidStateException", AwsFailed),
        ("NotFoundException", NotFound),
    ],
)
def test_where_kms_gives_no_verdict_the_key_is_named(code: str, error: type[Exception]) -> None:
    """Fault row 9: denied, disabled, to be deleted, gone. Not verified is not verified."""
    with pytest.raises(error, match=f"signing key {ARN}"):
        refusing(code, "sign").sign(b"m")
    with pytest.raises(error, match=f"signing key {ARN}"):
        refusing(code, "verify").verify(b"m", b"s")
