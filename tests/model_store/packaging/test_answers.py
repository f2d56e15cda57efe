"""What an estimator itself answers, in the terms of the manifest."""

from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.cluster import KMeans
from sklearn.linear_model import LinearRegression, LogisticRegression, RidgeClassifier
from sklearn.multioutput import MultiOutputClassifier
from sklearn.preprocessing import StandardScaler
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

from model_store.packaging.answers import (
    Answers,
    answers_of,
    labels_of,
    plain_labels,
    task_of,
)
from model_store.packaging.errors import InvalidModel

FRAME = pd.DataFrame({"a": [0.0, 1.0, 2.0, 3.0], "b": [1.0, 0.0, 1.0, 0.0]})
TWO = ["no", "no", "yes", "yes"]


def test_a_classifier_answers_labels_and_probabilities_in_the_order_of_its_classes() -> None:
    model = LogisticRegression().fit(FRAME, TWO)
    found = answers_of(model, FRAME)
    assert (found.labels, found.values, len(found)) == (tuple(TWO), None, 4)
    np.testing.assert_array_equal(found.probabilities, model.predict_proba(FRAME))
    assert labels_of(model) == ("no", "yes")


def test_a_classifier_without_probabilities_answers_labels_alone() -> None:
    assert answers_of(RidgeClassifier().fit(FRAME, TWO), FRAME).probabilities is None


def test_a_regressor_answers_one_value_per_row_whatever_shape_it_was_fitted_on() -> None:
    found = answers_of(LinearRegression().fit(FRAME, [[0.0], [1.0], [2.0], [3.0]]), FRAME)
    assert found.values is not None
    assert (found.values.shape, len(found)) == ((4,), 4)
    assert found.labels == ()


@pytest.mark.parametrize(
    ("estimator", "target", "task"),
    [
        (LogisticRegression(), TWO, "binary"),
        (LogisticRegression(), [1, 2, 3, 3], "multiclass"),
        (DecisionTreeRegressor(), [1.0, 2.0, 3.0, 3.0], "regression"),
    ],
)
def test_the_task_is_what_the_estimator_was_fitted_for(
    estimator: Any, target: list[Any], task: str
) -> None:
    assert task_of(estimator.fit(FRAME, target)) == task


PAIRS = list(zip(TWO, TWO, strict=True))


@pytest.mark.parametrize(
    "estimator",
    [
        MultiOutputClassifier(LogisticRegression()).fit(FRAME, PAIRS),
        DecisionTreeClassifier().fit(FRAME, PAIRS),
        DecisionTreeRegressor().fit(FRAME, [[1, 2]] * 4),
        KMeans(2, n_init=1).fit(FRAME),
        StandardScaler().fit(FRAME),
    ],
    ids=lambda estimator: type(estimator).__name__,
)
def test_what_does_not_predict_one_target_is_refused_by_name(estimator: Any) -> None:
    with pytest.raises(InvalidModel, match=f"^{type(estimator).__name__}: .*one model per target"):
        task_of(estimator)


@pytest.mark.parametrize(
    ("labels", "plain"),
    [
        (np.array([1, 0]), (1, 0)),
        (np.array([1.0, 0.0]), (1, 0)),
        (np.array([True, False]), (True, False)),
        (np.array(["a", "b"]), ("a", "b")),
        (np.array(["a", 2, True], dtype=object), ("a", 2, True)),
        ([np.int64(3), np.float32(4), np.bool_(True)], (3, 4, True)),
    ],
)
def test_labels_become_what_json_has(labels: Any, plain: tuple[Any, ...]) -> None:
    found = plain_labels(labels)
    assert [(type(x), x) for x in found] == [(type(x), x) for x in plain]


@pytest.mark.parametrize("label", [0.5, None, b"a", float("nan")])
def test_a_class_that_json_cannot_name_is_refused(label: object) -> None:
    with pytest.raises(InvalidModel, match="Use strings, integers or booleans"):
        plain_labels(["a", label])


def test_no_answers_are_none() -> None:
    assert len(Answers(values=np.array([]))) == len(Answers()) == 0
