"""What fallbacks need from S3: lists, and the other models of the artifact."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Generic, Protocol, TypeVar

from functions.inference.loading.artifact_loader import ArtifactLoader
from functions.inference.loading.s3 import BucketReader, Deadline
from functions.inference.settings import Limits, Pin
from model_store.artifact.layout import list_key
from model_store.contract import Row, Scalar, encode
from model_store.errors import LambentError, PredictionError
from model_store.fallbacks.chain import Sources
from model_store.fallbacks.popular_list import LARGEST_LIST, PopularList
from model_store.fallbacks.records import OtherModel, Popular
from model_store.predictions import Label
from model_store.predictor import Predictor


class FallbackObserver(Protocol):
    """Hears of a fallback that could not answer."""

    def warned(self, event: str, error: LambentError) -> None: ...


Found = TypeVar("Found")


@dataclass(slots=True)
class _Kept(Generic[Found]):
    """What was read, and when it was last tried."""

    value: Found | None = None
    tried_at: float | None = None


@dataclass(slots=True)
class StoredSources:
    """Reads lazily, keeps what it has read, and tries again now and then.

    clock: monotonic seconds. now: the time of day.
    """

    pin: Pin
    bucket: BucketReader
    loader: ArtifactLoader
    limits: Limits
    observer: FallbackObserver
    clock: Callable[[], float]
    now: Callable[[], datetime]
    _lists: dict[str, _Kept[PopularList]] = field(default_factory=dict)
    _models: dict[str, _Kept[Predictor]] = field(default_factory=dict)

    def within(self, seconds: float) -> Sources:
        """The same for one request, which has so much time left."""
        return _Timed(self, self.clock() + seconds)

    def list_of(self, link: Popular, seconds: float) -> PopularList | None:
        kept = self._lists.setdefault(link.list, _Kept())
        if self._is_due(kept.tried_at, self.limits.refresh_list_after) and seconds > 0:
            kept.tried_at = self.clock()
            try:
                kept.value = self._read_list(link, seconds)
            except LambentError as error:
                self.observer.warned("popular_list_not_read", error)
        return kept.value

    def model_of(self, link: OtherModel, seconds: float) -> Predictor | None:
        kept = self._models.setdefault(link.role, _Kept())
        is_due = kept.value is None and self._is_due(kept.tried_at, self.limits.retry_load_after)
        if is_due and seconds > 0:
            kept.tried_at = self.clock()
            try:
                kept.value = self.loader.other(link, seconds * self.limits.load_share)
            except LambentError as error:
                self.observer.warned("fallback_model_not_loaded", error)
        return kept.value

    def _is_due(self, tried_at: float | None, pause: float) -> bool:
        return tried_at is None or self.clock() - tried_at >= pause

    def _read_list(self, link: Popular, seconds: float) -> PopularList:
        deadline = Deadline.after(min(seconds * self.limits.load_share, self.limits.load_at_start))
        return PopularList.parse(
            self.bucket.get(list_key(self.pin.name, link.list), LARGEST_LIST, deadline)
        )


@dataclass(frozen=True, slots=True)
class _Timed:
    stored: StoredSources
    ends_at: float

    @property
    def _left(self) -> float:
        return self.ends_at - self.stored.clock()

    def popular(self, link: Popular) -> Sequence[Label]:
        found = self.stored.list_of(link, self._left)
        return found.items if found and found.is_fresh(link, self.stored.now()) else ()

    def ask(self, link: OtherModel, rows: Sequence[Row]) -> Sequence[Scalar | None]:
        none: list[Scalar | None] = [None] * len(rows)
        predictor = self.stored.model_of(link, self._left)
        if predictor is None or self._left <= 0:
            return none
        try:
            outputs = predictor.predict(encode(rows, link.inputs), self._left)
        except PredictionError as error:
            self.stored.observer.warned("fallback_model_failed", error)
            return none
        answers = outputs.labels if outputs.values is None else map(float, outputs.values)
        return [
            None if place in outputs.unusable else answer for place, answer in enumerate(answers)
        ]
