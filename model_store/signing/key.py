"""Keys that sign and verify. AWS KMS keeps the private half: nobody ever holds it."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final, Protocol

from model_store.aws import translated
from model_store.errors import AwsFailed, LambentError

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
    from mypy_boto3_kms import KMSClient

ALGORITHM: Final = "ECDSA_SHA_256"


class Verifier(Protocol):
    def verify(self, message: bytes, signature: bytes) -> bool: ...


@dataclass(frozen=True)
class SigningKey:
    """A key of KMS: KeySpec ECC_NIST_P256, KeyUsage SIGN_VERIFY."""

    kms: "KMSClient"
    arn: str

    @property
    def id(self) -> str:
        return self.arn.rpartition("/")[2]

    def sign(self, message: bytes) -> bytes:
        """ASN.1 DER; `message` is 4096 bytes at most. Raises AwsError."""
        with translated(f"signing key {self.arn}"):
            return self.kms.sign(
                KeyId=self.arn, Message=message, MessageType="RAW", SigningAlgorithm=ALGORITHM
            )["Signature"]

    def verify(self, message: bytes, signature: bytes) -> bool:
        """Raises AwsError when KMS gives no verdict: the key is disabled, denied, gone."""
        try:
            with translated(f"signing key {self.arn}"):
                return self.kms.verify(
                    KeyId=self.arn,
                    Message=message,
                    MessageType="RAW",
                    Signature=signature,
                    SigningAlgorithm=ALGORITHM,
                )["SignatureValid"]
        except AwsFailed as error:
            if error.code == "KMSInvalidSignatureException":
                return False
            raise


class PublicKeyRefused(LambentError):
    """A file that holds no public key that could have signed."""


@dataclass(frozen=True)
class PublicKey:
    """The public half, as KMS's GetPublicKey gives it: verifies without AWS."""

    key: "EllipticCurvePublicKey"

    @classmethod
    def read(cls, file: Path) -> "PublicKey":
        """PEM or DER. Raises PublicKeyRefused."""
        from cryptography.exceptions import UnsupportedAlgorithm
        from cryptography.hazmat.primitives import serialization
        from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey

        try:
            data = file.read_bytes()
            is_pem = data.lstrip().startswith(b"-----BEGIN")
            load = (
                serialization.load_pem_public_key if is_pem else serialization.load_der_public_key
            )
            key = load(data)
        except (OSError, ValueError, UnsupportedAlgorithm) as error:
            raise _refused(file, f"is no public key ({error})") from None
        if not isinstance(key, EllipticCurvePublicKey):
            raise _refused(file, f"holds another kind of key ({type(key).__name__})")
        return cls(key)

    def verify(self, message: bytes, signature: bytes) -> bool:
        from cryptography.exceptions import InvalidSignature
        from cryptography.hazmat.primitives import hashes
        from cryptography.hazmat.primitives.asymmetric.ec import ECDSA

        try:
            self.key.verify(signature, message, ECDSA(hashes.SHA256()))
        except InvalidSignature:
            return False
        return True


def _refused(file: Path, what: str) -> PublicKeyRefused:
    return PublicKeyRefused(
        str(file),
        what,
        "Export it: aws kms get-public-key --key-id ARN --query PublicKey --output text "
        "| base64 -d > key.der",
    )
