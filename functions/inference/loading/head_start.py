"""Reads the artifact, and opens its session, while the rest of the function is imported.

Neither needs Python's lock while it waits or computes. So this imports little, and its thread
nothing: two threads that import numpy at once break it.
"""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from threading import Event, Thread
from typing import Any

from functions.inference.loading.s3 import BucketReader, Deadline
from functions.inference.settings import Limits, Pin, read_settings
from model_store.artifact.layout import LARGEST_MANIFEST, MODEL_FILE, blob_key, manifest_key
from model_store.artifact.reference import ModelReference
from model_store.canonical import sha256_hex
from model_store.errors import ModelNotLoadable

OpenSession = Callable[[str, bytes], Any]
"""See `model_store.session`."""


class HeadStart:
    """A bucket of which the pinned artifact is read already; each object is given once.

    What fails fails for the first who asks for it. Nothing is told: the loader checks and tells.
    """

    def __init__(self, pin: Pin, bucket: BucketReader, seconds: float) -> None:
        """Begins. seconds: for reading."""
        self.name, self.bucket = bucket.name, bucket
        self._read: dict[str, bytes | Exception] = {}
        self._model, self._session = b"", None
        self._opener: OpenSession | None = None
        self._may_go_on = Event()
        self._thread = Thread(target=self._run, args=(pin, seconds), name="head-start", daemon=True)
        self._thread.start()

    def open_with(self, open_session: OpenSession) -> None:
        """ONNX Runtime has been imported."""
        self._opener = open_session
        self._may_go_on.set()

    def get(self, key: str, largest: int, deadline: Deadline) -> bytes:
        """As of any bucket; raises LoadError."""
        self._may_go_on.set()
        self._thread.join()
        found = self._read.pop(key, None)
        if found is None:
            return self.bucket.get(key, largest, deadline)
        if isinstance(found, Exception):
            raise found
        return found

    def session_of(self, model: bytes) -> Any | None:
        """Of the very bytes that were read, once; None of others, or if it could not be opened."""
        found, is_own = self._session, model is self._model
        self._model, self._session = b"", None
        return found if is_own else None

    def _run(self, pin: Pin, seconds: float) -> None:
        deadline = Deadline.after(seconds)
        reference = ModelReference(pin.name, pin.version)
        manifest = self._verified(manifest_key(reference), pin.digest, LARGEST_MANIFEST, deadline)
        if manifest is None or (file := _model_file(manifest)) is None:
            return
        digest, size = file
        model = self._verified(blob_key(digest), digest, size, deadline)
        if model is not None:
            self._open(model)

    def _verified(self, key: str, digest: str, largest: int, deadline: Deadline) -> bytes | None:
        """None: the loader will say why not."""
        try:
            found = self._read[key] = self.bucket.get(key, largest, deadline)
        except Exception as error:  # noqa: BLE001 - carried over to who asks for it
            self._read[key] = error
            return None
        return found if sha256_hex(found) == digest else None

    def _open(self, model: bytes) -> None:
        self._may_go_on.wait()
        if self._opener is None:
            return
        try:
            self._session = self._opener("model", model)
        except ModelNotLoadable:
            return  # Not silent: the loader tries again, and tells.
        self._model = model


def _model_file(manifest: bytes) -> tuple[str, int] | None:
    """Its digest and size; None of a manifest that the loader will refuse."""
    try:
        file = json.loads(manifest)["files"][MODEL_FILE]
        return str(file["sha256"]), int(file["size"])
    except (KeyError, TypeError, ValueError):
        return None


def head_start(
    env: Mapping[str, str],
    cache: Path,
    limits: Limits = Limits(),  # noqa: B008 - frozen
) -> HeadStart | None:
    """None where there is nothing to read; raises ConfigurationError."""
    settings = read_settings(env)
    if settings.fallback_only or (cache / settings.pin.digest).exists():
        return None
    bucket = BucketReader(settings.bucket, env)
    return HeadStart(settings.pin, bucket, limits.load_at_start)
