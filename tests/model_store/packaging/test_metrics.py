"""Metrics by hand, on a few rows."""

from math import log

import numpy as np
import pytest

from model_store.packaging.answers import Answers
from model_store.packaging.metrics import metrics_of


def test_a_regression_by_hand() -> None:
    found = metrics_of(np.array([0.0, 4.0]), Answers(values=np.array([1.0, 2.0])), ())
    assert found == {"mae": 1.5, "rmse": round(2.5**0.5, 6), "r2": 0.375}


def test_r2_of_one_row_is_not_defined() -> None:
    assert set(metrics_of(np.array([1.0]), Answers(values=np.array([1.0])), ())) == {"mae", "rmse"}


@pytest.mark.parametrize("labels", [("a", "b"), ("b", "a"), (True, False), (7, -3)])
def test_probabilities_are_read_in_the_models_order_of_labels(labels: tuple[str, str]) -> None:
    first, second = labels
    answers = Answers((first, second, second), np.array([[0.8, 0.2], [0.1, 0.9], [0.4, 0.6]]))
    found = metrics_of([first, second, first], answers, labels)
    loss = -(log(0.8) + log(0.9) + log(0.4)) / 3
    assert found == {
        "accuracy": round(2 / 3, 6),
        "balanced_accuracy": 0.75,
        "log_loss": round(loss, 6),
        "roc_auc": 1.0,
    }


def test_without_probabilities_only_labels_are_measured() -> None:
    found = metrics_of(["a", "b"], Answers(("a", "b")), ("a", "b"))
    assert found == {"accuracy": 1.0, "balanced_accuracy": 1.0}


@pytest.mark.filterwarnings("ignore:A single label")
def test_one_class_alone_has_no_roc() -> None:
    answers = Answers(("a",), np.array([[0.9, 0.1]]))
    assert "roc_auc" not in metrics_of(["a"], answers, ("a", "b"))
