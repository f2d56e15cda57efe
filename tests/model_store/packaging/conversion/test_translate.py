"""A fitted estimator is rewritten where it must be, shared where it may, and never changed."""

import pickle
from typing import Any

import numpy as np
import pytest
from sklearn.calibration import CalibratedClassifierCV
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import VotingClassifier
from sklearn.feature_extraction.text import CountVectorizer, TfidfVectorizer
from sklearn.frozen import FrozenEstimator
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import FeatureUnion, make_pipeline
from sklearn.preprocessing import OneHotEncoder, OrdinalEncoder, StandardScaler, TargetEncoder

from model_store.contract import MISSING
from model_store.packaging.conversion.imputer import NumberImputer
from model_store.packaging.conversion.lookup import CategoryLookup
from model_store.packaging.conversion.translate import translate
from model_store.packaging.conversion.words import TermWeights

NUMBERS = np.array([[1.0, 2.0], [np.nan, 3.0], [3.0, 5.0], [4.0, np.nan]])
CITIES = np.array([["Rome"], ["Oslo"], ["Rome"], [np.nan]], dtype=object)
TARGET = [0, 1, 0, 1]


@pytest.mark.parametrize("encoder", [OneHotEncoder(), OrdinalEncoder(), TargetEncoder()])
def test_encoders_of_strings_become_tables(encoder: Any) -> None:
    found = translate(encoder.fit(CITIES, TARGET), "float64")
    assert isinstance(found, CategoryLookup)
    assert found.precision == "float64"


@pytest.mark.parametrize("vectorizer", [CountVectorizer(), TfidfVectorizer()])
def test_vectorizers_of_text_become_the_weights_of_their_terms(vectorizer: Any) -> None:
    found = translate(vectorizer.fit(["two words"]), "float64")
    assert isinstance(found, TermWeights)
    assert (found.width, found.precision) == (2, "float64")


def test_an_imputer_of_numbers_becomes_one_that_keeps_float64() -> None:
    assert isinstance(translate(SimpleImputer().fit(NUMBERS), "float32"), NumberImputer)


def test_an_imputer_of_strings_looks_for_the_spelling_that_the_graph_sees() -> None:
    imputer = SimpleImputer(strategy="most_frequent").fit(CITIES)
    assert translate(imputer, "float32").missing_values == MISSING
    assert np.isnan(imputer.missing_values)


def test_an_imputer_of_another_mark_is_left_alone() -> None:
    marked = np.array([["?"], ["Oslo"]], dtype=object)
    imputer = SimpleImputer(missing_values="?", strategy="most_frequent").fit(marked)
    assert translate(imputer, "float32") is imputer


@pytest.mark.parametrize(
    "part",
    [StandardScaler(), OneHotEncoder(), LogisticRegression()],
    ids=lambda p: type(p).__name__,
)
def test_what_needs_no_rewriting_is_shared(part: Any) -> None:
    fitted = part.fit(np.nan_to_num(NUMBERS), TARGET)
    assert translate(fitted, "float32") is fitted


def text() -> Any:
    return make_pipeline(OneHotEncoder())


def deep() -> Any:
    """Encoders and imputers in every container, with steps that are left out."""
    columns = ColumnTransformer(
        [
            ("text", text(), [0]),
            ("numbers", FeatureUnion([("imputed", SimpleImputer()), ("none", "drop")]), [1]),
            ("unused", "drop", [2]),
            ("as it is", "passthrough", [2]),
        ]
    )
    return make_pipeline(columns, None, "passthrough", LogisticRegression())


def test_containers_are_searched_however_deep() -> None:
    rows = np.hstack([CITIES, NUMBERS.astype(object), np.ones((4, 1), dtype=object)])
    rows[:, 2] = 1.0
    fitted = deep().fit(rows, TARGET)
    before = pickle.dumps(fitted)
    found = translate(fitted, "float32")
    (_, encoder, _), (_, union, _), *left = found.steps[0][1].transformers_
    assert isinstance(encoder[0], CategoryLookup)
    assert isinstance(union.transformer_list[0][1], NumberImputer)
    assert union.transformer_list[1][1] == "drop"
    assert [part for _, part, _ in left][:1] == ["drop"]
    assert found[-1] is fitted[-1]
    assert pickle.dumps(fitted) == before, "the estimator itself is as it was"


def test_what_a_search_found_and_what_was_frozen_stand_for_themselves() -> None:
    rows = np.nan_to_num(NUMBERS)
    search = GridSearchCV(make_pipeline(StandardScaler(), LogisticRegression()), {}, cv=2)
    for wrapped in (search.fit(rows, TARGET), FrozenEstimator(search)):
        found = translate(wrapped, "float32")
        assert found[-1] is search.best_estimator_[-1]


def test_a_pipeline_that_was_calibrated_calibrates_its_last_step() -> None:
    rows = np.nan_to_num(NUMBERS)
    pipeline = make_pipeline(StandardScaler(), LogisticRegression()).fit(rows, TARGET)
    calibrated = CalibratedClassifierCV(FrozenEstimator(pipeline), cv=2).fit(rows, TARGET)
    found = translate(calibrated, "float32")
    assert found[0] is pipeline[0]
    np.testing.assert_array_equal(found.predict_proba(rows), calibrated.predict_proba(rows))
    assert calibrated.calibrated_classifiers_[0].estimator.estimator is pipeline


def test_a_frozen_model_that_was_calibrated_stands_for_itself() -> None:
    rows = np.nan_to_num(NUMBERS)
    model = LogisticRegression().fit(rows, TARGET)
    calibrated = CalibratedClassifierCV(FrozenEstimator(model), cv=2).fit(rows, TARGET)
    (fold,) = translate(calibrated, "float32").calibrated_classifiers_
    assert fold.estimator is model
    assert isinstance(calibrated.calibrated_classifiers_[0].estimator, FrozenEstimator)


def test_a_vote_answers_as_before_and_gives_its_members_apart() -> None:
    members = [("a", LogisticRegression()), ("b", LogisticRegression(C=0.1))]
    vote = VotingClassifier(members, voting="soft").fit(np.nan_to_num(NUMBERS), TARGET)
    found = translate(vote, "float32")
    assert (found.flatten_transform, vote.flatten_transform) == (False, True)
    rows = np.nan_to_num(NUMBERS)
    np.testing.assert_array_equal(found.predict_proba(rows), vote.predict_proba(rows))


def test_the_features_of_xgboost_lose_their_names_in_the_copy_only() -> None:
    class Booster:
        feature_names: Any = ("x", "y")

    class Model:
        def __init__(self) -> None:
            self.booster = Booster()

        def get_booster(self) -> Booster:
            return self.booster

    Model.__module__ = "xgboost.sklearn"
    model = Model()
    found = translate(model, "float32")
    assert found.get_booster().feature_names is None
    assert model.get_booster().feature_names == ("x", "y")


@pytest.mark.parametrize("nothing", [[], [False, False]])
def test_a_branch_that_takes_no_column_is_left_out(nothing: list[Any]) -> None:
    """scikit-learn does not fit it either."""
    columns = ColumnTransformer(
        [("numbers", SimpleImputer(), [0, 1]), ("none", SimpleImputer(), nothing)]
    ).fit(NUMBERS)
    assert [name for name, *_ in translate(columns, "float64").transformers_] == ["numbers"]
