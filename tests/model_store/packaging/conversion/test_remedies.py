"""Which ways of converting are worth trying for which estimator."""

from typing import Any

import pytest
from sklearn.ensemble import (
    ExtraTreesClassifier,
    GradientBoostingRegressor,
    HistGradientBoostingClassifier,
    RandomForestClassifier,
    RandomForestRegressor,
)
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.tree import DecisionTreeClassifier

from model_store.packaging.conversion.remedies import (
    CAST_BEFORE_MODEL,
    DOUBLE,
    EXACT_VOTES,
    PLAIN,
    SPLIT_SUMS,
    final_estimator,
    is_tree_model,
    remedies_for,
)


class LGBMRegressor:
    """As LightGBM calls it, which need not be installed."""


@pytest.mark.parametrize(
    ("estimator", "last"),
    [
        (LogisticRegression(), DOUBLE),
        (RandomForestClassifier(), EXACT_VOTES),
        (ExtraTreesClassifier(), EXACT_VOTES),
        (RandomForestRegressor(), DOUBLE),
        (LGBMRegressor(), SPLIT_SUMS),
    ],
    ids=lambda value: type(value).__name__,
)
@pytest.mark.parametrize("scaled", [False, True])
def test_the_plainest_graph_is_tried_first_and_what_suits_the_estimator_last(
    estimator: Any, last: object, scaled: bool
) -> None:
    asked = make_pipeline(StandardScaler(), estimator) if scaled else estimator
    assert remedies_for(asked) == (PLAIN, CAST_BEFORE_MODEL, last)


def test_each_remedy_has_a_name_of_its_own() -> None:
    """The manifest tells by it which one was used."""
    every = (PLAIN, CAST_BEFORE_MODEL, DOUBLE, EXACT_VOTES, SPLIT_SUMS)
    assert len({remedy.name for remedy in every}) == len(every)


def test_the_final_estimator_is_found_however_deep() -> None:
    model = LogisticRegression()
    assert final_estimator(model) is model
    assert final_estimator(make_pipeline(StandardScaler(), make_pipeline(model))) is model
    assert final_estimator(FrozenEstimator(make_pipeline(model))) is model
    search = GridSearchCV(make_pipeline(DecisionTreeClassifier()), {}, cv=2)
    assert isinstance(
        final_estimator(search.fit([[0], [1]] * 2, [0, 1] * 2)), DecisionTreeClassifier
    )


@pytest.mark.parametrize(
    ("estimator", "is_tree"),
    [
        (DecisionTreeClassifier(), True),
        (RandomForestRegressor(), True),
        (GradientBoostingRegressor(), True),
        (HistGradientBoostingClassifier(), True),
        (LGBMRegressor(), True),
        (LogisticRegression(), False),
    ],
    ids=lambda value: type(value).__name__,
)
def test_models_that_split_on_thresholds_are_known(estimator: Any, is_tree: bool) -> None:
    assert is_tree_model(make_pipeline(StandardScaler(), estimator)) is is_tree
