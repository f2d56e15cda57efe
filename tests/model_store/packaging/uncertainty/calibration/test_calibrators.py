"""Calibrators equal scikit-learn's own, and independent fits of the same likelihood."""

from typing import Any, get_args

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.optimize import minimize_scalar
from scipy.special import log_softmax, logit
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.calibration import CalibratedClassifierCV
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import LogisticRegression

from model_store.packaging.uncertainty.calibration.calibrators import (
    EPSILON,
    Calibrator,
    Curve,
    Isotonic,
    Method,
    Sigmoid,
    Temperature,
    fit,
)
from model_store.packaging.uncertainty.calibration.scores import scores_of
from tests.model_store.packaging.uncertainty.calibration import strategies
from tests.model_store.packaging.uncertainty.calibration.classifiers import (
    CASES,
    DATA,
    Classified,
    classified,
)

METHODS: tuple[Method, ...] = get_args(Method)
Floats = NDArray[np.float64]


class Decisions(ClassifierMixin, BaseEstimator):
    """Another classifier's probabilities as logits, which `method` is defined on."""

    def __init__(self, inner: Any, method: Method) -> None:
        self.inner, self.method = inner, method
        self.classes_ = inner.classes_

    def fit(self, X: Floats, y: Floats) -> "Decisions":
        return self

    def predict(self, X: Floats) -> Floats:
        return np.asarray(self.inner.predict(X))

    def decision_function(self, X: Floats) -> Floats:
        found = self.inner.predict_proba(X)
        if self.method == "sigmoid":
            decisions = logit(np.clip(found, EPSILON, 1 - EPSILON))
            return np.asarray(decisions[:, 1] if found.shape[1] == 2 else decisions)
        logs = np.log(np.clip(found, EPSILON, 1))
        return np.asarray((logs[:, 1] - logs[:, 0]) / 2 if found.shape[1] == 2 else logs)


def scikit_learns(case: Classified, method: Method) -> Floats:
    """Isotonic regression of the estimator's probabilities; the others of their logits."""
    inner = case.estimator if method == "isotonic" else Decisions(case.estimator, method)
    model = CalibratedClassifierCV(FrozenEstimator(inner), method=method)
    return np.asarray(model.fit(case.X, case.truth).predict_proba(case.X_new))


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("estimator", ["bayes", "forest"])
@pytest.mark.parametrize("data", DATA)
def test_equal_to_scikit_learns_own(data: str, estimator: str, method: Method) -> None:
    """Both estimators have no decision_function, which scikit-learn would prefer."""
    case = classified(data, estimator)
    ours = fit(method, case.truth, case.given).apply(case.new)
    np.testing.assert_allclose(ours, scikit_learns(case, method), rtol=0, atol=1e-9)


@pytest.mark.parametrize(("data", "estimator"), CASES)
def test_the_temperature_is_the_likeliest(data: str, estimator: str) -> None:
    """Against a search of our own in the log of the temperature (Guo et al. 2017)."""
    case = classified(data, estimator)
    logs = np.log(case.given.clip(EPSILON, 1))
    rows = np.arange(len(case.truth))

    def loss(log_temperature: float) -> float:
        return float(-log_softmax(logs / np.exp(log_temperature), axis=1)[rows, case.truth].mean())

    found = fit("temperature", case.truth, case.given)
    assert isinstance(found, Temperature)
    best = minimize_scalar(loss, bounds=(-5, 5), method="bounded", options={"xatol": 1e-9})
    assert found.temperature == pytest.approx(np.exp(best.x), rel=1e-4)


