"""scikit-learn, LightGBM or XGBoost → ONNX, one input per feature, nothing fitted again."""

import warnings
from collections.abc import Sequence
from typing import Any

import numpy as np
import onnx
import pandas as pd
from skl2onnx import convert_sklearn
from skl2onnx.common.data_types import (
    DoubleTensorType,
    FloatTensorType,
    StringTensorType,
)
from skl2onnx.common.exceptions import MissingConverter, MissingShapeCalculator
from skl2onnx.sklapi import CastTransformer
from sklearn.base import BaseEstimator, is_classifier
from sklearn.compose import ColumnTransformer
from sklearn.ensemble._forest import ForestClassifier, ForestRegressor
from sklearn.pipeline import Pipeline
from sklearn.svm import LinearSVC
from sklearn.tree import BaseDecisionTree

from model_store.contract import TensorSpec
from model_store.packaging.columns import by_names
from model_store.packaging.conversion.boosting import register_boosting
from model_store.packaging.conversion.graph_edits import (
    add_votes_before_dividing,
    follow_missing_values,
)
from model_store.packaging.conversion.neighbours import weigh_by_distance
from model_store.packaging.conversion.remedies import Remedy, final_estimator
from model_store.packaging.conversion.target import go_back, split_target
from model_store.packaging.conversion.translate import translate
from model_store.packaging.errors import ConversionRefused

TARGET_OPSET = {"": 18, "ai.onnx.ml": 3}
_TYPES = {"float32": FloatTensorType, "float64": DoubleTensorType, "string": StringTensorType}


def tensors_for(specs: Sequence[TensorSpec], remedy: Remedy) -> tuple[TensorSpec, ...]:
    """The same inputs, the numeric ones in the remedy's dtype."""
    return tuple(
        spec if spec.dtype == "string" else spec.model_copy(update={"dtype": remedy.inputs})
        for spec in specs
    )


def convert(
    estimator: BaseEstimator,
    specs: Sequence[TensorSpec],
    remedy: Remedy,
    opset: int = TARGET_OPSET[""],
) -> bytes:
    """A fitted estimator as ONNX bytes; the same estimator always gives the same bytes.

    Raises ConversionRefused when a part of the estimator has no ONNX form.
    """
    estimator, way_back = split_target(estimator)
    register_boosting(final_estimator(estimator))
    pipeline = _as_pipeline(translate(estimator, remedy.inputs), specs, remedy)
    options = _options(pipeline, remedy)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            model = convert_sklearn(
                pipeline,
                name="lambent",
                initial_types=[
                    (spec.name, _TYPES[spec.dtype]([None, 1]))
                    for spec in tensors_for(specs, remedy)
                ],
                options=options,
                target_opset={**TARGET_OPSET, "": opset},
            )
    except Exception as error:
        raise _refusal(estimator, error) from error
    final = final_estimator(estimator)
    follow_missing_values(model, tree_directions(final))
    weigh_by_distance(model)
    if remedy.votes:
        add_votes_before_dividing(model)
    go_back(model, way_back)
    model.producer_version = ""
    _order_opsets(model)
    return bytes(model.SerializeToString(deterministic=True))


def _order_opsets(model: onnx.ModelProto) -> None:
    """skl2onnx lists them as its sets are hashed, another way in every process."""
    ordered = sorted(model.opset_import, key=lambda opset: opset.domain)
    copies = [onnx.helper.make_opsetid(opset.domain, opset.version) for opset in ordered]
    del model.opset_import[:]
    model.opset_import.extend(copies)


def _as_pipeline(estimator: BaseEstimator, specs: Sequence[TensorSpec], remedy: Remedy) -> Pipeline:
    (name, entrance), *steps = _steps(estimator)
    if isinstance(entrance, ColumnTransformer):
        steps = [(name, by_names(entrance)), *steps]
    else:
        steps = [("columns", _side_by_side(specs)), (name, entrance), *steps]
    if remedy.cast:
        steps = [*steps[:-1], ("cast", CastTransformer(dtype=np.float32)), steps[-1]]
    return Pipeline(steps)


def _steps(estimator: BaseEstimator) -> list[tuple[str, Any]]:
    """The steps, nested pipelines at either end unfolded, so that the last one is the model."""
    if not isinstance(estimator, Pipeline):
        return [("model", estimator)]
    steps = [
        (name, step)
        for name, step in estimator.steps
        if step is not None and not isinstance(step, str)
    ]
    first, last = steps[0][1], steps[-1][1]
    if isinstance(last, Pipeline):
        steps = [*steps[:-1], *((f"last_{n}", s) for n, s in _steps(last))]
    if isinstance(first, Pipeline) and first is not last:
        steps = [*((f"first_{n}", s) for n, s in _steps(first)), *steps[1:]]
    return steps


def _side_by_side(specs: Sequence[TensorSpec]) -> ColumnTransformer:
    """One matrix from one input per feature, for estimators that take a matrix."""
    names = [spec.name for spec in specs]
    columns = ColumnTransformer([("all", "passthrough", names)])
    return columns.fit(pd.DataFrame(np.zeros((1, len(names))), columns=names))


def _options(pipeline: Pipeline, remedy: Remedy) -> dict[int, dict[str, Any]]:
    options: dict[int, dict[str, Any]] = {}
    if is_classifier(pipeline) and hasattr(pipeline, "predict_proba"):
        options[id(pipeline)] = {"zipmap": False}
    if remedy.options:
        options[id(pipeline.steps[-1][1])] = dict(remedy.options)
    if isinstance(pipeline.steps[-1][1], LinearSVC):
        # Else skl2onnx asks it for a ZipMap, which it has not.
        options[id(pipeline.steps[-1][1])] = {"raw_scores": False}
    return options


def tree_directions(model: BaseEstimator) -> list[list[int]]:
    """Per tree and node of a decision tree or forest: 1 where a missing value goes left. Of other
    ensembles skl2onnx converts each tree by itself."""
    if isinstance(model, BaseDecisionTree):
        trees = [model]
    elif isinstance(model, ForestClassifier | ForestRegressor):
        trees = model.estimators_
    else:
        return []
    return [tree.tree_.missing_go_to_left.tolist() for tree in trees]


def _refusal(estimator: BaseEstimator, error: Exception) -> ConversionRefused:
    name = type(final_estimator(estimator)).__name__
    if isinstance(error, MissingShapeCalculator | MissingConverter):
        what = f"no converter to ONNX for a part of it: {first_line(error)}"
        way_out = "Use an estimator that skl2onnx supports, or package an ONNX file of your own"
    else:
        what = f"skl2onnx refused it: {type(error).__name__}: {first_line(error)}"
        way_out = "Replace the part it names, or package an ONNX file of your own (Model(onnx=…))"
    return ConversionRefused(name, what, way_out)


def first_line(error: Exception) -> str:
    """The part of a third party's message that says what; at most 300 characters."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    told = lines[0][:300].rstrip(".") if lines else ""
    return told or type(error).__name__
