"""What the graph decides is what scikit-learn and numpy decide, on every held-out row."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from sklearn.base import clone

from model_store.artifact.folder import Artifact
from model_store.decision import Verdict
from model_store.packaging import Model, Policy, Uncertainty, package, prepare
from model_store.packaging.conversion.beside import Columns
from model_store.packaging.data import read_data, truth_of
from model_store.packaging.frames import frame_of
from model_store.packaging.served import Graph, Served
from model_store.packaging.uncertainty.calibration.calibrators import fit
from model_store.packaging.uncertainty.novelty import gaussian_of
from model_store.packaging.uncertainty.split import Splits, split
from model_store.predictions import AbstainPrediction, ModelPrediction, Reason
from model_store.uncertainty.novelty import strange_features
from model_store.uncertainty.scores import quantile
from tests.model_store.packaging.flights import NUMBERS, STRINGS, delay, late

POLICY = Policy(least_confidence=0.75, ambiguous="review", novel="review", message="Ask again.")


@dataclass(frozen=True)
class Packaged:
    """An artifact, the estimator that it came from, and the same split of the same rows."""

    model: Model
    artifact: Artifact
    estimator: Any
    splits: Splits

    @classmethod
    def of(cls, model: Model, folder: Path) -> "Packaged":
        artifact = package(model, folder)
        assert model.estimator is not None
        assert model.train is not None
        X, y = model.train
        estimator = clone(model.estimator).fit(prepare(model.contract, X), y)
        return cls(model, artifact, estimator, split(model, _graph(artifact), read_data(model)))

    def verdicts(self) -> list[Verdict]:
        return Served(self.artifact.manifest, self.artifact.model).verdicts(
            self.splits.held_out.rows
        )

    def novel(self) -> NDArray[np.bool_]:
        """By scikit-learn's score of a Gaussian fitted on the training rows."""
        data, manifest = read_data(self.model), self.artifact.manifest
        assert manifest.novelty is not None
        columns = Columns(tuple(NUMBERS), tuple(STRINGS))
        gaussian = gaussian_of(manifest.contract, columns, data.train.rows)
        usual, found = (
            -gaussian.estimator.score_samples(frame_of(manifest.contract, rows))
            for rows in (self.splits.calibration.rows, self.splits.held_out.rows)
        )
        strange = [any(strange_features(manifest.baseline, r)) for r in self.splits.held_out.rows]
        threshold = quantile(usual, 1 - manifest.novelty.false_alarms)
        return np.asarray((found > threshold) | np.array(strange))


def _graph(artifact: Artifact) -> Graph:
    manifest = artifact.manifest
    return Graph(artifact.model, manifest.task, manifest.inputs, manifest.outputs, manifest.labels)


def test_a_classifiers_decisions(tmp_path: Path) -> None:
    """Calibrated by Platt's sigmoid, with sets, novelty, abstention and review."""
    model = late(policy=POLICY, uncertainty=Uncertainty(calibrate="sigmoid", false_alarms=0.05))
    found = Packaged.of(model, tmp_path / "late")
    splits, contract = found.splits, found.model.contract
    graph = _graph(found.artifact)

    def shares(rows: Any) -> NDArray[np.float64]:
        return np.asarray(found.estimator.predict_proba(frame_of(contract, rows)))

    calibrator = fit("sigmoid", truth_of(graph, splits.fitted), shares(splits.fitted.rows))
    usual = calibrator.apply(shares(splits.conformal.rows))
    own = 1 - usual[np.arange(len(usual)), truth_of(graph, splits.conformal)]
    least = 1 - quantile(own, 0.9)
    rows = zip(calibrator.apply(shares(splits.held_out.rows)), found.novel(), strict=True)
    expected = [_decided(found.estimator.classes_, row, least, novel) for row, novel in rows]
    verdicts = [_told(verdict) for verdict in found.verdicts()]
    assert verdicts == expected
    reasons = {reason for _, _, doubts, _ in expected for reason in doubts}
    assert reasons >= {Reason.LOW_CONFIDENCE, Reason.NOVEL}
    assert {"model", "abstain"} == {decision for decision, *_ in expected}


Told = tuple[str, Any, tuple[Reason, ...], tuple[Any, ...]]
"""decision, value, doubts or the reason, prediction set"""


def _decided(classes: Any, shares: NDArray[np.float64], least: float, novel: bool) -> Told:
    inside = tuple(label for label, share in zip(classes, shares, strict=True) if share >= least)
    doubts = [Reason.NOVEL] if novel else []
    if shares.max() < 0.75:
        return "abstain", None, (Reason.LOW_CONFIDENCE,), inside
    if len(inside) != 1:
        doubts.append(Reason.AMBIGUOUS if inside else Reason.NO_LABEL_FITS)
    return "model", classes[shares.argmax()], tuple(doubts), inside


def _told(verdict: Verdict) -> Told:
    assert isinstance(verdict, ModelPrediction | AbstainPrediction)
    assert verdict.prediction_set is not None
    labels = verdict.prediction_set.labels
    if isinstance(verdict, AbstainPrediction):
        return "abstain", None, (verdict.reason,), labels
    assert verdict.needs_review == bool(verdict.doubts)
    return "model", verdict.value, verdict.doubts, labels


def test_a_regressions_decisions(tmp_path: Path) -> None:
    """Intervals of plain residuals, and too wide ones never given."""
    model = delay(policy=Policy(ambiguous="abstain", widest=1000.0, novel="review"))
    found = Packaged.of(model, tmp_path / "delay")
    contract = found.model.contract
    usual, values = (
        found.estimator.predict(frame_of(contract, sample.rows))
        for sample in (found.splits.conformal, found.splits.held_out)
    )
    reach = quantile(np.abs(usual - np.array(found.splits.conformal.targets, dtype=float)), 0.9)
    for verdict, value, novel in zip(found.verdicts(), values, found.novel(), strict=True):
        assert isinstance(verdict, ModelPrediction)
        assert verdict.interval is not None
        assert verdict.value == pytest.approx(value, abs=1e-3)
        assert verdict.interval.low == pytest.approx(value - reach, abs=1e-3)
        assert verdict.interval.high == pytest.approx(value + reach, abs=1e-3)
        assert verdict.doubts == ((Reason.NOVEL,) if novel else ())


def test_an_interval_wider_than_the_policy_takes_is_an_abstention(tmp_path: Path) -> None:
    model = delay(
        policy=Policy(ambiguous="abstain", widest=70.0),
        uncertainty=Uncertainty(intervals="scaled"),
    )
    found = Packaged.of(model, tmp_path / "delay")
    kinds = {verdict.decision for verdict in map(_known, found.verdicts())}
    assert kinds == {"model", "abstain"}
    for verdict in map(_known, found.verdicts()):
        assert verdict.interval is not None
        wide = verdict.interval.high - verdict.interval.low > 70
        assert (verdict.decision == "abstain") == wide


def _known(verdict: Verdict) -> ModelPrediction | AbstainPrediction:
    assert isinstance(verdict, ModelPrediction | AbstainPrediction)
    return verdict