@pytest.mark.parametrize("estimator", ["linear", "bayes", "forest"])
def test_the_sigmoid_is_a_logistic_regression_on_platts_targets(estimator: str) -> None:
    """Every row twice, as right and as wrong, weighted by Platt's (1999) smoothed targets."""
    case = classified("cancer", estimator)
    clipped = case.given[:, 1].clip(EPSILON, 1 - EPSILON)
    logits = np.log(clipped / (1 - clipped))
    ones, zeros = (case.truth == 1).sum(), (case.truth == 0).sum()
    target = np.where(case.truth == 1, (ones + 1) / (ones + 2), 1 / (zeros + 2))
    regression = LogisticRegression(C=np.inf, tol=1e-10, max_iter=10_000).fit(
        np.tile(logits, 2)[:, np.newaxis],
        np.repeat([1, 0], len(logits)),
        sample_weight=np.concatenate([target, 1 - target]),
    )
    found = fit("sigmoid", case.truth, case.given)
    assert isinstance(found, Sigmoid)
    assert found.slopes == pytest.approx(regression.coef_[0], rel=1e-3)
    assert found.intercepts == pytest.approx(regression.intercept_, rel=1e-3, abs=1e-3)


def test_isotonic_regression_by_hand() -> None:
    """The second and third row are in the wrong order and share their mean."""
    p = np.array([0.1, 0.3, 0.4, 0.8])
    found = fit("isotonic", np.array([0, 1, 0, 1]), np.column_stack([1 - p, p]))
    assert found == Isotonic((Curve((0.1, 0.3, 0.4, 0.8), (0.0, 0.5, 0.5, 1.0)),))
    asked = np.array([0.0, 0.2, 0.35, 0.6, 1.0])
    answers = found.apply(np.column_stack([1 - asked, asked]))
    assert answers[:, 1].tolist() == pytest.approx([0, 0.25, 0.5, 0.75, 1])


def test_a_row_that_every_curve_gives_zero_is_shared_out_evenly() -> None:
    nothing = Isotonic((Curve((0.0, 1.0), (0.0, 0.0)),) * 4)
    assert nothing.apply(np.full((1, 4), 0.25)).tolist() == [[0.25] * 4]


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("data", ["cancer", "digits"])
def test_calibrating_naive_bayes_helps_on_untouched_rows(data: str, method: Method) -> None:
    """Naive Bayes counts correlated features as independent evidence: it is far too sure."""
    case = classified(data, "bayes")
    before = scores_of(case.truth_new, case.new)
    after = scores_of(case.truth_new, fit(method, case.truth, case.given).apply(case.new))
    assert after.brier < before.brier
    assert after.ece < before.ece
    assert after.log_loss < before.log_loss


@given(strategies.CASES)
def test_what_comes_out_are_probabilities(case: tuple[Calibrator, Floats]) -> None:
    calibrator, probabilities = case
    found = calibrator.apply(probabilities)
    assert ((found >= 0) & (found <= 1)).all()
    np.testing.assert_allclose(found.sum(axis=1), 1, rtol=0, atol=1e-12)


@given(strategies.probabilities(classes=4), st.floats(0.01, 1000))
def test_a_temperature_never_changes_the_most_probable_class(
    probabilities: Floats, temperature: float
) -> None:
    found = Temperature(temperature).apply(probabilities)
    chosen = np.take_along_axis(found, probabilities.argmax(axis=1)[:, np.newaxis], axis=1)
    assert (chosen[:, 0] == found.max(axis=1)).all()


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("answers", [[[1.0, 0.0]], [[0.5, 0.5]], [[1.0, 0.0], [0.0, 1.0]]])
def test_answers_without_any_doubt_or_difference_are_fitted(
    method: Method, answers: list[list[float]]
) -> None:
    given = np.array(answers * (20 // len(answers)))
    truth = np.array([0, 0, 0, 1] * 5)
    found = fit(method, truth, given).apply(given)
    assert ((found >= 0) & (found <= 1)).all()
    np.testing.assert_allclose(found.sum(axis=1), 1, rtol=0, atol=1e-12)


def test_a_temperature_of_one_changes_nothing() -> None:
    probabilities = np.random.default_rng(0).dirichlet([2, 2, 2], 50)
    np.testing.assert_allclose(Temperature(1).apply(probabilities), probabilities, atol=1e-12)
