"""Where things are in the bucket."""

from model_store.artifact.manifest import MANIFEST_FILE
from model_store.artifact.reference import ModelReference

MODELS = "models/"


def blob_key(sha256: str) -> str:
    return f"blobs/sha256/{sha256}"


def manifest_key(reference: ModelReference) -> str:
    """Written last: a version without it is not published."""
    return f"{MODELS}{reference.name}/{reference.version}/{MANIFEST_FILE}"


def reference_of(key: str) -> ModelReference | None:
    """The model whose manifest this key holds; None for any other key."""
    parts = key.removeprefix(MODELS).split("/")
    if not key.startswith(MODELS) or len(parts) != 3 or parts[2] != MANIFEST_FILE:
        return None
    return ModelReference(parts[0], parts[1])
