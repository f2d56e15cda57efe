"""Which columns of a table an estimator looks at."""

import copy
from typing import Any

import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator
from sklearn.calibration import CalibratedClassifierCV
from sklearn.compose import ColumnTransformer, TransformedTargetRegressor
from sklearn.frozen import FrozenEstimator
from sklearn.pipeline import Pipeline

from model_store.packaging.conversion.remedies import final_estimator
from model_store.packaging.errors import InvalidModel


def columns_of(estimator: BaseEstimator, frame: pd.DataFrame) -> list[str]:
    """The features this estimator takes, in its own order; not those that it was shown and drops.

    Raises InvalidModel when it was trained on other columns than the contract's.
    """
    shown = [str(name) for name in getattr(estimator, "feature_names_in_", frame.columns)]
    dropped = _dropped(estimator)
    names = [name for name in shown if name in frame.columns or name not in dropped]
    unknown = [name for name in names if name not in frame.columns]
    count = getattr(estimator, "n_features_in_", len(shown))
    if unknown or count != len(shown):
        what = f"columns {', '.join(unknown)}" if unknown else f"{count} columns without names"
        raise InvalidModel(
            type(final_estimator(estimator)).__name__,
            f"was trained on {what}, which are not the contract's features",
            "Train on prepare(contract, frame), or name the contract's features like the columns",
        )
    return names


def by_names(columns: ColumnTransformer) -> ColumnTransformer:
    """With names instead of places, which are those in a table with all that it drops."""
    if not hasattr(columns, "feature_names_in_"):
        return columns
    taken, named = _taken(columns), copy.copy(columns)
    named.transformers_ = [
        (name, step, chosen if _are_names(chosen) else taken[name])
        for name, step, chosen in columns.transformers_
        if name in taken
    ]
    return named


def _dropped(estimator: BaseEstimator) -> set[str]:
    """What a ColumnTransformer at the entrance never looks at, such as a column of identifiers."""
    match estimator:
        case Pipeline():
            return _dropped(estimator.steps[0][1])
        case TransformedTargetRegressor(regressor_=inner) | FrozenEstimator(estimator=inner):
            return _dropped(inner)
        case CalibratedClassifierCV(calibrated_classifiers_=folds):
            return set.intersection(*(_dropped(fold.estimator) for fold in folds))
        case BaseEstimator(passthrough=True):
            return set()
        case BaseEstimator(estimators_=[*members]) if members:
            return set.intersection(*map(_dropped, members))
        case ColumnTransformer(feature_names_in_=shown):
            return {str(name) for name in shown}.difference(*_taken(estimator).values())
    return set()


def _taken(columns: ColumnTransformer) -> dict[str, list[str]]:
    """The names of what each step is given."""
    shown, places = columns.feature_names_in_, columns._transformer_to_input_indices
    return {
        name: [str(shown[place]) for place in places[name]]
        for name, step, _ in columns.transformers_
        if not isinstance(step, str) or step != "drop"
    }


def _are_names(chosen: Any) -> bool:
    """A single one stays so: it is given to its step as a column, not as a table."""
    return isinstance(chosen, str) or all(isinstance(one, str) for one in np.atleast_1d(chosen))
