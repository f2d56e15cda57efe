"""What an estimator itself answers: the reference for everything else."""

import warnings
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, is_classifier, is_regressor

from model_store.artifact.facts import Label
from model_store.artifact.manifest import Task
from model_store.packaging.columns import columns_of
from model_store.packaging.conversion.remedies import final_estimator
from model_store.packaging.errors import InvalidModel


@dataclass(frozen=True, eq=False)
class Answers:
    """For N rows: labels of a classifier with probabilities [N, K] or None; values [N] else."""

    labels: tuple[Label, ...] = ()
    probabilities: NDArray[np.float64] | None = None
    values: NDArray[np.float64] | None = None

    def __len__(self) -> int:
        return len(self.labels) if self.values is None else len(self.values)


def answers_of(estimator: BaseEstimator, frame: pd.DataFrame) -> Answers:
    """Ask the estimator; whatever it raises is passed on."""
    frame = frame[columns_of(estimator, frame)]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # unseen categories, feature names: both on purpose
        if not is_classifier(estimator):
            return Answers(values=np.asarray(estimator.predict(frame), dtype=np.float64).ravel())
        probabilities = (
            np.asarray(estimator.predict_proba(frame), dtype=np.float64)
            if hasattr(estimator, "predict_proba")
            else None
        )
        return Answers(plain_labels(estimator.predict(frame)), probabilities)


def task_of(estimator: BaseEstimator) -> Task:
    """Raises InvalidModel for what is neither a classifier nor a regressor of one target."""
    if is_classifier(estimator):
        return "binary" if len(labels_of(estimator)) == 2 else "multiclass"
    if is_regressor(estimator) and getattr(estimator, "n_outputs_", 1) == 1:
        return "regression"
    raise InvalidModel(
        type(final_estimator(estimator)).__name__,
        "is neither a classifier nor a regressor of one target",
        "Package one model per target",
    )


def labels_of(estimator: BaseEstimator) -> tuple[Label, ...]:
    """The classes, in the order of the probability columns."""
    classes = estimator.classes_
    if isinstance(classes, list):
        raise InvalidModel(
            type(final_estimator(estimator)).__name__,
            "predicts several targets at once",
            "Package one model per target",
        )
    return plain_labels(classes)


def plain_labels(labels: Iterable[Any]) -> tuple[Label, ...]:
    """Labels as JSON has them: numpy scalars unwrapped, 1.0 as 1."""
    return tuple(_plain(label) for label in np.asarray(labels, dtype=object).ravel())


def _plain(label: Any) -> Label:
    value = label.item() if isinstance(label, np.generic) else label
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, bool | int | str):
        return value
    raise InvalidModel(
        "labels",
        f"a class is a {type(label).__name__}",
        "Use strings, integers or booleans as classes",
    )
