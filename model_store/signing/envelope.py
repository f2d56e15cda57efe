"""What is signed, and the document that the signature is kept in. Pure.

An in-toto Statement v1 (https://in-toto.io/Statement/v1) in a DSSE envelope
(https://github.com/secure-systems-lab/dsse, v1.0.2). What is signed names its own type, the model,
its version and the manifest's digest: a signature is good for nothing else. The algorithm is the
key's own (KMS: ECC_NIST_P256, ECDSA_SHA_256) and not taken from the document.
"""

import json
from base64 import b64decode, b64encode
from typing import Any

from model_store.artifact.reference import ModelReference
from model_store.canonical import canonical_json
from model_store.signing.errors import SignatureInvalid

PAYLOAD_TYPE = "application/vnd.in-toto+json"
STATEMENT_TYPE = "https://in-toto.io/Statement/v1"
PREDICATE_TYPE = "urn:lambent:published-model:v1"
LONGEST = 72
"""Bytes of an ECDSA signature on P-256, as ASN.1 DER."""


def statement(reference: ModelReference, digest: str) -> bytes:
    """`digest`: the SHA-256 (hex) of the exact bytes of the manifest, which pins every file."""
    return canonical_json(
        {
            "_type": STATEMENT_TYPE,
            "predicateType": PREDICATE_TYPE,
            "subject": [{"name": str(reference), "digest": {"sha256": digest}}],
        }
    )


def to_sign(reference: ModelReference, digest: str) -> bytes:
    """The message that the key signs: DSSE's pre-authentication encoding of the statement."""
    payload = statement(reference, digest)
    kind = PAYLOAD_TYPE.encode()
    return b"DSSEv1 %d %s %d %s" % (len(kind), kind, len(payload), payload)


def envelope(reference: ModelReference, digest: str, key: str, signature: bytes) -> bytes:
    """The document to keep. `key`: the ARN of the key; `signature`: ASN.1 DER."""
    return canonical_json(
        {
            "payload": b64encode(statement(reference, digest)).decode(),
            "payloadType": PAYLOAD_TYPE,
            "signatures": [{"keyid": key, "sig": b64encode(signature).decode()}],
        }
    )


def signature_in(document: bytes, reference: ModelReference, digest: str, key: str) -> bytes:
    """The signature, which is still to be verified.

    Raises SignatureInvalid unless every other byte of the document is what `envelope` writes.
    """
    try:
        signature = b64decode(_signed(json.loads(document))["sig"], validate=True)
    except (ValueError, LookupError, TypeError, RecursionError) as error:
        raise SignatureInvalid(reference, key, f"it is not an envelope ({error})") from None
    if not 0 < len(signature) <= LONGEST:
        raise SignatureInvalid(reference, key, f"a signature has no {len(signature)} bytes")
    if envelope(reference, digest, key, signature) != document:
        raise SignatureInvalid(reference, key, _difference(document, reference, digest, key))
    return signature


def signer_named_in(document: bytes) -> str:
    """The ARN of the key that the document says signed it: no more than a hint which to try."""
    try:
        return str(_signed(json.loads(document))["keyid"])
    except (ValueError, LookupError, TypeError, RecursionError):
        return "an unknown key"


def _signed(read: Any) -> Any:
    return read["signatures"][0]


def _difference(document: bytes, reference: ModelReference, digest: str, key: str) -> str:
    """Why it is another document, for people: nothing is believed of what it says."""
    read = json.loads(document)
    try:
        (subject,) = json.loads(b64decode(read["payload"]))["subject"]
        name, signed, signer = subject["name"], subject["digest"]["sha256"], _signed(read)["keyid"]
    except (ValueError, LookupError, TypeError, RecursionError):
        return "it is not an envelope that Lambent writes"
    if signer != key:
        return f"it names another key, {signer}"
    if name != str(reference):
        return f"it is a signature of {name}"
    if signed != digest:
        return f"it is a signature of another manifest ({str(signed)[:12]}…, not {digest[:12]}…)"
    return "it is not an envelope that Lambent writes"
