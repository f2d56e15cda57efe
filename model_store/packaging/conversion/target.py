"""What learned in another scale than it answers in: its graph goes the way back."""

from typing import Any

import numpy as np
import onnx
from onnx import helper, numpy_helper
from sklearn.base import BaseEstimator
from sklearn.compose import TransformedTargetRegressor
from sklearn.ensemble import HistGradientBoostingRegressor
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler

from model_store.packaging.conversion.graph_edits import free_name
from model_store.packaging.conversion.ufuncs import FORMS, KNOWN, Steps, steps_of
from model_store.packaging.errors import PartRefused

_NAME = TransformedTargetRegressor.__name__
_OF_LOGARITHMS = ("gamma", "poisson")
"""Losses whose trees add up to a logarithm, where skl2onnx stops."""


def split_target(estimator: BaseEstimator) -> tuple[BaseEstimator, Steps]:
    """What answers in the scale that it learned in, and the way back; none for any other estimator.

    Raises PartRefused for a way back that no graph goes.
    """
    if isinstance(estimator, Pipeline):
        *before, (name, last) = estimator.steps
        inner, steps = split_target(last)
        return estimator if inner is last else Pipeline([*before, (name, inner)]), steps
    if isinstance(estimator, HistGradientBoostingRegressor) and estimator.loss in _OF_LOGARITHMS:
        return estimator, FORMS[np.exp]
    if not isinstance(estimator, TransformedTargetRegressor):
        return estimator, ()
    inner, steps = split_target(estimator.regressor_)
    return inner, [*steps, *_inverse(estimator.transformer_)]


def go_back(model: onnx.ModelProto, steps: Steps) -> None:
    """Continue from the only output of a regression, in place, under its name."""
    if not steps:
        return
    output = model.graph.output[0]
    dtype = helper.tensor_dtype_to_np_dtype(output.type.tensor_type.elem_type)
    found = free_name(model.SerializeToString(), "before_target")
    for node in model.graph.node:
        node.output[:] = [found if name == output.name else name for name in node.output]
    for place, (kind, number) in enumerate(steps):
        inputs = [found]
        if number is not None:
            inputs.append(f"{found}_number")
            constant = numpy_helper.from_array(np.array([number], dtype=dtype), inputs[-1])
            model.graph.initializer.append(constant)
        found = output.name if place == len(steps) - 1 else f"{found}_{kind.lower()}"
        model.graph.node.append(helper.make_node(kind, inputs, [found], name=f"{found}_{kind}"))


def _inverse(transformer: Any) -> Steps:
    match transformer:
        case FunctionTransformer(inverse_func=None):
            return ()
        case FunctionTransformer():
            return steps_of(_NAME, transformer.inverse_func, transformer.inv_kw_args)
        case StandardScaler():
            scale = [("Mul", float(transformer.scale_[0]))] if transformer.with_std else []
            mean = [("Add", float(transformer.mean_[0]))] if transformer.with_mean else []
            return [*scale, *mean]
    raise PartRefused(
        _NAME,
        f"{type(transformer).__name__} has no ONNX form as the transformer of a target",
        f"Use StandardScaler(), or func= and inverse_func= of {KNOWN}",
    )
