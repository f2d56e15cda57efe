"""What fallbacks need from S3: lists, and the other models of the artifact."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from math import inf
from typing import Generic, Protocol, TypeVar

from functions.inference.breaker import Breaker, is_to_blame
from functions.inference.loading.artifact_loader import ArtifactLoader
from functions.inference.loading.s3 import BucketReader, Deadline
from functions.inference.settings import Limits, Pin
from model_store.artifact.layout import list_key
from model_store.contract import Row, Scalar, encode
from model_store.errors import ArtifactError, LambentError, PredictionError
from model_store.fallbacks.chain import Sources
from model_store.fallbacks.popular_list import LARGEST_LIST, PopularList
from model_store.fallbacks.records import OtherModel, Popular
from model_store.outputs import Outputs
from model_store.predictions import Label
from model_store.predictor import Predictor

MOST_SHOWN = 20
"""Items of a popular list that are passed on: a batch of rows repeats them for each."""


class FallbackObserver(Protocol):
    """Hears of a fallback that could not answer."""

    def warned(self, event: str, error: LambentError) -> None: ...
    def crashed(self, error: BaseException) -> None: ...


Found = TypeVar("Found")


@dataclass(slots=True)
class _Kept(Generic[Found]):
    """What was read last, and when it is read again."""

    value: Found | None = None
    due_at: float = -inf


@dataclass(slots=True)
class StoredSources:
    """Reads lazily, keeps what it has read, and tries again now and then. Never raises.

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
    _breakers: dict[str, Breaker] = field(default_factory=dict)

    def within(self, seconds: float, labels: Sequence[Label]) -> Sources:
        """The same for one request, which has so much time left.

        labels: those that may be answered; empty if they are not known.
        """
        return _Timed(self, self.clock() + seconds, labels)

    def try_again(self) -> None:
        """The next request need not wait before it tries to read, load or ask."""
        for which in (self._lists, self._models):
            for kept in which.values():
                kept.due_at = -inf
        for breaker in self._breakers.values():
            breaker.succeeded()

    def list_of(self, link: Popular, seconds: float) -> PopularList | None:
        kept = self._lists.setdefault(link.list, _Kept())
        if self.clock() >= kept.due_at and seconds > 0:
            found = self.tried("popular_list_not_read", lambda: self._read_list(link, seconds))
            kept.value = found or kept.value
            limits = self.limits
            pause = limits.refresh_list_after if kept.value else limits.retry_load_after
            kept.due_at = self.clock() + pause
        return kept.value

    def model_of(self, link: OtherModel, seconds: float) -> Predictor | None:
        kept = self._models.setdefault(link.role, _Kept())
        if kept.value is None and self.clock() >= kept.due_at and seconds > 0:
            share = seconds * self.limits.load_share
            kept.value = self.tried(
                "fallback_model_not_loaded", lambda: self.loader.other(link, share)
            )
            kept.due_at = self.clock() + self.limits.retry_load_after
        return kept.value

    def breaker_of(self, link: OtherModel) -> Breaker:
        limits = self.limits
        breaker = Breaker(limits.breaker_failures, limits.breaker_cooldown, self.clock)
        return self._breakers.setdefault(link.role, breaker)

    def tried(self, event: str, get: Callable[[], Found]) -> Found | None:
        """What `get` gives; None if it fails, for the next fallback must still be asked."""
        try:
            return get()
        except LambentError as error:
            self.observer.warned(event, error)
        except Exception as error:  # noqa: BLE001 - as above, whatever the bug
            self.observer.crashed(error)
        return None

    def _read_list(self, link: Popular, seconds: float) -> PopularList:
        deadline = Deadline.after(min(seconds * self.limits.load_share, self.limits.load_at_start))
        key = list_key(self.pin.name, link.list)
        return PopularList.parse(self.bucket.get(key, LARGEST_LIST, deadline))


@dataclass(frozen=True, slots=True)
class _Timed:
    stored: StoredSources
    ends_at: float
    labels: Sequence[Label]

    @property
    def _left(self) -> float:
        return self.ends_at - self.stored.clock()

    def have_time(self) -> bool:
        return self._left > 0

    def popular(self, link: Popular) -> Sequence[Label]:
        found = self.stored.list_of(link, self._left)
        if found is None:
            return ()
        return self.stored.tried("popular_list_unusable", lambda: self._usable(link, found)) or ()

    def _usable(self, link: Popular, found: PopularList) -> list[Label]:
        """Anybody who may write the list decides what is on it, but not what a model answers."""
        if not found.is_fresh(link, self.stored.now()):
            raise _unusable(link, f"is older than {link.max_age} s, or from the future")
        known = {(type(label), label) for label in self.labels}
        items = [item for item in found.items if not known or (type(item), item) in known]
        if not items:
            raise _unusable(link, "holds no label of this model")
        return items[:MOST_SHOWN]

    def ask(self, link: OtherModel, rows: Sequence[Row]) -> Sequence[Scalar | None]:
        predictor = self.stored.model_of(link, self._left)
        if predictor is None or self._left <= 0 or not self.stored.breaker_of(link).allows():
            return [None] * len(rows)
        found = self.stored.tried(
            "fallback_model_failed", lambda: self._outputs(predictor, link, rows)
        )
        return [None] * len(rows) if found is None else _answers(found)

    def _outputs(self, predictor: Predictor, link: OtherModel, rows: Sequence[Row]) -> Outputs:
        limits, breaker = self.stored.limits, self.stored.breaker_of(link)
        seconds = self._left * limits.model_share
        try:
            outputs = predictor.predict(encode(rows, link.inputs), seconds)
        except PredictionError as error:
            if is_to_blame(error, seconds, limits.fair_run):
                breaker.failed()
            raise
        breaker.succeeded()
        return outputs


def _answers(outputs: Outputs) -> list[Scalar | None]:
    # By way of text: the shortest decimal that names a float32.
    values = outputs.labels if outputs.values is None else [float(str(v)) for v in outputs.values]
    return [None if place in outputs.unusable else value for place, value in enumerate(values)]


def _unusable(link: Popular, what: str) -> ArtifactError:
    return ArtifactError(f"popular list {link.list}", what, "Write it again with `lambent popular`")
