"""What the platform asks of a published version before it is deployed: a signature by its key."""

from collections.abc import Iterator

from infra.aws import Aws
from infra.errors import NotFound, Refused
from infra.release.stack.platform import Platform, artifact_bucket, signing_key
from infra.release.stack.stacks import PLATFORM_STACK
from model_store.registry.blobs import is_stored
from model_store.registry.manifests import PublishedManifest
from model_store.registry.verification import Finding
from model_store.signing.check import check_signature
from model_store.signing.errors import SignatureRefused
from model_store.signing.key import SigningKey


def check_release(aws: Aws, platform: Platform, release: PublishedManifest) -> None:
    """Raises SignatureRefused, Refused or RegistryDamaged for what is not wholly what was signed
    (fault row 12), and AwsError when KMS gives no verdict or the platform has no key yet.

    The manifest's digest becomes that of the Lambda version, which loads nothing else.
    """
    key = require_signing_key(aws, platform)
    if not platform.requires_signatures:
        return
    bucket, manifest = artifact_bucket(aws, platform), release.manifest
    check_signature(bucket.read, key, manifest.reference, release.digest)
    for name, entry in manifest.files.items():
        if not is_stored(bucket, entry.sha256):
            raise Refused(
                f"{manifest.reference} {name}", "is missing", "Publish the same artifact again"
            )


def require_signing_key(aws: Aws, platform: Platform) -> SigningKey:
    """Raises NotFound where the platform has none yet."""
    key = signing_key(aws, platform)
    if key is None:
        raise NotFound(
            f"stack {PLATFORM_STACK}",
            "has no key that signs: it is of before there were signatures",
            "Add it: lambent platform deploy",
        )
    return key


def look_at_signature(
    aws: Aws, platform: Platform, release: PublishedManifest
) -> Iterator[Finding]:
    """Nothing where the platform has no key. Raises AwsError when KMS gives no verdict."""
    key = signing_key(aws, platform)
    if key is None:
        return
    bucket, reference = artifact_bucket(aws, platform), release.manifest.reference
    try:
        check_signature(bucket.read, key, reference, release.digest)
    except SignatureRefused as error:
        yield Finding("signature", error.what, is_good=False)
    else:
        yield Finding("signature", f"is good, by {key.arn}")
