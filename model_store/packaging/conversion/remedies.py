"""The ways to turn an estimator into a graph that answers as it does, in order of preference."""

from dataclasses import dataclass
from typing import Any, Literal

from sklearn.base import BaseEstimator
from sklearn.compose import TransformedTargetRegressor
from sklearn.ensemble import (
    ExtraTreesClassifier,
    RandomForestClassifier,
)
from sklearn.frozen import FrozenEstimator
from sklearn.pipeline import Pipeline


@dataclass(frozen=True)
class Remedy:
    """One way to convert.

    `inputs`: dtype of the numeric inputs and of the preprocessing.
    `cast`: go down to float32 just before the final estimator, as trees do inside scikit-learn.
    `votes`: add up a forest's votes before dividing, so that ties stay exact ties.
    `options`: options for the converter of the final estimator.
    """

    name: str
    inputs: Literal["float32", "float64"]
    cast: bool = False
    votes: bool = False
    options: tuple[tuple[str, Any], ...] = ()


PLAIN = Remedy("float32", "float32")
CAST_BEFORE_MODEL = Remedy("float64 preprocessing, float32 model", "float64", cast=True)
DOUBLE = Remedy("float64 throughout", "float64")
EXACT_VOTES = Remedy(
    "float64 preprocessing, float32 model, votes added before dividing",
    "float64",
    cast=True,
    votes=True,
)
SPLIT_SUMS = Remedy(
    "float64 preprocessing, float32 model, trees added in float64 in groups of 50",
    "float64",
    cast=True,
    options=(("split", 50),),
)


def remedies_for(estimator: BaseEstimator) -> tuple[Remedy, ...]:
    """What is worth trying for this estimator, first to last."""
    final = final_estimator(estimator)
    if isinstance(final, (RandomForestClassifier, ExtraTreesClassifier)):
        return (PLAIN, CAST_BEFORE_MODEL, EXACT_VOTES)
    if type(final).__name__ == "LGBMRegressor":
        return (PLAIN, CAST_BEFORE_MODEL, SPLIT_SUMS)
    return (PLAIN, CAST_BEFORE_MODEL, DOUBLE)


def final_estimator(estimator: BaseEstimator) -> BaseEstimator:
    """The last step of a pipeline, what a search found, the regressor of a
    TransformedTargetRegressor, however deeply nested; else the estimator itself."""
    match estimator:
        case Pipeline():
            return final_estimator(estimator.steps[-1][1])
        case (
            TransformedTargetRegressor(regressor_=fitted)
            | BaseEstimator(best_estimator_=fitted)
            | FrozenEstimator(estimator=fitted)
        ):
            return final_estimator(fitted)
    return estimator


def is_tree_model(estimator: BaseEstimator) -> bool:
    """Whether it splits on thresholds, which float32 can move by a hair."""
    name = type(final_estimator(estimator)).__name__
    return any(word in name for word in ("Tree", "Forest", "Boosting", "LGBM", "XGB", "AdaBoost"))
