"""What a request is to the judge of a release: one trial, by its first row. Never a value."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from math import floor, frexp, isfinite, sqrt
from zlib import crc32

from model_store.artifact.manifest import Manifest
from model_store.contract import Scalar
from model_store.predictions import ModelPrediction, Prediction, Reason
from model_store.request_metrics import BINS, DECLINED, FAILED, FELL_BACK, REFUSED, UNSURE

USUAL = 0.95
"""The share of the held-out rows whose confidence is not called unsure."""
AT_ONCE = 20
"""Answers of so many requests are told together, so that no line tells the answer to one."""

_TROUBLE: Mapping[Reason, str] = {
    Reason.MODEL_UNAVAILABLE: FELL_BACK,
    Reason.MODEL_CORRUPT: FELL_BACK,
    Reason.DEADLINE_EXCEEDED: FELL_BACK,
    Reason.INVALID_OUTPUT: FELL_BACK,
    Reason.MODEL_ERROR: FELL_BACK,
    Reason.BREAKER_OPEN: FELL_BACK,
    Reason.SWITCHED_OFF: FELL_BACK,
    Reason.UNSEEN_CATEGORY: REFUSED,
    Reason.OUT_OF_RANGE: REFUSED,
    Reason.INVALID_INPUT: REFUSED,
    Reason.LOW_CONFIDENCE: DECLINED,
    Reason.AMBIGUOUS: DECLINED,
    Reason.NO_LABEL_FITS: DECLINED,
    Reason.WIDE_INTERVAL: DECLINED,
    Reason.NOVEL: DECLINED,
}


@dataclass(frozen=True, slots=True)
class Yardstick:
    """What the answers of one model are measured by.

    usual: the least confidence that counts as sure; None where none was measured. places: the bin
    of each label; a regression has bins of the width `step` in turns, or one bin without it.
    """

    usual: float | None = None
    places: Mapping[Scalar, int] = field(default_factory=dict)
    step: float | None = None

    @classmethod
    def of(cls, manifest: Manifest) -> "Yardstick":
        # By spelling: a model that was trained again may list the same labels in another order.
        labels = sorted(manifest.labels, key=str)
        places: dict[Scalar, int] = {label: min(n, BINS - 1) for n, label in enumerate(labels)}
        return cls(_usual(manifest), places, _step(manifest))

    @property
    def scale(self) -> float:
        """The same number for two models means that their bins are the same."""
        return float(crc32("\n".join(map(str, self.places)).encode())) or self.step or 0.0

    def bin_of(self, value: Scalar) -> int:
        if self.places:
            return self.places[value]
        number = float(value)
        return floor(number / self.step) % BINS if self.step and isfinite(number) else 0


def _usual(manifest: Manifest) -> float | None:
    reached = [
        point.least_confidence
        for point in manifest.tradeoff
        if point.answered >= USUAL * point.rows
    ]
    return max(reached, default=None)


def _step(manifest: Manifest) -> float | None:
    """A power of two between a quarter and half of the standard deviation of the target, so that
    models of the same target agree on it."""
    error, explained = manifest.metrics.get("rmse", 0.0), manifest.metrics.get("r2", 1.0)
    if explained >= 1 or error <= 0:
        return None
    _, exponent = frexp(error / sqrt(1 - explained) / 4)
    return float(2.0**exponent)


def trouble(status: int, predictions: list[Prediction], yardstick: Yardstick) -> str | None:
    """The metric that a request counts under beside REQUESTS; None if all is well."""
    if not predictions:
        return FAILED if status >= 500 else REFUSED
    first = predictions[0]
    if not isinstance(first, ModelPrediction):
        return _TROUBLE[first.reason]
    unsure = yardstick.usual is not None and (first.confidence or 0.0) < yardstick.usual
    return UNSURE if unsure else None


@dataclass(slots=True)
class Answers:
    """Counts of the model's answers by bin, kept until there are enough to be told."""

    counts: Counter[int] = field(default_factory=Counter)

    def add(self, predictions: list[Prediction], yardstick: Yardstick) -> None:
        """Of the first row, if the model answered it."""
        if predictions and isinstance(first := predictions[0], ModelPrediction):
            self.counts[yardstick.bin_of(first.value)] += 1

    def take(self) -> Counter[int] | None:
        """AT_ONCE answers, once there are so many, in the order of the bins: that in which they
        came may be any of millions, each of which would be remembered."""
        if self.counts.total() < AT_ONCE:
            return None
        taken, self.counts = self.counts, Counter()
        return Counter(dict(sorted(taken.items())))
