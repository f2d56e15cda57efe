"""Which versions are published. Asked on every look at a model, so no manifest is read for it."""

from collections.abc import Sequence
from dataclasses import dataclass

from model_store.artifact.layout import MODELS, reference_of, signed_reference_of
from model_store.artifact.reference import ModelReference
from model_store.registry.bucket import Bucket
from model_store.registry.errors import NotPublished


@dataclass(frozen=True)
class Published:
    """One published version; `at` is an ISO 8601 time in UTC. `is_signed`: a signature is there,
    which nobody has verified."""

    reference: ModelReference
    at: str
    is_signed: bool = False


def published(bucket: Bucket, name: str | None = None) -> tuple[Published, ...]:
    """All versions of one model, or of every model; the most recently published last."""
    prefix = MODELS if name is None else f"{MODELS}{name}/"
    objects = list(bucket.list(prefix))
    signed = {signed_reference_of(listed.key) for listed in objects}
    found = [
        Published(reference, listed.modified, reference in signed)
        for listed in objects
        if (reference := reference_of(listed.key))
    ]
    return tuple(sorted(found, key=lambda p: (p.at, p.reference)))


def newest(versions: Sequence[Published], name: str) -> ModelReference:
    """Raises NotPublished when there is none."""
    if not versions:
        raise NotPublished(name)
    return versions[-1].reference
