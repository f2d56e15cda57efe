"""The manifests of the two versions, read from the bucket and held to their digests."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from model_store.artifact.layout import manifest_key
from model_store.artifact.manifest import Manifest
from model_store.artifact.reference import ModelReference
from model_store.aws import translated
from model_store.canonical import sha256_hex
from model_store.errors import ArtifactError, NotFound
from model_store.signing.check import check_signature
from model_store.signing.key import SigningKey

if TYPE_CHECKING:
    from mypy_boto3_kms import KMSClient
    from mypy_boto3_s3 import S3Client


@dataclass(frozen=True, slots=True)
class Manifests:
    s3: "S3Client"
    bucket: str

    def read(self, reference: ModelReference, digest: str) -> Manifest:
        """Raises ArtifactError unless the object has this digest, and AwsError."""
        data = self.object(manifest_key(reference))
        if data is None or sha256_hex(data) != digest:
            what = "is not in the bucket" if data is None else "is not the manifest that was pinned"
            raise ArtifactError(str(reference), what, "Publish a new version and deploy that")
        return Manifest.parse(data)

    def check_signature(
        self, kms: "KMSClient", key: str, reference: ModelReference, digest: str
    ) -> None:
        """`digest`: of the bytes as published; an older Lambent may have written them otherwise.

        Raises NotSigned, SignatureInvalid, and AwsError when KMS gives no verdict.
        """
        check_signature(self.object, SigningKey(kms, key), reference, digest)

    def object(self, key: str) -> bytes | None:
        """None when it is not there."""
        try:
            with translated(f"s3://{self.bucket}/{key}"):
                return self.s3.get_object(Bucket=self.bucket, Key=key)["Body"].read()
        except NotFound:
            return None
