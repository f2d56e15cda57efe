"""What things are called: the files of an artifact, and the objects in the bucket."""

from typing import Final

from model_store.artifact.reference import ModelReference

MODEL_FILE: Final = "model.onnx"
MANIFEST_FILE = "manifest.json"
LARGEST_MANIFEST: Final = 4 * 1024 * 1024
"""Bytes."""
MODELS = "models/"
SIGNATURES = "signatures"


def blob_key(sha256: str) -> str:
    return f"blobs/sha256/{sha256}"


def manifest_key(reference: ModelReference) -> str:
    """Written last: a version without it is not published."""
    return f"{version_prefix(reference)}{MANIFEST_FILE}"


def signature_key(reference: ModelReference, digest: str, key_id: str) -> str:
    """Of the manifest with this digest, by the key with this id."""
    return f"{signatures_prefix(reference, digest)}{key_id}.json"


def signatures_prefix(reference: ModelReference, digest: str) -> str:
    return f"{version_prefix(reference)}{SIGNATURES}/{digest}/"


def version_prefix(reference: ModelReference) -> str:
    """Everything that is kept of one published version, but its blobs."""
    return f"{MODELS}{reference.name}/{reference.version}/"


def list_key(model: str, name: str) -> str:
    """A popular list: the only objects that are written over."""
    return f"lists/{model}/{name}.json"


def document_key(model: str, contract: str) -> str:
    """The OpenAPI document of one version of its contract."""
    return f"{contracts_prefix(model)}{contract}/openapi.json"


def contracts_prefix(model: str) -> str:
    return f"contracts/{model}/"


def reference_of(key: str) -> ModelReference | None:
    """The model whose manifest this key holds; None for any other key."""
    parts = key.removeprefix(MODELS).split("/")
    if not key.startswith(MODELS) or len(parts) != 3 or parts[2] != MANIFEST_FILE:
        return None
    return ModelReference(parts[0], parts[1])


def signed_reference_of(key: str) -> ModelReference | None:
    """The model beside whose manifest this key holds a signature; None for any other key."""
    parts = key.removeprefix(MODELS).split("/")
    if not key.startswith(MODELS) or len(parts) != 5 or parts[2] != SIGNATURES:
        return None
    return ModelReference(parts[0], parts[1])
