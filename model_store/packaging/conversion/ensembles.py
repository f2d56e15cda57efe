"""Ensembles whose members each begin with columns of their own: skl2onnx gives all one matrix.

The columns of all become one step before the ensemble, and each member takes its share of them.
"""

import copy
from collections.abc import Sequence
from itertools import accumulate, pairwise
from typing import Any

import numpy as np
from sklearn.calibration import CalibratedClassifierCV
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import VotingClassifier
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import LabelEncoder

from model_store.packaging.columns import by_names


def with_shared_columns(ensemble: Any) -> Any:
    """The same ensemble behind the columns of its members, or as it is if one has none."""
    members = ensemble.estimators_
    if not all(map(_begins_with_columns, members)) or getattr(ensemble, "passthrough", False):
        return ensemble
    entrances = [member.steps[0][1] for member in members]
    taking = copy.copy(ensemble)
    taking.estimators_ = [
        Pipeline([("share", share), *member.steps[1:]])
        for share, member in zip(_shares(entrances), members, strict=True)
    ]
    return Pipeline([("columns", _side_by_side(entrances)), ("ensemble", taking)])


def as_vote(calibrated: CalibratedClassifierCV) -> VotingClassifier:
    """One calibrated classifier per fold, whose probabilities it averages."""
    vote = VotingClassifier([], voting="soft", flatten_transform=False)
    vote.classes_ = calibrated.classes_
    vote.le_ = LabelEncoder().fit(calibrated.classes_)
    vote.estimators_ = [copy.copy(calibrated) for _ in calibrated.calibrated_classifiers_]
    for member, fold in zip(vote.estimators_, calibrated.calibrated_classifiers_, strict=True):
        member.calibrated_classifiers_ = [fold]
    return vote


def _begins_with_columns(member: Any) -> bool:
    match member:
        case Pipeline(steps=[(_, ColumnTransformer(transformer_weights=None) as columns), *_]):
            return hasattr(columns, "feature_names_in_")
    return False


def _side_by_side(entrances: Sequence[ColumnTransformer]) -> ColumnTransformer:
    columns = ColumnTransformer([])
    columns.transformers_ = [
        (f"{place}_{name}", step, chosen)
        for place, entrance in enumerate(entrances)
        for name, step, chosen in by_names(entrance).transformers_
    ]
    return columns


def _shares(entrances: Sequence[ColumnTransformer]) -> list[ColumnTransformer]:
    """For each, what it gives, out of what all of them give."""
    widths = (max(part.stop for part in each.output_indices_.values()) for each in entrances)
    edges = list(accumulate(widths, initial=0))
    row = np.zeros((1, edges[-1]))
    return [
        ColumnTransformer([("share", "passthrough", slice(first, end))]).fit(row)
        for first, end in pairwise(edges)
    ]
