"""A fitted estimator rewritten, never fitted again, into parts that have an exact ONNX form.

scikit-learn writes a missing string as NaN, a graph can only see ""; skl2onnx has no float64
imputer, misreads missing and rare categories, and finds other words in a text. Parity against the
original proves the result.
"""

import copy
from collections.abc import Collection
from typing import Any, Literal

import numpy as np
from sklearn.base import BaseEstimator
from sklearn.calibration import CalibratedClassifierCV
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import (
    HistGradientBoostingClassifier,
    HistGradientBoostingRegressor,
    StackingClassifier,
    StackingRegressor,
    VotingClassifier,
    VotingRegressor,
)
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.frozen import FrozenEstimator
from sklearn.impute import SimpleImputer
from sklearn.pipeline import FeatureUnion, Pipeline
from sklearn.preprocessing import (
    FunctionTransformer,
    KBinsDiscretizer,
    OneHotEncoder,
    OrdinalEncoder,
    PowerTransformer,
    TargetEncoder,
)

from model_store.contract import MISSING
from model_store.packaging.conversion.ensembles import as_vote, with_shared_columns
from model_store.packaging.conversion.imputer import NumberImputer
from model_store.packaging.conversion.lookup import CategoryLookup, is_missing
from model_store.packaging.conversion.powers import Powers
from model_store.packaging.conversion.ufuncs import Ufunc
from model_store.packaging.conversion.words import TermWeights
from model_store.packaging.errors import PartRefused

Precision = Literal["float32", "float64"]


def translate(part: Any, precision: Precision) -> Any:
    """A copy of `part` for the converter; what needs no rewriting is shared, not copied."""
    match part:
        case Pipeline():
            steps = [(name, translate(step, precision)) for name, step in part.steps]
            return _with(part, steps=steps)
        case ColumnTransformer():
            fitted = [
                (name, translate(step, precision), columns)
                for name, step, columns in part.transformers_
                if not _are_none(columns)
            ]
            return _with(part, transformers_=fitted)
        case FeatureUnion():
            named = [(name, translate(step, precision)) for name, step in part.transformer_list]
            return _with(part, transformer_list=named)
        case BaseEstimator(best_estimator_=inner) | FrozenEstimator(estimator=inner):
            return translate(inner, precision)
        case _:
            return _transformer(part, precision)


def _transformer(part: Any, precision: Precision) -> Any:
    match part:
        case OneHotEncoder() | OrdinalEncoder() | TargetEncoder() if CategoryLookup.suits(part):
            return CategoryLookup.of(part, precision)
        case SimpleImputer() if part.statistics_.dtype == object:
            return _with(part, missing_values=MISSING) if is_missing(part.missing_values) else part
        case SimpleImputer() if NumberImputer.suits(part):
            return NumberImputer.of(part)
        case FunctionTransformer() if part.func is not None:
            return Ufunc.of(part)
        case KBinsDiscretizer(encode="onehot"):
            return _with(part, encode="onehot-dense")
        case PowerTransformer():
            return Powers(part)
        case CountVectorizer():
            return TermWeights.of(part, precision)
        case _:
            return _model(part, precision)


def _model(part: Any, precision: Precision) -> Any:
    _refuse_formless(part)
    match part:
        case VotingClassifier() | VotingRegressor() | StackingClassifier() | StackingRegressor():
            return _ensemble(part, precision)
        case CalibratedClassifierCV():
            return _calibrated(part, precision)
        case _ if type(part).__module__.startswith("xgboost."):
            return _nameless(part)
        case _:
            return part


def _refuse_formless(part: Any) -> None:
    """Raises PartRefused for what skl2onnx has otherwise than scikit-learn, or not at all."""
    match part:
        case HistGradientBoostingClassifier() | HistGradientBoostingRegressor() if (
            part.is_categorical_ is not None
        ):
            what = "splits by categories (categorical_features), which has no ONNX form"
            way_out = (
                "Encode them before it, with OneHotEncoder or OrdinalEncoder, and leave that out"
            )
        case CalibratedClassifierCV(method="isotonic" | "temperature" as method):
            what = f"calibrates by method={method!r}, which has no exact ONNX form"
            way_out = (
                "Package what it calibrates: Lambent does so in the graph, by "
                f"uncertainty=Uncertainty(calibrate={method!r}); or use method='sigmoid'"
            )
        case _:
            return
    raise PartRefused(type(part).__name__, what, way_out)


def _ensemble(part: Any, precision: Precision) -> Any:
    members = [translate(member, precision) for member in part.estimators_]
    ensemble = _with(part, estimators_=members)
    if isinstance(part, VotingClassifier):
        ensemble.flatten_transform = False  # of transform only, never of predict
    return with_shared_columns(ensemble)


def _calibrated(part: CalibratedClassifierCV, precision: Precision) -> Any:
    """Where one pipeline was calibrated, what comes before its model comes before both."""
    folds = [
        _with(fold, estimator=translate(fold.estimator, precision))
        for fold in part.calibrated_classifiers_
    ]
    calibrated = _with(part, calibrated_classifiers_=folds)
    if not isinstance(folds[0].estimator, Pipeline):
        return calibrated
    if len(folds) > 1:
        return _ensemble(as_vote(calibrated), precision)
    *before, (name, model) = folds[0].estimator.steps
    folds[0].estimator = model
    return Pipeline([*before, (name, calibrated)])


def _are_none(columns: Any) -> bool:
    """Whether a branch takes no column: scikit-learn leaves it unfitted."""
    if not isinstance(columns, Collection):
        return False
    return len(columns) == 0 or (
        all(type(c) in (bool, np.bool_) for c in columns) and not any(columns)
    )


def _nameless(model: Any) -> Any:
    """onnxmltools reads XGBoost's features by number only."""
    changed = copy.deepcopy(model)
    changed.get_booster().feature_names = None
    return changed


def _with(part: Any, **attributes: Any) -> Any:
    changed = copy.copy(part)
    for name, value in attributes.items():
        setattr(changed, name, value)
    return changed
