"""Where the platform asks for signatures, an unsigned version meets nobody (fault row 12)."""

import json
from collections.abc import Mapping

import pytest

from functions.operations.environment import NotConfigured
from model_store.artifact.layout import signature_key
from model_store.artifact.manifest import Manifest
from model_store.canonical import sha256_hex
from model_store.signing.envelope import envelope, to_sign
from model_store.signing.key import SigningKey
from tests.functions.conftest import Published, publish
from tests.functions.pretraffic.conftest import parts
from tests.functions.pretraffic.stage import BUCKET, Stage

REQUIRED = {"LAMBENT_REQUIRE_SIGNATURE": "true"}


@pytest.fixture
def key(stage: Stage) -> SigningKey:
    kms = stage.client("kms")
    made = kms.create_key(KeyUsage="SIGN_VERIFY", KeySpec="ECC_NIST_P256")["KeyMetadata"]
    return SigningKey(kms, made["Arn"])


def sign(stage: Stage, key: SigningKey, signed: Published, under: Published) -> None:
    """Put the signature of one version where that of another is looked for."""
    signature = key.sign(to_sign(signed.manifest.reference, signed.digest))
    document = envelope(under.manifest.reference, under.digest, key.arn, signature)
    where = signature_key(under.manifest.reference, under.digest, key.id)
    stage.client("s3").put_object(Bucket=BUCKET, Key=where, Body=document)


def test_a_signed_version_may_go_live(stage: Stage, key: SigningKey) -> None:
    candidate = publish(version="2")
    stage.deploy("7", *parts(candidate))
    sign(stage, key, candidate, candidate)
    report = stage.release(**REQUIRED, LAMBENT_SIGNING_KEY=key.arn)
    assert report["why"] == ""
    assert report["checks"][1]["told"].endswith(", and signed")


def test_what_is_signed_are_the_bytes_as_published(
    stage: Stage, key: SigningKey, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An older Lambent wrote the same manifest in other bytes."""
    candidate = publish(version="2")
    data = json.dumps(json.loads(candidate.manifest.to_bytes()), indent=1).encode()
    digest, reference = sha256_hex(data), candidate.manifest.reference
    document = envelope(reference, digest, key.arn, key.sign(to_sign(reference, digest)))
    published = {candidate.manifest_key: data, signature_key(reference, digest, key.id): document}
    publish_now = stage.publish

    def publish_as_before(manifest: Manifest, models: Mapping[str, bytes]) -> None:
        publish_now(manifest, models)
        for name, body in published.items():
            stage.s3_stand_in.objects[name] = body
            stage.client("s3").put_object(Bucket=BUCKET, Key=name, Body=body)

    monkeypatch.setattr(stage, "publish", publish_as_before)
    stage.deploy("7", *parts(candidate), LAMBENT_DIGEST=digest)
    assert stage.release(**REQUIRED, LAMBENT_SIGNING_KEY=key.arn)["why"] == ""


def test_an_unsigned_version_is_refused_before_it_is_asked(stage: Stage, key: SigningKey) -> None:
    """Threat ML06: write access to the bucket alone releases nothing."""
    stage.deploy("7", *parts(publish(version="2")))
    assert "penguins@2" in stage.release(**REQUIRED, LAMBENT_SIGNING_KEY=key.arn)["why"]
    assert stage.verdict == "Failed"
    assert stage.asked == []


def test_the_signature_of_another_version_is_refused(stage: Stage, key: SigningKey) -> None:
    """Threat ML06: a signature cannot be moved to another version."""
    candidate = publish(version="2")
    stage.deploy("7", *parts(candidate))
    sign(stage, key, publish(version="1"), candidate)
    assert stage.release(**REQUIRED, LAMBENT_SIGNING_KEY=key.arn)["why"]
    assert stage.asked == []


def test_a_key_that_gives_no_verdict_refuses(stage: Stage, key: SigningKey) -> None:
    candidate = publish(version="2")
    stage.deploy("7", *parts(candidate))
    sign(stage, key, candidate, candidate)
    stage.refusing["Verify"] = ["DisabledException"]
    assert "Verify" in stage.release(**REQUIRED, LAMBENT_SIGNING_KEY=key.arn)["why"]
    assert stage.verdict == "Failed"


def test_a_platform_that_asks_for_no_signature_gets_none(stage: Stage) -> None:
    stage.deploy("7", *parts(publish(version="2")))
    assert stage.release(LAMBENT_REQUIRE_SIGNATURE="false")["why"] == ""


@pytest.mark.parametrize("said", ["", "TRUE", "yes"])
def test_only_a_plain_no_means_that_none_is_asked_for(stage: Stage, said: str) -> None:
    """Threat ML06: a variable that is missing or misspelt opens nothing."""
    stage.deploy("7", *parts(publish(version="2")))
    with pytest.raises(NotConfigured, match="SIGNING_KEY: is not set"):
        stage.release(LAMBENT_REQUIRE_SIGNATURE=said)
