"""Three ways to correct probabilities, fitted by scikit-learn and kept as plain numbers."""

from dataclasses import dataclass
from typing import Any, ClassVar, Literal

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.calibration import CalibratedClassifierCV

from model_store.packaging.uncertainty.calibration.scores import Floats, Indices

Method = Literal["temperature", "sigmoid", "isotonic"]

EPSILON = 1e-6
"""Logits are taken of probabilities no nearer than this to 0 and 1: float32 holds what is nearer
too coarsely (its step below 1 is 6e-8), and the logit of 0 has no end."""


@dataclass(frozen=True)
class Temperature:
    """softmax(log p / temperature): the most probable class stays so (Guo et al. 2017)."""

    method: ClassVar[Method] = "temperature"
    keeps_labels: ClassVar[bool] = True
    temperature: float

    def apply(self, probabilities: Floats) -> Floats:
        """Rows of probabilities, float64[N, K], corrected."""
        logs = _logs(probabilities)
        weights = np.exp((logs - logs.max(axis=1, keepdims=True)) / self.temperature)
        shares: Floats = weights / weights.sum(axis=1, keepdims=True)
        return shares


@dataclass(frozen=True)
class Sigmoid:
    """expit(slope · logit p + intercept) of each class against the others (Platt 1999).

    Of two classes only the second is corrected, and the first is what remains to 1; of more,
    all are and then divided by their sum (Zadrozny & Elkan 2002).
    """

    method: ClassVar[Method] = "sigmoid"
    keeps_labels: ClassVar[bool] = False
    slopes: tuple[float, ...]
    intercepts: tuple[float, ...]

    def apply(self, probabilities: Floats) -> Floats:
        """Rows of probabilities, float64[N, K], corrected."""
        logits = _logits(_corrected_columns(probabilities))
        scores = logits * np.array(self.slopes) + np.array(self.intercepts)
        return _shared_out(_expit(scores))


@dataclass(frozen=True)
class Curve:
    """A rising line through the points (x, y), and level before the first and after the last."""

    x: tuple[float, ...]
    y: tuple[float, ...]


@dataclass(frozen=True)
class Isotonic:
    """A rising curve of each class against the others, as in Sigmoid (Zadrozny & Elkan 2002)."""

    method: ClassVar[Method] = "isotonic"
    keeps_labels: ClassVar[bool] = False
    curves: tuple[Curve, ...]

    def apply(self, probabilities: Floats) -> Floats:
        """Rows of probabilities, float64[N, K], corrected."""
        columns = _corrected_columns(probabilities).T
        pairs = zip(columns, self.curves, strict=True)
        return _shared_out(np.column_stack([np.interp(p, curve.x, curve.y) for p, curve in pairs]))


Calibrator = Temperature | Sigmoid | Isotonic


def _corrected_columns(probabilities: Floats) -> Floats:
    """float64[N, 1] of two classes, else all K columns: those with a correction of their own."""
    return probabilities[:, 1:] if probabilities.shape[1] == 2 else probabilities


def _shared_out(corrected: Floats) -> Floats:
    """Probabilities from what `_corrected_columns` became; all 0 becomes all alike."""
    corrected = corrected.clip(0, 1)
    if corrected.shape[1] == 1:
        return np.hstack([1 - corrected, corrected])
    total = corrected.sum(axis=1, keepdims=True)
    alike = np.full_like(corrected, 1 / corrected.shape[1])
    shares: Floats = np.divide(corrected, total, out=alike, where=total != 0)
    return shares


def fit(method: Method, truth: Indices, probabilities: Floats) -> Calibrator:
    """Fit on all N rows: truth int[N] of columns, probabilities float64[N, K].

    Every class must be among the truth. The same rows give the same numbers.
    """
    every = np.arange(len(truth))
    model = CalibratedClassifierCV(
        _ScoresAreGiven(),
        method=method,
        cv=[(every, every)],  # nothing is trained, so nothing is held back
        ensemble=True,  # of the one calibrator of this one fold
    ).fit(_scores(method, probabilities), truth)
    return _numbers(method, model.calibrated_classifiers_[0].calibrators)


class _ScoresAreGiven(ClassifierMixin, BaseEstimator):  # type: ignore[misc]
    """A classifier whose features are its own scores, one column per correction."""

    def fit(self, scores: Floats, truth: Indices) -> "_ScoresAreGiven":  # noqa: ARG002
        self.classes_ = np.unique(truth)
        return self

    def decision_function(self, scores: Floats) -> Floats:
        return scores.ravel() if scores.shape[1] == 1 else scores


def _scores(method: Method, probabilities: Floats) -> Floats:
    """What scikit-learn's calibrator of this name takes, so that it fits what `apply` does."""
    if method == "isotonic":
        return _corrected_columns(probabilities)
    if method == "sigmoid":
        return _logits(_corrected_columns(probabilities))
    logs = _logs(probabilities)
    if logs.shape[1] == 2:
        return (logs[:, 1:] - logs[:, :1]) / 2  # it makes (-score, score) of a single score
    return logs


def _numbers(method: Method, fitted: list[Any]) -> Calibrator:
    if method == "temperature":
        return Temperature(1 / float(fitted[0].beta_))
    if method == "sigmoid":  # scikit-learn keeps Platt's signs: expit(-(a · score + b))
        return Sigmoid(
            slopes=tuple(-float(part.a_) for part in fitted),
            intercepts=tuple(-float(part.b_) for part in fitted),
        )
    return Isotonic(
        tuple(
            Curve(tuple(part.X_thresholds_.tolist()), tuple(part.y_thresholds_.tolist()))
            for part in fitted
        )
    )


def _expit(scores: Floats) -> Floats:
    small = np.exp(-np.abs(scores))  # never overflows
    shares: Floats = np.where(scores >= 0, 1, small) / (1 + small)
    return shares


def _logs(probabilities: Floats) -> Floats:
    logs: Floats = np.log(probabilities.clip(EPSILON, 1))
    return logs


def _logits(probabilities: Floats) -> Floats:
    clipped = probabilities.clip(EPSILON, 1 - EPSILON)
    logits: Floats = np.log(clipped) - np.log(1 - clipped)
    return logits
