"""What the platform asks for is asked before anything is built: fault row 12, threat ML06."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from infra.aws import Aws
from infra.errors import AwsFailed, NotFound, Refused
from infra.release.deploy.deploy import Deployer, observe
from infra.release.deploy.signatures import check_release, look_at_signature, require_signing_key
from infra.release.stack.platform import Platform, artifact_bucket, require_platform
from model_store.artifact.folder import Artifact
from model_store.artifact.layout import blob_key, manifest_key, signature_key
from model_store.artifact.manifest import FileEntry
from model_store.canonical import sha256_hex
from model_store.errors import ArtifactError
from model_store.registry.errors import RegistryDamaged
from model_store.registry.manifests import PublishedManifest, fetch
from model_store.registry.signatures import sign
from model_store.signing.errors import NotSigned, SignatureInvalid
from model_store.signing.key import SigningKey
from tests.infra.release.conftest import FakeSam, manifest
from tests.infra.release.signing import publish, require_signatures

Tamper = Callable[[Aws, Artifact], None]


def make_artifact(version: str = "1", **changes: Any) -> Artifact:
    model = f"model {version}".encode()
    files = {"model.onnx": FileEntry(sha256=sha256_hex(model), size=len(model))}
    made = manifest(version, files=files, **changes)
    return Artifact(made, made.to_bytes(), {"model.onnx": model})


@pytest.fixture
def platform(aws: Aws) -> Platform:
    """With a key, and scaled@1 signed by it, scaled@2 and seals@1 too."""
    platform = require_signatures(aws)
    for artifact in (make_artifact("1"), make_artifact("2"), make_artifact("1", name="seals")):
        publish(aws, artifact)
    return platform


def released(aws: Aws, platform: Platform, version: str = "1") -> PublishedManifest:
    bucket = artifact_bucket(aws, platform)
    return fetch(bucket, make_artifact(version).manifest.reference)


def put(aws: Aws, key: str, data: bytes) -> None:
    aws.s3.put_object(Bucket="artifacts", Key=key, Body=data)


def test_what_the_platforms_key_signed_may_be_deployed(aws: Aws, platform: Platform) -> None:
    check_release(aws, platform, released(aws, platform))


def test_a_deploy_of_what_is_not_signed_is_refused_before_anything_is_looked_at(
    aws: Aws, platform: Platform, tmp_path: Path
) -> None:
    """Fault row 12."""
    publish(aws, make_artifact("3"), signed=False)
    sam = FakeSam.over(aws, tmp_path)
    with pytest.raises(NotSigned, match=r"scaled@3: is not signed .*: lambent sign scaled@3"):
        observe(Deployer(aws, sam), "scaled@3", {})
    assert sam.ran == []


def altered_manifest(aws: Aws, artifact: Artifact) -> None:
    other = make_artifact("1", title="better")
    put(aws, manifest_key(artifact.manifest.reference), other.manifest_bytes)


def added_file(aws: Aws, artifact: Artifact) -> None:
    """To the artifact: a second file named by the manifest."""
    entry = FileEntry(sha256="0" * 64, size=1)
    files = artifact.manifest.files | {"baseline.onnx": entry}
    other = artifact.manifest.model_copy(update={"files": files})
    put(aws, manifest_key(artifact.manifest.reference), other.to_bytes())


def swapped_signatures(aws: Aws, artifact: Artifact) -> None:
    """That of scaled@2 in the place of that of scaled@1."""
    key, other = signer(aws), make_artifact("2")
    source = signature_key(other.manifest.reference, other.digest, key.id)
    copied = aws.s3.get_object(Bucket="artifacts", Key=source)["Body"].read()
    put(aws, signature_key(artifact.manifest.reference, artifact.digest, key.id), copied)


def swapped_models(aws: Aws, artifact: Artifact) -> None:
    """seals@1 relabelled as scaled@1, with the signature that seals@1 has."""
    key, seals = signer(aws), make_artifact("1", name="seals")
    source = signature_key(seals.manifest.reference, seals.digest, key.id)
    copied = aws.s3.get_object(Bucket="artifacts", Key=source)["Body"].read()
    put(aws, manifest_key(artifact.manifest.reference), seals.manifest_bytes)
    put(aws, signature_key(artifact.manifest.reference, seals.digest, key.id), copied)


def another_key(aws: Aws, artifact: Artifact) -> None:
    """Mallory may write to the bucket, and signs with a key of her own under the name of ours."""
    made = aws.kms.create_key(KeySpec="ECC_NIST_P256", KeyUsage="SIGN_VERIFY")
    mallory = SigningKey(aws.kms, made["KeyMetadata"]["Arn"])
    reference, ours = artifact.manifest.reference, signer(aws)
    bucket = artifact_bucket(aws, Platform("artifacts", ""))
    target = signature_key(reference, artifact.digest, ours.id)
    aws.s3.delete_object(Bucket="artifacts", Key=target)
    sign(bucket, mallory, reference, artifact.digest)
    source = signature_key(reference, artifact.digest, mallory.id)
    put(aws, target, bucket.read(source) or b"")


def no_signature(aws: Aws, artifact: Artifact) -> None:
    name = signature_key(artifact.manifest.reference, artifact.digest, signer(aws).id)
    aws.s3.delete_object(Bucket="artifacts", Key=name)


def altered_model(aws: Aws, artifact: Artifact) -> None:
    put(aws, blob_key(artifact.manifest.files["model.onnx"].sha256), b"evil ")


def missing_model(aws: Aws, artifact: Artifact) -> None:
    name = blob_key(artifact.manifest.files["model.onnx"].sha256)
    aws.s3.delete_object(Bucket="artifacts", Key=name)


def signer(aws: Aws) -> SigningKey:
    return require_signing_key(aws, require_platform(aws))


@pytest.mark.parametrize(
    ("tamper", "error"),
    [
        (altered_manifest, NotSigned),
        (added_file, ArtifactError),
        (swapped_signatures, SignatureInvalid),
        (swapped_models, RegistryDamaged),
        (another_key, SignatureInvalid),
        (no_signature, NotSigned),
        (altered_model, RegistryDamaged),
        (missing_model, Refused),
    ],
)
def test_whoever_may_write_to_the_bucket_cannot_release_by_that(
    aws: Aws, platform: Platform, tamper: Tamper, error: type[Exception]
) -> None:
    """Fault row 12, threat ML06: tampered, added and swapped files are all refused."""
    tamper(aws, make_artifact("1"))
    with pytest.raises(error):
        check_release(aws, platform, released(aws, platform))
    check_release(aws, platform, released(aws, platform, "2"))


def test_a_key_that_is_disabled_verifies_nothing(aws: Aws, platform: Platform) -> None:
    """Fault row 9: no verdict is no deploy, and the key is named."""
    aws.kms.disable_key(KeyId=platform.signing_key_arn)
    with pytest.raises(AwsFailed, match=rf"{platform.signing_key_arn}.*disabled"):
        check_release(aws, platform, released(aws, platform))


def test_nothing_is_asked_where_the_platform_does_not_say_so(aws: Aws) -> None:
    publish(aws, make_artifact(), signed=False)
    platform = require_platform(aws)
    check_release(aws, platform, released(aws, platform))


def test_a_platform_of_before_there_were_signatures_is_brought_up_to_date_first(aws: Aws) -> None:
    """The template imports the key: CloudFormation would fail without it, later, less clearly."""
    publish(aws, make_artifact())
    platform = Platform("artifacts", "arn:aws:kms:us-east-1:1:key/1")
    release = released(aws, platform)
    assert list(look_at_signature(aws, platform, release)) == []
    for refused in (
        lambda: check_release(aws, platform, release),
        lambda: require_signing_key(aws, platform),
    ):
        with pytest.raises(NotFound, match=r"no key that signs.*lambent platform deploy"):
            refused()
