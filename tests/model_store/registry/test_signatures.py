"""Signatures are kept beside the manifest: one by each key, written once, before the manifest."""

from typing import Any

import pytest

from model_store.artifact.layout import blob_key, manifest_key, signature_key
from model_store.artifact.reference import ModelReference
from model_store.registry.bucket import Bucket
from model_store.registry.publish import apply, observe, plan
from model_store.registry.signatures import check_any, has_signature, sign
from model_store.registry.versions import published
from model_store.signing.check import check_signature
from model_store.signing.errors import NotSigned, SignatureInvalid

from ..signing.keys import HeldKey
from .conftest import MakeArtifact

SCALED = ModelReference("scaled", "1")


@pytest.fixture
def key() -> Any:
    return HeldKey()


def test_what_was_signed_is_vouched_for(bucket: Bucket, key: Any) -> None:
    assert sign(bucket, key, SCALED, "a" * 64)
    assert has_signature(bucket, key, SCALED, "a" * 64)
    check_signature(bucket.read, key, SCALED, "a" * 64)


def test_what_was_not_signed_says_how_to(bucket: Bucket, key: Any) -> None:
    """Fault row 12: no signature, one of another manifest, one by another key."""
    sign(bucket, key, SCALED, "b" * 64)
    sign(bucket, HeldKey("arn:aws:kms:us-east-1:1:key/2"), SCALED, "a" * 64)
    with pytest.raises(NotSigned, match=r"scaled@1: is not signed by .*lambent sign scaled@1"):
        check_signature(bucket.read, key, SCALED, "a" * 64)


def test_signing_twice_keeps_the_first_signature(bucket: Bucket, key: Any) -> None:
    """ECDSA signs otherwise each time; both are good."""
    sign(bucket, key, SCALED, "a" * 64)
    before = bucket.read(signature_key(SCALED, "a" * 64, key.id))
    assert not sign(bucket, key, SCALED, "a" * 64)
    assert bucket.read(signature_key(SCALED, "a" * 64, key.id)) == before


def test_of_two_who_sign_at_once_the_first_signature_is_kept(bucket: Bucket, key: Any) -> None:
    class Slow(HeldKey):
        def sign(self, message: bytes) -> bytes:
            assert sign(bucket, key, SCALED, "a" * 64)
            return super().sign(message)

    slow: Any = Slow(key.arn, key.private)
    assert not sign(bucket, slow, SCALED, "a" * 64)
    check_signature(bucket.read, key, SCALED, "a" * 64)


def test_what_stands_in_the_place_of_the_signature_is_not_taken_for_one(
    bucket: Bucket, key: Any
) -> None:
    bucket.create(signature_key(SCALED, "a" * 64, key.id), b"{}")
    with pytest.raises(SignatureInvalid, match="is not an envelope"):
        sign(bucket, key, SCALED, "a" * 64)


def test_a_signature_for_one_version_is_none_for_another(bucket: Bucket, key: Any) -> None:
    """Threat ML06: the signature of version 1, copied to where that of version 2 would be."""
    sign(bucket, key, SCALED, "a" * 64)
    copied = bucket.read(signature_key(SCALED, "a" * 64, key.id)) or b""
    second = ModelReference("scaled", "2")
    bucket.create(signature_key(second, "a" * 64, key.id), copied)
    with pytest.raises(SignatureInvalid, match="is a signature of scaled@1"):
        check_signature(bucket.read, key, second, "a" * 64)


def test_a_public_key_finds_its_signature_among_those_of_others(bucket: Bucket, key: Any) -> None:
    other = HeldKey("arn:aws:kms:us-east-1:1:key/0")
    for signer in (other, key):
        sign(bucket, signer, SCALED, "a" * 64)
    assert check_any(bucket, key, SCALED, "a" * 64) == key.arn
    assert check_any(bucket, other, SCALED, "a" * 64) == other.arn
    with pytest.raises(SignatureInvalid, match="the key did not sign this"):
        check_any(bucket, HeldKey(), SCALED, "a" * 64)
    with pytest.raises(NotSigned, match="by any key"):
        check_any(bucket, key, SCALED, "b" * 64)


def test_the_list_of_what_is_published_tells_whether_a_signature_is_there(
    bucket: Bucket, key: Any, make_artifact: MakeArtifact
) -> None:
    for version in ("1", "2"):
        artifact = make_artifact(version)
        apply(bucket, plan(artifact, observe(bucket, artifact)))
    sign(bucket, key, ModelReference("scaled", "2"), artifact.digest)
    sign(bucket, key, ModelReference("scaled", "3"), "c" * 64)  # signed, and not published yet
    assert {p.reference.version: p.is_signed for p in published(bucket)} == {"1": False, "2": True}


def test_the_same_names_wherever_a_version_is_called_like_a_folder(
    bucket: Bucket, key: Any
) -> None:
    """Models and versions may be called "signatures"."""
    odd = ModelReference("signatures", "signatures")
    bucket.create(manifest_key(odd), b"{}")
    assert [(p.reference, p.is_signed) for p in published(bucket)] == [(odd, False)]
    sign(bucket, key, odd, "a" * 64)
    assert [(p.reference, p.is_signed) for p in published(bucket)] == [(odd, True)]
    assert not signature_key(odd, "a" * 64, key.id).startswith(blob_key(""))
