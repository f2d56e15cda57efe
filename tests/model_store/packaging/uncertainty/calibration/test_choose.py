"""Calibrated when that helps, left alone when not, and always with a reason in words."""

import re

import numpy as np
import pytest
from numpy.typing import NDArray

from model_store.packaging.errors import InvalidModel
from model_store.packaging.uncertainty.calibration.calibrators import fit
from model_store.packaging.uncertainty.calibration.choose import LEAST_ROWS, Choice, choose
from model_store.packaging.uncertainty.calibration.scores import scores_of
from tests.model_store.packaging.uncertainty.calibration.classifiers import classified

Rows = tuple[NDArray[np.int64], NDArray[np.float64]]
LOSSES = re.compile(r"log loss (\d\.\d{4}) → (\d\.\d{4})")


def drawn(rows: int, classes: int = 2, *, power: float = 1, seed: int = 0) -> Rows:
    """Truth drawn from known probabilities, which are then told `power` times too sharply."""
    random = np.random.default_rng(seed)
    known = random.dirichlet(np.ones(classes), rows)
    truth = (known.cumsum(axis=1) < random.random((rows, 1))).sum(axis=1)
    told = known**power
    return truth, told / told.sum(axis=1, keepdims=True)


def bent(rows: int, seed: int = 0) -> Rows:
    """Probabilities whose truth rises in two steps, which neither of the smooth curves can do."""
    random = np.random.default_rng(seed)
    told = random.random(rows)
    truth = (random.random(rows) < np.select([told < 0.3, told < 0.7], [0.02, 0.5], 0.98)) * 1
    return truth, np.column_stack([1 - told, told])


def shifted(rows: int) -> Rows:
    """Every second class is told too rarely, as after training on balanced classes."""
    truth, told = drawn(rows)
    odds = told * [4, 1]
    return truth, odds / odds.sum(axis=1, keepdims=True)


def method_of(choice: Choice) -> str | None:
    return choice.calibrator.method if choice.calibrator else None


@pytest.mark.parametrize("data", ["cancer", "digits"])
def test_naive_bayes_is_calibrated_and_better_on_untouched_rows(data: str) -> None:
    case = classified(data, "bayes")
    choice = choose(case.truth, case.given, case.labels)
    assert choice.calibrator is not None
    before, after = LOSSES.search(choice.reason).groups()
    assert float(after) < float(before)
    told = scores_of(case.truth_new, case.new)
    corrected = scores_of(case.truth_new, choice.calibrator.apply(case.new))
    assert corrected.log_loss < told.log_loss
    assert corrected.ece < told.ece


def test_logistic_regression_is_left_alone() -> None:
    case = classified("cancer", "linear")
    choice = choose(case.truth, case.given, case.labels)
    assert (choice.calibrator, choice.reason) == (None, "left alone: nothing improved")
    assert LOSSES.search(choice.tried["temperature"])


@pytest.mark.parametrize(("rows", "classes"), [(1200, 2), (400, 4)])
def test_a_model_that_is_calibrated_is_left_alone(rows: int, classes: int) -> None:
    """Nearly always: a rule of one standard error is now and then deceived by chance."""
    choices = [choose(*drawn(rows, classes, seed=seed), range(classes)) for seed in range(5)]
    assert sum(choice.calibrator is None for choice in choices) >= 4


def test_too_much_confidence_is_cooled() -> None:
    truth, told = drawn(600, power=3)
    choice = choose(truth, told, ("no", "yes"))
    assert method_of(choice) == "temperature"
    assert choice.calibrator == fit("temperature", truth, told)
    assert choice.reason.startswith("temperature: log loss ")


def test_a_wrong_base_rate_takes_a_sigmoid() -> None:
    assert method_of(choose(*shifted(800), ("no", "yes"))) == "sigmoid"


def test_a_bent_curve_takes_isotonic_regression_given_the_rows() -> None:
    assert method_of(choose(*bent(3000), (0, 1))) == "isotonic"
    few = choose(*bent(900), (0, 1))
    assert method_of(few) != "isotonic"
    assert few.tried["isotonic"] == "too few rows: 900, 1000 are needed"


def test_the_same_rows_give_the_same_choice() -> None:
    rows = drawn(300, 3, power=2)
    assert choose(*rows, "abc") == choose(*rows, "abc")


def test_too_few_rows_are_left_alone_with_the_number_needed() -> None:
    choice = choose(*drawn(40), ("no", "yes"))
    assert choice.calibrator is None
    assert choice.reason == "left alone: too few rows: 40, 100 are needed"
    assert set(choice.tried) == set(LEAST_ROWS)


def test_a_class_without_rows_is_named() -> None:
    truth, told = drawn(300)
    told = np.column_stack([told * 0.9, np.full(300, 0.1)])
    choice = choose(truth, told, ("a", "b", "rare"))
    assert choice.reason == "left alone: too few rows of class 'rare': 0, 2 are needed"
    with pytest.raises(InvalidModel, match="temperature: too few rows of class 'rare': 0"):
        choose(truth, told, ("a", "b", "rare"), "temperature")


def test_rows_without_a_mistake_make_nothing_certain() -> None:
    """The likeliest temperature would be 0: every answer given with certainty."""
    truth = np.arange(120) % 2
    told = np.where(truth[:, np.newaxis] == [0, 1], 0.8, 0.2)
    choice = choose(truth, told, ("no", "yes"))
    assert choice.calibrator is None
    assert "separates all 120 rows" in choice.reason
    with pytest.raises(InvalidModel, match=r"separates all 120 rows.*more calibration rows"):
        choose(truth, told, ("no", "yes"), "temperature")


def test_a_rare_class_has_its_rows_spread_over_fewer_folds() -> None:
    truth, told = drawn(400, power=3)
    told = np.column_stack([told * 0.98, np.full(400, 0.02)])
    truth[:3] = 2
    assert method_of(choose(truth, told, (1, 2, 3))) == "temperature"


@pytest.mark.parametrize("method", ["temperature", "sigmoid", "isotonic"])
def test_a_method_that_is_asked_for_is_fitted_whatever_the_comparison_says(method: str) -> None:
    truth, told = drawn(1200)
    choice = choose(truth, told, ("no", "yes"), method)
    assert method_of(choice) == method
    assert re.fullmatch(rf"{method}: log loss 0\.\d+ → 0\.\d+, as asked", choice.reason)
    assert set(choice.tried) == {method}


@pytest.mark.parametrize(
    ("method", "rows"), [("temperature", 99), ("sigmoid", 199), ("isotonic", 999)]
)
def test_a_method_that_is_asked_for_is_refused_with_too_few_rows(method: str, rows: int) -> None:
    needed = f"calibration: {method}: too few rows: {rows}, {rows + 1} are needed.*'auto'"
    with pytest.raises(InvalidModel, match=needed):
        choose(*drawn(rows), ("no", "yes"), method)


def test_calibration_can_be_declined() -> None:
    assert choose(*drawn(600, power=3), (0, 1), None) == Choice(None, "left alone, as asked")


def test_an_unknown_method_is_refused_with_those_there_are() -> None:
    with pytest.raises(InvalidModel, match=r"'beta' is no way to calibrate.*'isotonic'"):
        choose(*drawn(600), (0, 1), "beta")
