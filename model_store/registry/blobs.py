"""Blobs: named by the SHA-256 of their bytes."""

from base64 import b64encode

from model_store.artifact.layout import blob_key
from model_store.registry.bucket import Bucket
from model_store.registry.errors import RegistryDamaged


def is_stored(bucket: Bucket, sha256: str) -> bool:
    """By what S3 checked on upload: nothing is downloaded. `sha256` is in hex.

    Raises RegistryDamaged for a blob with other bytes.
    """
    stored = bucket.sha256(blob_key(sha256))
    if stored is not None and stored != b64encode(bytes.fromhex(sha256)).decode():
        raise RegistryDamaged(
            blob_key(sha256),
            "holds other bytes than its name says",
            "Delete that object, then publish again",
        )
    return stored is not None
