"""Real classifiers, well and badly calibrated, with rows that they were not trained on."""

from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.base import clone
from sklearn.datasets import load_breast_cancer, load_digits
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import train_test_split
from sklearn.naive_bayes import GaussianNB
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

DATA = {"cancer": load_breast_cancer, "digits": load_digits}
ESTIMATORS: dict[str, Any] = {
    "linear": make_pipeline(StandardScaler(), LogisticRegression(max_iter=1000)),
    "bayes": GaussianNB(),
    "forest": RandomForestClassifier(30, random_state=0),
}
CASES = [(data, estimator) for data in DATA for estimator in ESTIMATORS]


@dataclass(frozen=True, eq=False)
class Classified:
    """A fitted estimator; rows to calibrate on and rows that stay untouched."""

    estimator: Any
    X: NDArray[np.float64]
    truth: NDArray[np.int64]
    X_new: NDArray[np.float64]
    truth_new: NDArray[np.int64]

    @property
    def given(self) -> NDArray[np.float64]:
        return np.asarray(self.estimator.predict_proba(self.X))

    @property
    def new(self) -> NDArray[np.float64]:
        return np.asarray(self.estimator.predict_proba(self.X_new))

    @property
    def labels(self) -> tuple[int, ...]:
        return tuple(self.estimator.classes_.tolist())


@cache
def classified(data: str, estimator: str) -> Classified:
    X, y = DATA[data](return_X_y=True)
    X, y = X.astype(np.float32).astype(np.float64), y.astype(np.int64)
    X_train, X_rest, y_train, y_rest = train_test_split(
        X, y, test_size=0.7, random_state=0, stratify=y
    )
    halves = train_test_split(X_rest, y_rest, test_size=0.5, random_state=0, stratify=y_rest)
    return Classified(
        clone(ESTIMATORS[estimator]).fit(X_train, y_train),
        *(halves[place] for place in (0, 2, 1, 3)),
    )
