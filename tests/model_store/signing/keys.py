"""Keys without KMS, of which the tests hold both halves."""

from dataclasses import dataclass, field

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

DIGEST = hashes.SHA256()


@dataclass
class HeldKey:
    """Signs and verifies as KMS does, in this process."""

    arn: str = "arn:aws:kms:us-east-1:123456789012:key/11111111-2222-3333-4444-555555555555"
    private: ec.EllipticCurvePrivateKey = field(
        default_factory=lambda: ec.generate_private_key(ec.SECP256R1())
    )

    @property
    def id(self) -> str:
        return self.arn.rpartition("/")[2]

    def sign(self, message: bytes) -> bytes:
        return self.private.sign(message, ec.ECDSA(DIGEST))

    def verify(self, message: bytes, signature: bytes) -> bool:
        try:
            self.private.public_key().verify(signature, message, ec.ECDSA(DIGEST))
        except InvalidSignature:
            return False
        return True
