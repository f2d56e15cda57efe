"""Models of numbers alone, on the data sets of scikit-learn."""

from typing import Any

import pandas as pd
from sklearn.datasets import load_breast_cancer, load_diabetes
from sklearn.model_selection import train_test_split

from model_store.contract import Contract
from model_store.contract.features import Number
from model_store.packaging import Constant, Model


def numeric_contract(frame: pd.DataFrame) -> Contract:
    features = tuple(Number(name=name) for name in frame.columns)
    return Contract(name="measures", version="1.0", features=features)


def cancer(estimator: Any, labels: Any = ("malignant", "benign"), **changes: Any) -> Model:
    frame, target = load_breast_cancer(return_X_y=True, as_frame=True)
    frame.columns = frame.columns.str.replace(" ", "_")
    target = target.map(dict(enumerate(labels)))
    return _model("cancer", estimator, frame, target, test_size=0.4, **changes)


def diabetes(estimator: Any) -> Model:
    frame, target = load_diabetes(return_X_y=True, as_frame=True, scaled=False)
    fallback = Constant(value=140.5)
    return _model("diabetes", estimator, frame, target, test_size=0.25, fallback=fallback)


def _model(
    name: str, estimator: Any, frame: pd.DataFrame, target: Any, test_size: float, **more: Any
) -> Model:
    x, x_test, y, y_test = train_test_split(frame, target, random_state=0, test_size=test_size)
    return Model(
        name=name,
        version="1",
        contract=numeric_contract(frame),
        estimator=estimator,
        train=(x, y),
        held_out=(x_test, y_test),
        **more,
    )
