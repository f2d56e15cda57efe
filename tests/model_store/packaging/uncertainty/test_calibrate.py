"""Calibration improves a model's probabilities on rows that nobody has seen, or leaves it alone."""

from pathlib import Path

import pytest
from sklearn.linear_model import LogisticRegression, RidgeClassifier

from model_store.artifact.facts import Calibration
from model_store.artifact.folder import Artifact
from model_store.packaging import Model, Uncertainty, package
from model_store.packaging.errors import InvalidModel
from tests.model_store.packaging.birds import model_of
from tests.model_store.packaging.birds import pipeline as bird_pipeline
from tests.model_store.packaging.flights import late, pipeline

WITHOUT_SHARES = bird_pipeline(RidgeClassifier())


@pytest.fixture(scope="module")
def bayes(tmp_path_factory: pytest.TempPathFactory) -> Artifact:
    return package(late(held_out=4000), tmp_path_factory.mktemp("artifacts") / "late")


def calibration_of(artifact: Artifact) -> Calibration:
    found = artifact.manifest.calibration
    assert found is not None
    return found


def test_a_model_that_is_too_sure_is_calibrated_and_better_for_it(bayes: Artifact) -> None:
    found = calibration_of(bayes)
    assert found.method != "none"
    assert found.rows == 1000
    assert found.before is not None
    assert found.after is not None
    assert found.after.log_loss < found.before.log_loss - 0.05
    assert found.after.brier < found.before.brier
    assert found.after.ece < found.before.ece / 2
    assert sum(bin_.rows for bin_ in found.after.reliability) == 2000


def test_what_is_served_is_what_was_measured(bayes: Artifact) -> None:
    found = calibration_of(bayes)
    assert found.after is not None
    assert bayes.manifest.metrics["log_loss"] == found.after.log_loss
    assert bayes.manifest.outputs.probabilities == "calibrated"


def test_a_model_that_is_calibrated_already_is_left_alone(tmp_path: Path) -> None:
    model = late(estimator=pipeline(LogisticRegression(max_iter=1000)))
    found = calibration_of(package(model, tmp_path / "a"))
    assert (found.method, found.labels_changed) == ("none", 0)
    assert found.reason.startswith("left alone: ")
    assert found.before == found.after is not None


def test_with_few_rows_a_model_is_left_alone_and_told_why(tmp_path: Path) -> None:
    found = calibration_of(package(late(held_out=200), tmp_path / "a"))
    assert found.method == "none"
    assert found.reason == "left alone: too few calibration rows: 100, 200 are needed"


def test_none_leaves_it_alone(tmp_path: Path) -> None:
    model = late(uncertainty=Uncertainty(calibrate="none"))
    found = calibration_of(package(model, tmp_path / "a"))
    assert (found.method, found.reason) == ("none", "left alone, as asked")


def test_a_temperature_never_changes_a_label(tmp_path: Path) -> None:
    model = late(uncertainty=Uncertainty(calibrate="temperature"))
    artifact = package(model, tmp_path / "a")
    found = calibration_of(artifact)
    assert (found.method, found.labels_changed) == ("temperature", 0)
    assert artifact.manifest.outputs.label == "label"


def test_labels_that_calibration_changes_are_counted(tmp_path: Path) -> None:
    model = late(uncertainty=Uncertainty(calibrate="isotonic"), held_out=4000)
    artifact = package(model, tmp_path / "a")
    assert calibration_of(artifact).labels_changed > 0
    assert artifact.manifest.outputs.label is None


@pytest.mark.parametrize(
    ("model", "problem"),
    [
        (late(held_out=300, uncertainty=Uncertainty(calibrate="isotonic")), "too few rows: 75"),
        (
            model_of(WITHOUT_SHARES, uncertainty=Uncertainty(calibrate="temperature")),
            "needs a classifier with probabilities",
        ),
    ],
)
def test_a_method_that_is_asked_for_and_cannot_be_had_is_refused(
    model: Model, problem: str, tmp_path: Path
) -> None:
    with pytest.raises(InvalidModel, match=problem):
        package(model, tmp_path / "a")


def test_a_classifier_without_probabilities_has_no_calibration(tmp_path: Path) -> None:
    artifact = package(model_of(WITHOUT_SHARES), tmp_path / "a")
    assert artifact.manifest.calibration is None
    assert artifact.manifest.conformal is None
    assert artifact.manifest.tradeoff == ()
