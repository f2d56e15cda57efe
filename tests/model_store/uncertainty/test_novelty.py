"""Checks of single features against the baseline, together with the score."""

from typing import Any

import numpy as np
import pytest

from model_store.artifact.facts import FeatureSummary
from model_store.contract import Row
from model_store.uncertainty.novelty import Novelty, Usual, are_novel, strange_features

BASELINE = {
    "age": FeatureSummary(count=9, missing=0, quantiles={"0.01": 20.0, "0.99": 60.0}),
    "since": FeatureSummary(count=9, missing=0, quantiles={"0.01": 365.0, "0.99": 730.0}),
    "town": FeatureSummary(count=9, missing=0, frequencies={"Rome": 0.5, "Oslo": 0.5}),
    "member": FeatureSummary(count=9, missing=0, frequencies={"true": 1.0}),
    "note": FeatureSummary(count=9, missing=0),
}
USUAL: dict[str, Any] = {
    "age": 30, "since": "1971-06-01", "town": "Rome", "member": True, "note": "anything"
}  # fmt: skip


@pytest.mark.parametrize(
    ("changes", "strange"),
    [
        ({}, []),
        ({"age": 100.0}, []),
        ({"age": 100.5}, ["age"]),
        ({"age": -20.5}, ["age"]),
        ({"since": "1990-01-01"}, ["since"]),
        ({"town": "Paris"}, ["town"]),
        ({"member": False}, ["member"]),
        ({"age": None, "town": None}, []),
        ({"age": 500, "town": "Paris"}, ["age", "town"]),
        ({"height": 3.0}, []),
    ],
)
def test_values_far_outside_the_baseline_are_strange(
    changes: dict[str, Any], strange: list[str]
) -> None:
    """Far is a range's length beyond it; what is missing, or free text, is never strange."""
    row = Row({**USUAL, **changes})
    assert list(strange_features(BASELINE, row)) == strange
    assert Usual(BASELINE).is_strange(row) is bool(strange)


def test_a_row_is_novel_by_its_score_or_by_a_single_feature() -> None:
    novelty = Novelty(score="gaussian", threshold=2.0, false_alarms=0.01)
    rows = [Row(USUAL), Row(USUAL), Row({**USUAL, "town": "Paris"}), Row(USUAL)]
    found = are_novel(novelty, Usual(BASELINE), np.array([2.0, 2.1, 0.0, np.inf]), rows)
    assert found == [False, True, True, True]


def test_without_a_score_only_single_features_count() -> None:
    novelty = Novelty(score=None, false_alarms=0.01)
    found = are_novel(novelty, Usual(BASELINE), None, [Row(USUAL), Row({**USUAL, "age": 500})])
    assert found == [False, True]
