"""Keeps the loaded model, and tries again now and then while there is none."""

from collections.abc import Callable
from dataclasses import dataclass
from math import inf
from typing import Protocol

from functions.inference.errors import ServingError
from functions.inference.loading.artifact_loader import LoadedModel
from functions.inference.loading.errors import ArtifactCorrupt, ArtifactUnusable, LoadError
from functions.inference.settings import Limits
from model_store.artifact.manifest import Manifest
from model_store.predictions import Reason


class LoadObserver(Protocol):
    """Hears of every attempt to load."""

    def loaded(self, seconds: float) -> None: ...
    def load_failed(self, error: ServingError, corrupt: bool) -> None: ...


@dataclass(slots=True)
class ModelHolder:
    """load(seconds) raises LoadError; clock: monotonic seconds.

    seen(): the manifest, if that much could be read.
    """

    load: Callable[[float], LoadedModel]
    limits: Limits
    clock: Callable[[], float]
    observer: LoadObserver
    seen: Callable[[], Manifest | None] = lambda: None
    _model: LoadedModel | None = None
    _failure: ServingError | None = None
    _failed_at: float = 0.0

    def start(self) -> None:
        """The first attempt, in the init phase. The function starts whatever comes of it."""
        self._attempt(self.limits.load_at_start)

    @property
    def model(self) -> LoadedModel | None:
        return self._model

    @property
    def manifest(self) -> Manifest | None:
        return self._model.manifest if self._model else self.seen()

    def current(self, time_left: float) -> LoadedModel | None:
        """The model, after one more attempt to load it if that is due and there is time."""
        if self._model is None and self._is_due():
            seconds = min(self.limits.load_at_start, time_left * self.limits.load_share)
            if seconds > 0:
                self._attempt(seconds)
        return self._model

    def try_again(self) -> None:
        """The next request need not wait before it tries to load."""
        self._failed_at = -inf

    @property
    def reason(self) -> Reason:
        """Why there is no model."""
        corrupt = isinstance(self._failure, ArtifactCorrupt | ArtifactUnusable)
        return Reason.MODEL_CORRUPT if corrupt else Reason.MODEL_UNAVAILABLE

    @property
    def public_reason(self) -> str:
        """The same in words that name no key, bucket or role."""
        return self._failure.public if isinstance(self._failure, LoadError) else LoadError.public

    def _is_due(self) -> bool:
        if isinstance(self._failure, ArtifactUnusable):
            return False
        waited = self.clock() - self._failed_at
        return self._failure is None or waited >= self.limits.retry_load_after

    def _attempt(self, seconds: float) -> None:
        started = self.clock()
        try:
            self._model = self.load(seconds)
        except ServingError as error:
            self._fail(error)
        except Exception as error:  # noqa: BLE001 - a bug here must not keep the fallback silent
            what = f"loading failed unexpectedly ({type(error).__name__})"
            self._fail(LoadError("model", what, "Report it as a bug of Lambent"))
        else:
            self._failure = None
            self.observer.loaded(self.clock() - started)

    def _fail(self, error: ServingError) -> None:
        self._failure, self._failed_at = error, self.clock()
        self.observer.load_failed(error, isinstance(error, ArtifactCorrupt))
