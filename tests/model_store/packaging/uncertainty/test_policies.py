"""A policy that names what the model has not is refused in words, before anything is written."""

import re
from pathlib import Path

import pytest
from sklearn.linear_model import RidgeClassifier

from model_store.packaging import Model, Policy, Uncertainty, package
from model_store.packaging.errors import InvalidModel
from tests.model_store.packaging.flights import delay, late, pipeline

NOTHING = Uncertainty(calibrate="none", coverage=(), false_alarms=None)


def without_shares(policy: Policy) -> Model:
    return late(estimator=pipeline(RidgeClassifier()), policy=policy)


@pytest.mark.parametrize(
    ("model", "problem"),
    [
        (
            delay(policy=Policy(least_confidence=0.8)),
            "has least_confidence, and a regression has no confidence",
        ),
        (
            delay(policy=Policy(least_confidence={"late": 0.8})),
            "names the label 'late', and a regression has none",
        ),
        (
            delay(policy=Policy(ambiguous="abstain")),
            "acts on what is ambiguous, and does not say how wide is too wide",
        ),
        (
            late(policy=Policy(widest=3.0, ambiguous="abstain")),
            "has widest, and only a regression has intervals",
        ),
        (
            late(policy=Policy(least_confidence={"latte": 0.8})),
            "names the label 'latte', which the model lacks (did you mean 'late'?)",
        ),
        (
            late(policy=Policy(costs={"late": {"in time": 5.0}})),
            "names the label 'in time', which the model lacks (did you mean 'on time'?)",
        ),
        (
            without_shares(Policy(least_confidence=0.8)),
            "has least_confidence, and the model gives no probabilities",
        ),
        (
            without_shares(Policy(costs={"late": {"on time": 5.0}})),
            "has costs, and the model gives no probabilities",
        ),
        (
            late(policy=Policy(ambiguous="review"), uncertainty=NOTHING),
            "acts on what is ambiguous, and there are neither prediction sets nor intervals",
        ),
        (
            late(policy=Policy(novel="abstain"), uncertainty=NOTHING),
            "acts on novel rows, and nothing tells them",
        ),
        (
            late(policy=Policy(novel="fallback"), fallback=None),
            "the policy sends rows to a fallback, and none is declared",
        ),
    ],
)
def test_it_is_refused(model: Model, problem: str, tmp_path: Path) -> None:
    with pytest.raises(InvalidModel, match=re.escape(problem)) as refusal:
        package(model, tmp_path / "a")
    assert refusal.value.next_step
    assert not (tmp_path / "a").exists()


def test_everything_that_is_wrong_is_told_at_once(tmp_path: Path) -> None:
    policy = Policy(least_confidence={"latte": 0.8}, widest=3.0)
    with pytest.raises(InvalidModel, match=r"'latte'.*; has widest"):
        package(late(policy=policy), tmp_path / "a")
