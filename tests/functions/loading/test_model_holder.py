"""When the model is loaded, with how much time, and what is told of a load that fails."""

from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import pytest

from functions.inference.errors import ServingError
from functions.inference.loading.errors import (
    ArtifactCorrupt,
    ArtifactUnusable,
    LoadError,
    ObjectMissing,
    StoreUnavailable,
)
from functions.inference.loading.model_holder import ModelHolder
from functions.inference.settings import Limits
from tests.functions.conftest import Clock

LIMITS = Limits(load_at_start=5, load_share=0.25, retry_load_after=10)
MODEL: Any = SimpleNamespace()
DOWN = StoreUnavailable("s3://artifacts/secret-key", "is down", "Wait")


@dataclass
class Loader:
    """Gives the prepared results one after the other, and remembers the seconds it was given."""

    results: list[Any]
    seconds: list[float] = field(default_factory=list)

    def __call__(self, seconds: float) -> Any:
        self.seconds.append(seconds)
        result = self.results.pop(0)
        if isinstance(result, Exception):
            raise result
        return result


@dataclass
class Observer:
    told: list[Any] = field(default_factory=list)

    def loaded(self, seconds: float) -> None:
        self.told.append(seconds)

    def load_failed(self, error: ServingError, corrupt: bool) -> None:
        self.told.append((type(error), corrupt))


def started(clock: Clock, *results: Any) -> tuple[ModelHolder, Loader, Observer]:
    loader, observer = Loader(list(results)), Observer()
    holder = ModelHolder(loader, LIMITS, clock, observer)
    holder.start()
    return holder, loader, observer


def test_a_load_during_a_request_takes_a_small_share_of_its_time(clock: Clock) -> None:
    holder, loader, _ = started(clock, DOWN, DOWN)
    clock.now += 1000
    holder.current(time_left=2.0)
    assert loader.seconds == [5, 0.5]


def test_a_load_during_a_request_never_takes_longer_than_one_at_the_start(clock: Clock) -> None:
    holder, loader, _ = started(clock, DOWN, DOWN)
    clock.now += 1000
    holder.current(time_left=900.0)
    assert loader.seconds == [5, 5]


def test_a_loaded_model_is_not_loaded_again(clock: Clock) -> None:
    holder, loader, _ = started(clock, MODEL)
    clock.now += 1000
    assert holder.current(time_left=10) is MODEL
    assert len(loader.seconds) == 1


def test_a_store_that_is_back_is_read_after_the_pause_and_not_before(clock: Clock) -> None:
    holder, loader, _ = started(clock, DOWN, MODEL)
    clock.now += 9.9
    assert holder.current(time_left=10) is None
    clock.now += 0.1
    assert holder.current(time_left=10) is MODEL
    assert len(loader.seconds) == 2


def test_without_time_nothing_is_loaded(clock: Clock) -> None:
    holder, loader, _ = started(clock, DOWN)
    clock.now += 1000
    assert holder.current(time_left=0) is None
    assert len(loader.seconds) == 1


def test_the_pause_counts_from_the_end_of_the_attempt(clock: Clock) -> None:
    """An attempt that takes long must not be followed by the next at once."""

    def slow(_: float) -> Any:
        clock.now += 60
        raise DOWN

    holder = ModelHolder(slow, LIMITS, clock, Observer())
    holder.start()
    holder.current(time_left=10)
    assert clock.now == 1060


@pytest.mark.parametrize(
    ("error", "reason", "again", "corrupt"),
    [
        (DOWN, "model_unavailable", True, False),
        (ObjectMissing("s3", "x", "y"), "model_unavailable", True, False),
        (ArtifactCorrupt("s3", "x", "y"), "model_corrupt", True, True),
        (ArtifactUnusable("s3", "x", "y"), "model_corrupt", False, False),
        (ZeroDivisionError("bug"), "model_unavailable", True, False),
    ],
    ids=lambda value: type(value).__name__,
)
def test_fault_rows_5_and_10_what_failed_decides_the_reason_the_alarm_and_another_try(
    clock: Clock, error: Exception, reason: str, again: bool, corrupt: bool
) -> None:
    holder, _, observer = started(clock, error, MODEL)
    kind = type(error) if isinstance(error, LoadError) else LoadError
    assert (holder.reason, observer.told) == (reason, [(kind, corrupt)])
    clock.now += 1000
    assert (holder.current(time_left=10) is MODEL) is again


@pytest.mark.parametrize(
    "error", [DOWN, ServingError("secret-key", "secret-key", "x"), ValueError("secret-key")]
)
def test_callers_are_told_why_without_a_key_or_a_bucket(clock: Clock, error: Exception) -> None:
    holder, _, _ = started(clock, error)
    assert holder.public_reason
    assert "secret-key" not in holder.public_reason


def test_how_long_loading_took_is_told(clock: Clock) -> None:
    def slow(_: float) -> Any:
        clock.now += 3
        return MODEL

    observer = Observer()
    ModelHolder(slow, LIMITS, clock, observer).start()
    assert observer.told == [3]
