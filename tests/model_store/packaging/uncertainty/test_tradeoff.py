"""The risk-coverage curve is what the policy would do, threshold by threshold."""

from pathlib import Path

import numpy as np
import pytest

from model_store.artifact.folder import Artifact
from model_store.packaging import Model, Policy, Uncertainty, package
from model_store.packaging.data import read_data
from model_store.packaging.served import Served
from model_store.policy import Policy as StoredPolicy
from model_store.predictions import ModelPrediction
from tests.model_store.packaging.flights import delay, late

PLAIN = Uncertainty(calibrate="none", coverage=(), false_alarms=None)
COSTS = {"late": {"on time": 5.0}, "on time": {"late": 1.0}}


def packaged(policy: Policy, folder: Path) -> tuple[Model, Artifact]:
    model = late(uncertainty=PLAIN, policy=policy, calibration=late().train)
    return model, package(model, folder)


@pytest.mark.parametrize("policy", [Policy(), Policy(costs=COSTS)], ids=["plain", "costs"])
def test_every_point_is_what_that_threshold_answers(policy: Policy, tmp_path: Path) -> None:
    """Asked through `judge`, as it is served; the truth is that of the held-out rows."""
    model, artifact = packaged(policy, tmp_path / "a")
    held_out, curve = read_data(model).held_out, artifact.manifest.tradeoff
    assert 10 < len(curve) <= 41
    for point in curve:
        changed = StoredPolicy(costs=policy.costs, least_confidence=point.least_confidence)
        manifest = artifact.manifest.model_copy(update={"policy": changed})
        verdicts = Served(manifest, artifact.model).verdicts(held_out.rows)
        answered = [
            (verdict.value, truth)
            for verdict, truth in zip(verdicts, held_out.targets, strict=True)
            if isinstance(verdict, ModelPrediction)
        ]
        assert (point.rows, point.answered) == (2000, len(answered))
        assert point.right == sum(value == truth for value, truth in answered)
        if policy.costs is None:
            assert point.cost is None
        elif answered:
            paid = [0.0 if v == t else COSTS[t][v] for v, t in answered]
            assert point.cost == pytest.approx(np.mean(paid), abs=1e-4)


def test_the_curve_starts_with_every_row_and_falls(tmp_path: Path) -> None:
    _, artifact = packaged(Policy(), tmp_path / "a")
    curve = artifact.manifest.tradeoff
    assert (curve[0].least_confidence, curve[0].answered) == (0.0, 2000)
    thresholds = [point.least_confidence for point in curve]
    assert thresholds == sorted(set(thresholds))
    answered = [point.answered for point in curve]
    assert answered == sorted(answered, reverse=True)
    assert curve[0].right / curve[0].rows == pytest.approx(artifact.manifest.metrics["accuracy"])


def test_a_regression_has_none(tmp_path: Path) -> None:
    model = delay(uncertainty=PLAIN)
    assert package(model, tmp_path / "a").manifest.tradeoff == ()
