"""The columns that an estimator looks at, and no others, are asked of the contract."""

from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.calibration import CalibratedClassifierCV
from sklearn.compose import ColumnTransformer, TransformedTargetRegressor
from sklearn.ensemble import StackingClassifier, VotingClassifier, VotingRegressor
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.tree import DecisionTreeClassifier

from model_store.packaging.columns import by_names, columns_of
from model_store.packaging.errors import InvalidModel

FRAME = pd.DataFrame({"a": [0.0, 1.0, 2.0, 3.0], "b": [1.0, 0.0, 1.0, 0.0]})
TWO = ["no", "no", "yes", "yes"]
WHOLE = FRAME.assign(number=range(4), c=2.0)[["number", "a", "c", "b"]]
CHOSEN = [["a", "b"], [1, 3], slice(1, 4, 2), [False, True, False, True], lambda _: ["a", "b"]]


def columns(chosen: Any, **options: Any) -> ColumnTransformer:
    dropped = [("some", "drop", ["number"])]
    return ColumnTransformer([("both", StandardScaler(), chosen), *dropped], **options)


def test_the_columns_are_given_in_the_order_of_the_estimator() -> None:
    model = DecisionTreeClassifier().fit(FRAME[["b", "a"]], TWO)
    mixed = FRAME.assign(other=9.0)[["other", "a", "b"]]
    assert columns_of(model, mixed) == ["b", "a"]


def test_an_estimator_of_unknown_columns_is_refused_with_their_names() -> None:
    model = make_pipeline(StandardScaler(), LogisticRegression()).fit(FRAME, TWO)
    with pytest.raises(InvalidModel, match="LogisticRegression: was trained on columns b, which"):
        columns_of(model, FRAME[["a"]])


def test_an_estimator_of_more_columns_without_names_is_refused_with_their_number() -> None:
    model = LogisticRegression().fit(FRAME.to_numpy(), TWO)
    assert columns_of(model, FRAME) == ["a", "b"]
    with pytest.raises(InvalidModel, match="trained on 2 columns without names"):
        columns_of(model, FRAME[["a"]])


@pytest.mark.parametrize("chosen", CHOSEN)
def test_what_a_pipeline_was_shown_and_drops_is_not_asked_for(chosen: Any) -> None:
    line = make_pipeline(columns(chosen), LinearRegression())
    for estimator in (line, TransformedTargetRegressor(line), VotingRegressor([("one", line)])):
        assert columns_of(estimator.fit(WHOLE, [1, 2, 3, 4]), FRAME) == ["a", "b"]


def test_nor_what_all_members_of_an_ensemble_drop() -> None:
    one, other = (make_pipeline(columns([name]), LogisticRegression()) for name in "ab")
    for estimator in (VotingClassifier([("one", one), ("other", other)]), calibrated(one)):
        fitted = FrozenEstimator(estimator.fit(WHOLE, TWO))
        assert columns_of(fitted, FRAME) == ["a", "b"]
    with pytest.raises(InvalidModel, match="was trained on columns b, which"):
        columns_of(VotingClassifier([("one", one), ("other", other)]).fit(WHOLE, TWO), FRAME[["a"]])
    all_over = StackingClassifier([("one", one)], cv=2, passthrough=True).fit(WHOLE, TWO)
    with pytest.raises(InvalidModel, match="was trained on columns number, c, which"):
        columns_of(all_over, FRAME)


def calibrated(pipeline: Pipeline) -> CalibratedClassifierCV:
    return CalibratedClassifierCV(pipeline, cv=2)


@pytest.mark.parametrize("how", ["passthrough", StandardScaler()])
def test_what_it_takes_as_the_remainder_is(how: Any) -> None:
    model = make_pipeline(columns(["a"], remainder=how), LogisticRegression()).fit(WHOLE, TWO)
    assert columns_of(model, WHOLE.drop(columns="number")) == ["a", "c", "b"]
    with pytest.raises(InvalidModel, match="was trained on columns c, which"):
        columns_of(model, FRAME)


@pytest.mark.parametrize("chosen", CHOSEN)
def test_places_become_the_names_that_they_had_in_the_whole_table(chosen: Any) -> None:
    fitted = columns(chosen).fit(WHOLE)
    ((_, step, names),) = by_names(fitted).transformers_
    assert (step, names) == (fitted.named_transformers_["both"], ["a", "b"])


def test_a_single_name_stays_one_and_a_table_without_names_keeps_its_places() -> None:
    words = pd.DataFrame({"number": [1, 2], "text": ["one", "two"]})
    single = ColumnTransformer([("words", CountVectorizer(), "text")]).fit(words)
    assert [chosen for *_, chosen in by_names(single).transformers_] == ["text"]
    nameless = ColumnTransformer([("one", "passthrough", [0])]).fit(np.zeros((2, 2)))
    assert by_names(nameless) is nameless
