"""Signatures beside the manifests: each written once, by each key one."""

from collections.abc import Iterable

from model_store.artifact.layout import signature_key, signatures_prefix
from model_store.artifact.reference import ModelReference
from model_store.registry.bucket import Bucket
from model_store.signing.check import check_signature, verify
from model_store.signing.envelope import envelope, signer_named_in, to_sign
from model_store.signing.errors import NotSigned, SignatureInvalid
from model_store.signing.key import SigningKey, Verifier


def has_signature(bucket: Bucket, key: SigningKey, reference: ModelReference, digest: str) -> bool:
    """Whether there is one by this key; whether it is good is not looked at."""
    return bucket.read(signature_key(reference, digest, key.id)) is not None


def sign(bucket: Bucket, key: SigningKey, reference: ModelReference, digest: str) -> bool:
    """Sign the manifest with this digest; False when a good signature by this key is there.

    Raises AwsError when the key may not or cannot sign, SignatureInvalid when something else is
    in the place of the signature.
    """
    is_new = not has_signature(bucket, key, reference, digest)
    if is_new:
        signature = key.sign(to_sign(reference, digest))
        document = envelope(reference, digest, key.arn, signature)
        is_new = bucket.create(signature_key(reference, digest, key.id), document)
    if not is_new:
        check_signature(bucket.read, key, reference, digest)
    return is_new


def check_any(bucket: Bucket, verifier: Verifier, reference: ModelReference, digest: str) -> str:
    """The ARN of the key, as the signature names it, that `verifier` is the public half of.

    Raises NotSigned, or SignatureInvalid for the last of those that it did not sign.
    """
    refusal: NotSigned | SignatureInvalid = NotSigned(reference, "any key")
    for document in _signatures(bucket, reference, digest):
        try:
            signer = signer_named_in(document)
            verify(document, verifier, signer, reference, digest)
        except SignatureInvalid as error:
            refusal = error
        else:
            return signer
    raise refusal


def _signatures(bucket: Bucket, reference: ModelReference, digest: str) -> Iterable[bytes]:
    for found in bucket.list(signatures_prefix(reference, digest)):
        yield bucket.read(found.key) or b""
