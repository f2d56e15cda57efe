"""Whether a published version is vouched for: asked before a release, here and in Lambda."""

from collections.abc import Callable

from model_store.artifact.layout import signature_key
from model_store.artifact.reference import ModelReference
from model_store.signing.envelope import signature_in, to_sign
from model_store.signing.errors import NotSigned, SignatureInvalid
from model_store.signing.key import SigningKey, Verifier


def check_signature(
    read: Callable[[str], bytes | None], key: SigningKey, reference: ModelReference, digest: str
) -> None:
    """`read` gives an object of the bucket by its key, None when it is not there; `digest` is
    that of the manifest as it was read.

    Raises NotSigned, SignatureInvalid, and AwsError when KMS gives no verdict.
    """
    document = read(signature_key(reference, digest, key.id))
    if document is None:
        raise NotSigned(reference, f"the key {key.arn}")
    verify(document, key, key.arn, reference, digest)


def verify(
    document: bytes, verifier: Verifier, key: str, reference: ModelReference, digest: str
) -> None:
    """Raises SignatureInvalid unless `verifier`, whose ARN is `key`, signed exactly this."""
    signature = signature_in(document, reference, digest, key)
    if not verifier.verify(to_sign(reference, digest), signature):
        raise SignatureInvalid(reference, key, "the key did not sign this")
