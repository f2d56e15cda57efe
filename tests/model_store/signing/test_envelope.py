"""What is signed can be moved nowhere: not to another model, version, manifest or purpose."""

import json
from base64 import b64decode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from model_store.artifact.reference import ModelReference
from model_store.signing.check import verify
from model_store.signing.envelope import envelope, signature_in, statement, to_sign
from model_store.signing.errors import SignatureInvalid

from .keys import HeldKey

KEY = HeldKey()
PENGUINS = ModelReference("penguins", "2")
DIGEST = "a1" * 32
DOCUMENT = envelope(PENGUINS, DIGEST, KEY.arn, KEY.sign(to_sign(PENGUINS, DIGEST)))


def check(document: bytes, reference: ModelReference = PENGUINS, digest: str = DIGEST) -> None:
    verify(document, KEY, KEY.arn, reference, digest)


def refusal(document: bytes, reference: ModelReference = PENGUINS, digest: str = DIGEST) -> str:
    with pytest.raises(SignatureInvalid) as refused:
        check(document, reference, digest)
    return str(refused.value)


def test_what_the_key_signed_is_believed() -> None:
    check(DOCUMENT)


def test_it_is_an_in_toto_statement_in_a_dsse_envelope() -> None:
    """So that tools which know nothing of Lambent can read and verify it."""
    read = json.loads(DOCUMENT)
    assert read["payloadType"] == "application/vnd.in-toto+json"
    payload = b64decode(read["payload"])
    assert json.loads(payload) == {
        "_type": "https://in-toto.io/Statement/v1",
        "predicateType": "urn:lambent:published-model:v1",
        "subject": [{"name": "penguins@2", "digest": {"sha256": DIGEST}}],
    }
    encoded = b"DSSEv1 28 application/vnd.in-toto+json %d %s" % (len(payload), payload)
    (signed,) = read["signatures"]
    assert signed["keyid"] == KEY.arn
    assert KEY.verify(encoded, b64decode(signed["sig"]))


def test_what_is_signed_fits_into_one_call_of_kms() -> None:
    """KMS takes 4096 bytes; the longest name and version there can be."""
    assert len(to_sign(ModelReference("n" * 40, "v" * 32), DIGEST)) < 4096


@pytest.mark.parametrize(
    ("reference", "digest", "why"),
    [
        (ModelReference("penguins", "3"), DIGEST, "is a signature of penguins@2"),
        (ModelReference("seals", "2"), DIGEST, "is a signature of penguins@2"),
        (PENGUINS, "b2" * 32, "signature of another manifest"),
    ],
)
def test_a_signature_of_something_else_says_of_what(
    reference: ModelReference, digest: str, why: str
) -> None:
    """Fault row 12, threat ML06: manifests and signatures swapped."""
    assert why in refusal(DOCUMENT, reference, digest)


def test_a_signature_by_another_key_says_by_which() -> None:
    """Fault row 12."""
    mallory = HeldKey("arn:aws:kms:us-east-1:666666666666:key/6")
    forged = envelope(PENGUINS, DIGEST, mallory.arn, mallory.sign(to_sign(PENGUINS, DIGEST)))
    assert "names another key, arn:aws:kms:us-east-1:666666666666:key/6" in refusal(forged)
    disguised = envelope(PENGUINS, DIGEST, KEY.arn, mallory.sign(to_sign(PENGUINS, DIGEST)))
    assert "the key did not sign this" in refusal(disguised)


def test_the_bare_statement_signed_for_another_purpose_is_no_signature() -> None:
    bare = envelope(PENGUINS, DIGEST, KEY.arn, KEY.sign(statement(PENGUINS, DIGEST)))
    assert "the key did not sign this" in refusal(bare)


@given(place=st.integers(0, len(DOCUMENT) - 1), other=st.integers(1, 255))
def test_no_byte_of_the_document_can_be_another(place: int, other: int) -> None:
    """Fault row 12, threat ML06: statement, key, signature and all that is around them."""
    changed = bytearray(DOCUMENT)
    changed[place] ^= other
    refusal(bytes(changed))


@given(st.integers(0, len(DOCUMENT) - 1), st.binary(min_size=1, max_size=3))
def test_nothing_can_be_put_in_or_taken_out(place: int, more: bytes) -> None:
    refusal(DOCUMENT[:place] + more + DOCUMENT[place:])
    refusal(DOCUMENT[:place] + DOCUMENT[place + 1 :])


NAMES = st.sampled_from(["payload", "signatures", "sig", "keyid", "subject"])
JSON = st.recursive(
    st.none() | st.text() | st.integers(),
    lambda inside: st.lists(inside) | st.dictionaries(NAMES, inside),
)


@given(JSON)
def test_any_other_json_is_refused_and_never_an_accident(value: object) -> None:
    refusal(json.dumps(value).encode())


@pytest.mark.parametrize("document", [b"", b"\xff", b"{}", b"[" * 100_000, b'{"signatures": [1]}'])
def test_what_is_no_envelope_is_refused(document: bytes) -> None:
    assert "is not an envelope" in refusal(document)


@pytest.mark.parametrize("length", [0, 73, 10_000])
def test_what_is_too_short_or_too_long_for_a_signature_does_not_reach_the_key(length: int) -> None:
    document = envelope(PENGUINS, DIGEST, KEY.arn, b"x" * length)
    with pytest.raises(SignatureInvalid, match=f"no {length} bytes"):
        signature_in(document, PENGUINS, DIGEST, KEY.arn)
