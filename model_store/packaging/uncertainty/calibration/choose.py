"""Which calibrator a model gets, if any, and why."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Literal, get_args

import numpy as np
from sklearn.model_selection import StratifiedKFold

from model_store.artifact.facts import Label
from model_store.packaging.errors import InvalidModel
from model_store.packaging.uncertainty.calibration.calibrators import (
    EPSILON,
    Calibrator,
    Method,
    fit,
)
from model_store.packaging.uncertainty.calibration.scores import Floats, Indices

METHODS: tuple[Method, ...] = get_args(Method)
"""From the one that changes least; each has to beat those before it."""

LEAST_ROWS: dict[Method, int] = {"temperature": 100, "sigmoid": 200, "isotonic": 1000}
"""In all. Isotonic regression overfits below about 1000 (Niculescu-Mizil & Caruana 2005)."""

LEAST_OF_A_CLASS: dict[Method, int] = {"temperature": 2, "sigmoid": 100, "isotonic": 100}
"""A curve per class is not to be judged by less than 100 events (Vergouwe et al. 2005); one
temperature is fitted for all classes together (Guo et al. 2017), and folds need 2 of each."""

FOLDS = 5


@dataclass(frozen=True)
class Choice:
    """calibrator: fitted on all rows given; None to leave the model alone.

    reason: words for the manifest. tried: method → what came of it, of those looked at.
    """

    calibrator: Calibrator | None
    reason: str
    tried: dict[str, str] = field(default_factory=dict)


def choose(
    truth: Indices,
    probabilities: Floats,
    labels: Sequence[Label],
    method: Literal["auto"] | Method | None = "auto",
) -> Choice:
    """Choose for N rows: truth int[N] of columns, probabilities float64[N, K] of the K labels.

    The model must not have been trained on these rows. "auto" compares log losses that are
    cross-validated within them; a method is taken if it beats what it would replace, row by row,
    by more than the standard error of the difference. A method named is fitted whatever the
    comparison says; None leaves the model alone. The same rows give the same choice.

    Raises InvalidModel for an unknown method, and a named one that these rows cannot fit.
    """
    if method is None:
        return Choice(None, "left alone, as asked")
    if method == "auto":
        return _best(truth, probabilities, labels)
    if method not in METHODS:
        raise InvalidModel(
            "calibration",
            f"{method!r} is no way to calibrate",
            f"Choose 'auto', None, or one of {', '.join(map(repr, METHODS))}",
        )
    attempt = _attempt(method, truth, probabilities, labels)
    if attempt.calibrator is None:
        raise InvalidModel(
            "calibration",
            f"{method}: {attempt.outcome}",
            "Give more calibration rows, or choose 'auto' or None",
        )
    outcome = f"{attempt.outcome}, as asked"
    return Choice(attempt.calibrator, f"{method}: {outcome}", {method: outcome})


@dataclass(frozen=True, eq=False)
class _Attempt:
    """`losses` are cross-validated, one per row; empty without a calibrator."""

    outcome: str
    calibrator: Calibrator | None
    losses: Floats


def _best(truth: Indices, probabilities: Floats, labels: Sequence[Label]) -> Choice:
    attempts = {name: _attempt(name, truth, probabilities, labels) for name in METHODS}
    tried: dict[str, str] = {name: attempt.outcome for name, attempt in attempts.items()}
    best, losses = None, _losses(truth, probabilities)
    for attempt in attempts.values():
        if attempt.calibrator is not None and _clearly_less(attempt.losses, losses):
            best, losses = attempt.calibrator, attempt.losses
    if best is not None:
        return Choice(best, f"{best.method}: {tried[best.method]}", tried)
    fitted = any(attempt.calibrator is not None for attempt in attempts.values())
    why = "nothing improved" if fitted else tried["temperature"]
    return Choice(None, f"left alone: {why}", tried)


def _attempt(
    method: Method, truth: Indices, probabilities: Floats, labels: Sequence[Label]
) -> _Attempt:
    if problem := _too_few(method, truth, labels):
        return _Attempt(problem, None, np.empty(0))
    calibrator = fit(method, truth, probabilities)
    if _losses(truth, calibrator.apply(probabilities)).max() < 2 * EPSILON:
        # The likeliest parameter is then infinite, whatever a search for it returned.
        problem = f"separates all {len(truth)} rows, which does not make the next one certain"
        return _Attempt(problem, None, np.empty(0))
    losses = _cross_validated(method, truth, probabilities)
    before = _losses(truth, probabilities).mean()
    return _Attempt(f"log loss {before:.4f} → {losses.mean():.4f}", calibrator, losses)


def _too_few(method: Method, truth: Indices, labels: Sequence[Label]) -> str | None:
    counts = np.bincount(truth, minlength=len(labels))
    if len(truth) < LEAST_ROWS[method]:
        return f"too few rows: {len(truth)}, {LEAST_ROWS[method]} are needed"
    rarest = int(counts.argmin())
    if counts[rarest] < LEAST_OF_A_CLASS[method]:
        needed = LEAST_OF_A_CLASS[method]
        return f"too few rows of class {labels[rarest]!r}: {counts[rarest]}, {needed} are needed"
    return None


def _cross_validated(method: Method, truth: Indices, probabilities: Floats) -> Floats:
    """float64[N]: the loss of each row under a calibrator fitted on the other folds."""
    losses = np.empty(len(truth))
    for others, fold in _folds(truth):
        calibrator = fit(method, truth[others], probabilities[others])
        losses[fold] = _losses(truth[fold], calibrator.apply(probabilities[fold]))
    return losses


def _folds(truth: Indices) -> Iterator[tuple[Indices, Indices]]:
    """Every class in every fold, or at least in the rest."""
    count = min(FOLDS, int(np.unique(truth, return_counts=True)[1].min()))
    splitter = StratifiedKFold(count, shuffle=True, random_state=0)
    yield from splitter.split(np.zeros(len(truth)), truth)


def _losses(truth: Indices, probabilities: Floats) -> Floats:
    """float64[N], in nats. Held off 0 and 1: one row may not outweigh all others."""
    given = probabilities[np.arange(len(truth)), truth].clip(EPSILON, 1 - EPSILON)
    losses: Floats = -np.log(given)
    return losses


def _clearly_less(ours: Floats, theirs: Floats) -> bool:
    gains = theirs - ours
    return bool(gains.mean() > gains.std(ddof=1) / np.sqrt(len(gains)))
