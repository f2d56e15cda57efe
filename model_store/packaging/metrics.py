"""How good the answers are on held-out data."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import (
    accuracy_score,
    balanced_accuracy_score,
    log_loss,
    mean_absolute_error,
    r2_score,
    roc_auc_score,
    root_mean_squared_error,
)

from model_store.artifact.facts import Label
from model_store.packaging.answers import Answers

PLACES = 6


def metrics_of(
    truth: Sequence[Label] | NDArray[np.float64], answers: Answers, labels: Sequence[Label]
) -> dict[str, float]:
    """Metric → value, rounded; only those that are defined for this data."""
    if answers.values is not None:
        found = _regression(np.asarray(truth, dtype=np.float64), answers.values)
    else:
        found = _classification(list(truth), answers, list(labels))
    return {name: round(float(value), PLACES) for name, value in found.items()}


def _regression(truth: NDArray[np.float64], values: NDArray[np.float64]) -> dict[str, float]:
    scores = {
        "mae": mean_absolute_error(truth, values),
        "rmse": root_mean_squared_error(truth, values),
    }
    return scores | ({"r2": r2_score(truth, values)} if len(truth) > 1 else {})


def _classification(truth: list[Label], answers: Answers, labels: list[Label]) -> dict[str, float]:
    # By position: sklearn sorts labels, and the columns are in the model's own order.
    place = {label: index for index, label in enumerate(labels)}
    expected = [place[label] for label in truth]
    found = [place[label] for label in answers.labels]
    scores = {
        "accuracy": accuracy_score(expected, found),
        "balanced_accuracy": balanced_accuracy_score(expected, found),
    }
    if answers.probabilities is None:
        return scores
    shares = answers.probabilities / answers.probabilities.sum(axis=1, keepdims=True)
    scores["log_loss"] = log_loss(expected, shares, labels=range(len(labels)))
    if len(labels) == 2 and len(set(expected)) == 2:
        scores["roc_auc"] = roc_auc_score(expected, shares[:, 1])
    return scores
