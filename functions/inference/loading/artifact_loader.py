"""From the pin to a model in memory: manifest, then blob, each verified before it is used."""

from collections.abc import Callable
from dataclasses import dataclass

from functions.inference.loading.blob_cache import BlobCache
from functions.inference.loading.errors import ArtifactCorrupt, ArtifactUnusable
from functions.inference.loading.head_start import HeadStart
from functions.inference.loading.s3 import BucketReader, Deadline
from functions.inference.settings import Pin
from model_store.artifact.layout import (
    LARGEST_MANIFEST,
    MANIFEST_FILE,
    MODEL_FILE,
    blob_key,
    manifest_key,
)
from model_store.artifact.manifest import Manifest, ModelFile
from model_store.artifact.reference import ModelReference
from model_store.canonical import sha256_hex
from model_store.decision import Judge
from model_store.errors import LambentError
from model_store.fallbacks.records import OtherModel
from model_store.predictor import Predictor


@dataclass(frozen=True, slots=True)
class LoadedModel:
    """judge: for requests that ask nothing beyond the policy."""

    manifest: Manifest
    predictor: Predictor
    judge: Judge


@dataclass(slots=True)
class ArtifactLoader:
    """Loads exactly `pin`; other bytes never reach the ONNX runtime, which would believe them.

    manifest: once it was read and verified, even if the model then was not.
    """

    pin: Pin
    bucket: BucketReader | HeadStart
    cache: BlobCache
    build: Callable[[bytes, Manifest], Predictor] = Predictor
    manifest: Manifest | None = None

    def load(self, seconds: float) -> LoadedModel:
        """Raises LoadError. seconds: for reading; building the session comes on top."""
        deadline = Deadline.after(seconds)
        self.manifest = manifest = self.manifest or self._read_manifest(deadline)
        predictor = self._predictor(manifest, MODEL_FILE, deadline)
        return LoadedModel(manifest, predictor, Judge(manifest))

    def other(self, link: OtherModel, seconds: float) -> Predictor:
        """A model that a fallback is; raises LoadError."""
        deadline = Deadline.after(seconds)
        self.manifest = manifest = self.manifest or self._read_manifest(deadline)
        return self._predictor(manifest.read_by(link), link.file, deadline)

    def _predictor(self, manifest: Manifest, name: ModelFile, deadline: Deadline) -> Predictor:
        file = manifest.files[name]
        model = self._verified(blob_key(file.sha256), file.sha256, file.size, deadline)
        try:
            return self.build(model, manifest)
        except LambentError as error:
            raise self._unusable(error) from None

    def _read_manifest(self, deadline: Deadline) -> Manifest:
        key = manifest_key(ModelReference(self.pin.name, self.pin.version))
        data = self._verified(key, self.pin.digest, LARGEST_MANIFEST, deadline)
        try:
            manifest = Manifest.parse(data)
        except LambentError as error:
            raise self._unusable(error) from None
        if (manifest.name, manifest.version) != (self.pin.name, self.pin.version):
            what = f"is of {manifest.reference}, not of {self.pin}"
            raise ArtifactUnusable(MANIFEST_FILE, what, "Deploy with `lambent deploy`")
        return manifest

    def _verified(self, key: str, digest: str, largest: int, deadline: Deadline) -> bytes:
        if cached := self.cache.get(digest):
            return cached
        blob = self.bucket.get(key, largest, deadline)
        if (found := sha256_hex(blob)) != digest:
            what = f"has the SHA-256 {found}, and {digest} is pinned"
            next_step = "Restore that object version, or roll back with `lambent rollback`"
            raise ArtifactCorrupt(f"s3://{self.bucket.name}/{key}", what, next_step)
        self.cache.put(digest, blob)
        return blob

    def _unusable(self, error: LambentError) -> ArtifactUnusable:
        return ArtifactUnusable(f"{self.pin}: {error.where}", error.what, error.next_step)
