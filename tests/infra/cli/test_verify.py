"""Publishing signs; verify, sign, models and show tell who vouches for what."""

from pathlib import Path
from typing import Any

import pytest
from botocore.awsrequest import AWSResponse

from infra.aws import Aws
from infra.release.stack.platform import Platform
from model_store.artifact.layout import blob_key, signature_key
from model_store.artifact.reference import ModelReference

from ..release.signing import forget_signatures, require_signatures
from .conftest import Lambent
from .test_commands import artifact

SCALED = ModelReference("scaled", "5")


@pytest.fixture
def platform(aws: Aws) -> Platform:
    return require_signatures(aws)


@pytest.fixture
def folder(tmp_path: Path) -> str:
    return str(artifact(tmp_path / "artifact"))


def deny(aws: Aws, operation: str) -> None:
    class Raw:
        def stream(self, *_: Any, **__: Any) -> Any:
            yield b'{"__type": "AccessDeniedException", "message": "no kms:Sign"}'

    def answer(**_: Any) -> AWSResponse:
        headers = {"x-amzn-errortype": "AccessDeniedException"}
        return AWSResponse("https://kms", 400, headers, Raw())

    aws.kms.meta.events.register_first(f"before-send.kms.{operation}", answer)


def allow(aws: Aws) -> None:
    del aws.__dict__["kms"]


def test_publishing_signs_before_the_manifest_is_there(
    lambent: Lambent, platform: Platform, folder: str
) -> None:
    planned = lambent("publish", folder, "--dry-run", "--json").json
    assert planned["steps"][0] == f"sign with {platform.signing_key_arn}"
    assert planned["steps"][-1].endswith("/manifest.json")
    said = lambent("publish", folder)
    assert f"sign with {platform.signing_key_arn}" in said.err
    verified = lambent("verify", "scaled@5")
    assert verified.code == 0
    assert "verified" in verified.out
    assert f"is good, by {platform.signing_key_arn}" in verified.out


def test_publishing_again_signs_what_was_published_unsigned(
    lambent: Lambent, aws: Aws, folder: str
) -> None:
    """Of before there were signatures."""
    forget_signatures(aws)
    said = lambent("publish", folder)
    assert "no key that signs. Add it: lambent platform deploy" in said.err
    assert lambent("models").out == "scaled  5 (not signed)\n"
    assert "none: the platform has no key that signs" in lambent("show", "scaled@5").out
    key = require_signatures(aws).signing_key_arn
    again = lambent("publish", folder, "--json").json
    assert (again["outcome"], again["steps"]) == ("already published", [f"sign with {key}"])
    assert lambent("publish", folder, "--json").json["steps"] == []
    assert lambent("verify", "scaled@5").code == 0
    assert lambent("models").out == "scaled  5\n"


def test_who_may_publish_need_not_be_who_may_sign(
    lambent: Lambent, aws: Aws, platform: Platform, folder: str
) -> None:
    """Fault row 12: published by one, refused by deploy until another one signs."""
    deny(aws, "Sign")
    said = lambent("publish", folder)
    assert said.code == 0
    assert "Not signed" in said.err
    assert "kms:Sign" in said.err
    assert lambent("models", "--json").json["models"]["scaled"][0]["signed"] is False
    refused = lambent("deploy", "scaled@5")
    assert refused.code == 1
    assert "lambent sign scaled@5" in refused.err
    allow(aws)
    assert lambent("sign", "scaled@5", "--dry-run", "--json").json["outcome"] == "planned"
    assert lambent("verify", "scaled@5").code == 1
    assert lambent("sign", "scaled@5", "--json").json["outcome"] == "signed"
    assert lambent("sign", "scaled@5", "--json").json["outcome"] == "already signed"
    assert lambent("deploy", "scaled@5").code == 0


def test_verify_tells_what_is_not_as_it_was_signed(
    lambent: Lambent, aws: Aws, platform: Platform, folder: str
) -> None:
    """Threat ML06: exit code 1, and each finding by name."""
    lambent("publish", folder)
    shown = lambent("show", "scaled@5", "--json").json
    assert shown["signature"] == f"is good, by {platform.signing_key_arn}"
    model = shown["manifest"]["files"]["model.onnx"]["sha256"]
    aws.s3.put_object(Bucket="artifacts", Key=blob_key(model), Body=b"evil")
    aws.s3.put_object(Bucket="artifacts", Key="models/scaled/5/more.bin", Body=b"evil")
    key = signature_key(SCALED, shown["digest"], platform.signing_key_arn.rpartition("/")[2])
    aws.s3.put_object(Bucket="artifacts", Key=key, Body=b"{}")
    said = lambent("verify", "scaled@5", "--json")
    assert said.code == 1
    assert said.json["verified"] is False
    told = {finding["what"]: finding["verdict"] for finding in said.json["findings"]}
    assert "refused: it is not an envelope" in told["signature"]
    assert "was altered" in told["model.onnx"]
    assert "was added" in told["more.bin"]
    assert "NOT what was signed" in lambent("verify", "scaled@5").out
    assert "refused" in lambent("show", "scaled@5").out
    refused = lambent("sign", "scaled@5")
    assert (refused.code, "model.onnx was altered" in refused.err) == (1, True)


def test_an_exported_public_key_verifies_without_kms(
    lambent: Lambent, aws: Aws, platform: Platform, folder: str, tmp_path: Path
) -> None:
    lambent("publish", folder)
    mine, other = tmp_path / "key.der", tmp_path / "other.der"
    mine.write_bytes(aws.kms.get_public_key(KeyId=platform.signing_key_arn)["PublicKey"])
    made = aws.kms.create_key(KeySpec="ECC_NIST_P256", KeyUsage="SIGN_VERIFY")
    other.write_bytes(aws.kms.get_public_key(KeyId=made["KeyMetadata"]["Arn"])["PublicKey"])
    deny(aws, "Verify")
    said = lambent("verify", "scaled@5", "--public-key", str(mine))
    assert said.code == 0
    assert "is good, by" in said.out
    refused = lambent("verify", "scaled@5", "--public-key", str(other))
    assert (refused.code, "did not sign this" in refused.out) == (1, True)
    assert "no kms:Sign" in lambent("show", "scaled@5").out  # shown all the same
    assert lambent("verify", "scaled@5").code == 1


def test_a_platform_without_a_key_says_how_to_get_one(
    lambent: Lambent, aws: Aws, folder: str
) -> None:
    forget_signatures(aws)
    lambent("publish", folder)
    for command in ("verify", "sign", "deploy"):
        refused = lambent(command, "scaled@5")
        assert (refused.code, "lambent platform deploy" in refused.err) == (1, True)


def test_platform_deploy_says_that_it_asks_for_signatures_unless_told_otherwise(
    lambent: Lambent,
) -> None:
    asks = "signatures: lambent deploy refuses what is not signed"
    assert asks in lambent("platform", "deploy", "--dry-run").out
    off = lambent("platform", "deploy", "--dry-run", "--no-require-signatures").out
    assert "signatures: lambent deploy asks for none" in off
