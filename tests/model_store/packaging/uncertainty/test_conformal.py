"""The manifest's sets and intervals: what is declared, what is measured, what is refused."""

import re
from pathlib import Path
from typing import Any

import pytest
from sklearn.linear_model import LogisticRegression, RidgeClassifier

from model_store.artifact.folder import Artifact
from model_store.packaging import Model, Uncertainty, package
from model_store.packaging.errors import InvalidModel
from model_store.uncertainty.conformal import Conformal, Intervals, PredictionSets
from tests.model_store.packaging.birds import model_of
from tests.model_store.packaging.birds import pipeline as bird_pipeline
from tests.model_store.packaging.flights import delay, late

FAST = {"calibrate": "none", "false_alarms": None}


def asked(**changes: Any) -> Uncertainty:
    return Uncertainty.model_validate({**FAST, **changes})


def conformal_of(artifact: Artifact) -> Conformal:
    found = artifact.manifest.conformal
    assert found is not None
    return found


@pytest.mark.parametrize("score", ["lac", "aps"])
def test_every_declared_coverage_is_measured_on_rows_held_out(score: str, tmp_path: Path) -> None:
    model = late(uncertainty=asked(coverage=(0.8, 0.95), sets=score))
    found = conformal_of(package(model, tmp_path / "a"))
    assert isinstance(found, PredictionSets)
    assert (found.score, found.rows) == (score, 1000)
    small, large = found.levels
    assert (small.coverage, large.coverage) == (0.8, 0.95)
    assert small.observed is not None
    assert large.observed is not None
    assert pytest.approx(large.observed, abs=0.03) == 0.95
    assert small.observed >= 0.77
    assert 0 < (small.size or 0) < (large.size or 0) <= 2


def test_a_regression_has_intervals_in_its_own_unit(tmp_path: Path) -> None:
    found = conformal_of(package(delay(uncertainty=asked()), tmp_path / "a"))
    assert isinstance(found, Intervals)
    assert found.score == "residual"
    level = found.levels[0]
    assert level.coverage == 0.9
    assert level.size == pytest.approx(2 * level.quantiles[0])
    assert level.observed == pytest.approx(0.9, abs=0.05)


def test_per_class_there_is_a_quantile_for_each_label(tmp_path: Path) -> None:
    model = late(uncertainty=asked(class_conditional=True))
    found = conformal_of(package(model, tmp_path / "a"))
    assert isinstance(found, PredictionSets)
    assert found.class_conditional
    assert len(found.levels[0].quantiles) == 2


def test_by_default_too_few_rows_mean_no_sets_and_a_line_that_says_so(tmp_path: Path) -> None:
    told: list[str] = []
    model = late(held_out=40, uncertainty=asked())
    artifact = package(model, tmp_path / "a", progress=told.append)
    assert artifact.manifest.conformal is None
    line = next(line for line in told if line.startswith("no prediction sets"))
    assert line.endswith("0.9 needs 9 calibration rows, and there are 0")


def test_without_any_coverage_there_are_no_sets(tmp_path: Path) -> None:
    model = late(uncertainty=asked(coverage=()))
    assert package(model, tmp_path / "a").manifest.conformal is None


@pytest.mark.parametrize(
    ("model", "problem"),
    [
        (
            late(held_out=150, uncertainty=asked(coverage=(0.9, 0.99))),
            "0.99 needs 99 calibration rows, and there are 75",
        ),
        (
            late(held_out=80, uncertainty=asked(coverage=(0.97,), class_conditional=True)),
            "0.97 needs 33 calibration rows of class 'late', and there are ",
        ),
        (
            delay(held_out=60, uncertainty=asked(coverage=(0.98,))),
            "0.98 needs 49 calibration rows, and there are 30",
        ),
        (
            model_of(bird_pipeline(RidgeClassifier()), uncertainty=asked(coverage=(0.9,))),
            "needs a classifier with probabilities",
        ),
    ],
)
def test_a_coverage_that_was_asked_for_is_given_or_refused(
    model: Model, problem: str, tmp_path: Path
) -> None:
    with pytest.raises(InvalidModel, match=re.escape(problem)) as refusal:
        package(model, tmp_path / "a")
    assert "coverage" in refusal.value.where
    assert refusal.value.next_step


def test_penguins_are_told_apart_in_sets_of_about_one(tmp_path: Path) -> None:
    """Three classes, and a score in float32 as the graph gives it."""
    model = model_of(bird_pipeline(LogisticRegression(max_iter=1000)))
    level = conformal_of(package(model, tmp_path / "a")).levels[0]
    assert 0.8 <= (level.size or 0) <= 1.2
