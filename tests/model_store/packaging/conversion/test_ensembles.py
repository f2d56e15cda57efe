"""Members that each begin with columns of their own take their share of those of all."""

from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.calibration import CalibratedClassifierCV
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import StackingClassifier, VotingClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from model_store.packaging.conversion.ensembles import as_vote, with_shared_columns

FRAME = pd.DataFrame(
    {
        "number": range(12),
        "a": np.linspace(-1, 1, 12),
        "b": [1.0, 4.0, 2.0] * 4,
        "c": list("uvw") * 4,
    }
)
TARGET = ["no", "no", "yes", "yes", "no", "yes"] * 2
TRANSFORMED: dict[str, Any] = {"c": OneHotEncoder(), "a": StandardScaler(), "b": "passthrough"}


def member(*names: str, **options: Any) -> Pipeline:
    columns = ColumnTransformer([(n, TRANSFORMED[n], [n]) for n in names], **options)
    return make_pipeline(columns, LogisticRegression())


def vote(*members: Any) -> VotingClassifier:
    named = [(str(place), one) for place, one in enumerate(members)]
    return VotingClassifier(named, voting="soft").fit(FRAME, TARGET)


def joined(columns: ColumnTransformer) -> np.ndarray[Any, Any]:
    """What the steps give side by side: scikit-learn does not fit such a ColumnTransformer."""
    parts = [
        FRAME[chosen] if step == "passthrough" else step.transform(FRAME[chosen])
        for _, step, chosen in columns.transformers_
    ]
    return np.hstack([part.toarray() if hasattr(part, "toarray") else part for part in parts])


def test_the_columns_of_all_come_first_and_each_member_takes_its_own() -> None:
    voting = vote(member("a", "c"), member("b", "a"))
    shared = with_shared_columns(voting)
    matrix = joined(shared[0])
    assert matrix.shape == (12, 6)
    np.testing.assert_allclose(shared[1].predict_proba(matrix), voting.predict_proba(FRAME))
    assert voting.estimators_[0][0].transformers_[0][0] == "a", "the ensemble is as it was"


def test_folds_that_were_calibrated_are_a_vote_of_them() -> None:
    calibrated = CalibratedClassifierCV(member("a", "b"), cv=3).fit(FRAME, TARGET)
    voting = as_vote(calibrated)
    assert len(voting.estimators_) == len(calibrated.calibrated_classifiers_) == 3
    np.testing.assert_allclose(voting.predict_proba(FRAME), calibrated.predict_proba(FRAME))
    assert voting.predict(FRAME).tolist() == calibrated.predict(FRAME).tolist()


def stack() -> StackingClassifier:
    named = [("a", member("a")), ("b", member("b"))]
    return StackingClassifier(named, cv=2, passthrough=True).fit(FRAME[["a", "b"]], TARGET)


def numbers() -> VotingClassifier:
    voters = [("a", member("a")), ("all", LogisticRegression())]
    return VotingClassifier(voters).fit(FRAME[["a", "b"]], TARGET)


def weighted() -> VotingClassifier:
    return vote(member("a"), member("b", transformer_weights={"b": 2.0}))


@pytest.mark.parametrize("make", [stack, numbers, weighted])
def test_what_takes_more_than_shares_of_columns_stays_as_it_is(make: Any) -> None:
    ensemble = make()
    assert with_shared_columns(ensemble) is ensemble
