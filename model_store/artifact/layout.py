"""What things are called: the files of an artifact, and the objects in the bucket."""

from typing import Final

from model_store.artifact.reference import ModelReference

MODEL_FILE: Final = "model.onnx"
MANIFEST_FILE = "manifest.json"
MODELS = "models/"


def blob_key(sha256: str) -> str:
    return f"blobs/sha256/{sha256}"


def manifest_key(reference: ModelReference) -> str:
    """Written last: a version without it is not published."""
    return f"{MODELS}{reference.name}/{reference.version}/{MANIFEST_FILE}"


def list_key(model: str, name: str) -> str:
    """A popular list: the only objects that are written over."""
    return f"lists/{model}/{name}.json"


def reference_of(key: str) -> ModelReference | None:
    """The model whose manifest this key holds; None for any other key."""
    parts = key.removeprefix(MODELS).split("/")
    if not key.startswith(MODELS) or len(parts) != 3 or parts[2] != MANIFEST_FILE:
        return None
    return ModelReference(parts[0], parts[1])
