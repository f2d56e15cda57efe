"""KMS keys sign and verify as AWS's do: what fault row 12 rests on."""

from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.infra.local.support import Client

ALGORITHM = {"MessageType": "RAW", "SigningAlgorithm": "ECDSA_SHA_256"}


@pytest.fixture
def kms(client: Client) -> Any:
    return client("kms")


@pytest.fixture
def key(kms: Any) -> str:
    """The ARN of a key that signs."""
    made = kms.create_key(KeySpec="ECC_NIST_P256", KeyUsage="SIGN_VERIFY")
    return str(made["KeyMetadata"]["Arn"])


def code_of(call: Callable[[], Any]) -> str:
    with pytest.raises(ClientError) as refused:
        call()
    assert refused.value.response["ResponseMetadata"]["HTTPStatusCode"] == 400
    return str(refused.value.response["Error"]["Code"])


def test_what_a_key_signed_it_verifies(kms: Any, key: str) -> None:
    signature = kms.sign(KeyId=key, Message=b"statement", **ALGORITHM)["Signature"]
    answer = kms.verify(KeyId=key, Message=b"statement", Signature=signature, **ALGORITHM)
    assert answer["SignatureValid"] is True


def test_a_wrong_signature_is_an_error_and_no_false(kms: Any, key: str) -> None:
    """moto answers SignatureValid: false, which AWS never does."""
    signature = kms.sign(KeyId=key, Message=b"statement", **ALGORITHM)["Signature"]
    for message, offered in ((b"other", signature), (b"statement", b"no DER")):
        code = code_of(
            lambda m=message, s=offered: kms.verify(KeyId=key, Message=m, Signature=s, **ALGORITHM)
        )
        assert code == "KMSInvalidSignatureException"


@pytest.mark.parametrize(
    ("switch_off", "refusal"),
    [
        ("disable_key", "DisabledException"),
        ("schedule_key_deletion", "KMSInvalidStateException"),
    ],
)
def test_a_key_that_is_off_neither_signs_nor_verifies(
    kms: Any, key: str, switch_off: str, refusal: str
) -> None:
    signature = kms.sign(KeyId=key, Message=b"statement", **ALGORITHM)["Signature"]
    getattr(kms, switch_off)(KeyId=key)
    for call in (
        lambda: kms.sign(KeyId=key, Message=b"statement", **ALGORITHM),
        lambda: kms.verify(KeyId=key, Message=b"statement", Signature=signature, **ALGORITHM),
        lambda: kms.get_public_key(KeyId=key),
    ):
        assert code_of(call) == refusal


def test_only_symmetric_keys_rotate(kms: Any, key: str) -> None:
    assert code_of(lambda: kms.enable_key_rotation(KeyId=key)) == "UnsupportedOperationException"
    symmetric = kms.create_key()["KeyMetadata"]["KeyId"]
    kms.enable_key_rotation(KeyId=symmetric)
    assert kms.get_key_rotation_status(KeyId=symmetric)["KeyRotationEnabled"] is True
