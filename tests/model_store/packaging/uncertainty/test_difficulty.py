"""Intervals that are wide where the model errs, by a number that the graph gives."""

from pathlib import Path

import numpy as np
import pytest

from model_store.artifact.folder import Artifact
from model_store.packaging import Uncertainty, package
from model_store.packaging.data import read_data
from model_store.packaging.errors import InvalidModel
from model_store.packaging.served import Served
from model_store.uncertainty.conformal import Intervals
from tests.model_store.packaging.flights import delay, late

SCALED = Uncertainty(intervals="scaled", coverage=(0.8, 0.9), false_alarms=None)


@pytest.fixture(scope="module")
def artifact(tmp_path_factory: pytest.TempPathFactory) -> Artifact:
    folder = tmp_path_factory.mktemp("artifacts") / "delay"
    return package(delay(held_out=2000, uncertainty=SCALED), folder)


def test_scaled_intervals_cover_what_they_must(artifact: Artifact) -> None:
    found = artifact.manifest.conformal
    assert isinstance(found, Intervals)
    assert (found.score, found.rows) == ("scaled_residual", 500)
    for level in found.levels:
        assert level.observed == pytest.approx(level.coverage, abs=0.06)


def test_hard_rows_have_wider_intervals_and_larger_errors(artifact: Artifact) -> None:
    held_out = read_data(delay(held_out=2000)).held_out
    outputs = Served(artifact.manifest, artifact.model).outputs(held_out.rows)
    assert outputs.difficulty is not None
    assert outputs.values is not None
    assert outputs.difficulty.min() > 0
    errors = np.abs(np.asarray(held_out.targets, dtype=float) - outputs.values)
    order = outputs.difficulty.argsort()
    easy, hard = errors[order[:500]], errors[order[-500:]]
    assert hard.mean() > 1.3 * easy.mean()


def test_the_value_is_what_it_is_without_it(artifact: Artifact, tmp_path: Path) -> None:
    plain = package(delay(uncertainty=Uncertainty(false_alarms=None)), tmp_path / "plain")
    rows = read_data(delay()).held_out.rows
    ours, theirs = (Served(a.manifest, a.model).outputs(rows).values for a in (artifact, plain))
    np.testing.assert_array_equal(ours, theirs)


def test_too_few_rows_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidModel, match="needs 100 calibration rows"):
        package(delay(held_out=150, uncertainty=SCALED), tmp_path / "a")


def test_a_classifier_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidModel, match="is for regressions"):
        package(late(uncertainty=SCALED), tmp_path / "a")
