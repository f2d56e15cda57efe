"""Functions of single numbers that have an ONNX form: before the model, and on its target."""

from collections.abc import Sequence
from math import log
from typing import Any

import numpy as np
import onnx
from onnx import helper, numpy_helper
from skl2onnx import update_registered_converter
from skl2onnx.common.data_types import DoubleTensorType, FloatTensorType
from skl2onnx.operator_converters.common import concatenate_variables
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.compose import TransformedTargetRegressor
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler

from model_store.packaging.conversion.graph_edits import free_name
from model_store.packaging.conversion.nodes import DOUBLE, FLOAT, Nodes, is_double
from model_store.packaging.errors import PartRefused

Steps = Sequence[tuple[str, float | None]]
"""Operators in turn, each with the constant that it takes besides the numbers, if it takes one."""

FORMS: dict[Any, Steps] = {
    np.abs: [("Abs", None)],
    np.exp: [("Exp", None)],
    np.exp2: [("Mul", log(2)), ("Exp", None)],
    np.expm1: [("Exp", None), ("Sub", 1.0)],
    np.log: [("Log", None)],
    np.log10: [("Log", None), ("Div", log(10))],
    np.log1p: [("Add", 1.0), ("Log", None)],
    np.log2: [("Log", None), ("Div", log(2))],
    np.negative: [("Neg", None)],
    np.reciprocal: [("Reciprocal", None)],
    np.sqrt: [("Sqrt", None)],
    np.square: [("Pow", 2.0)],
}
KNOWN = ", ".join(sorted(f"np.{function.__name__}" for function in FORMS))

_VERSIONS = {"Add": 14, "Div": 14, "Mul": 14, "Pow": 15, "Sub": 14}


class NumberFunction(TransformerMixin, BaseEstimator):  # type: ignore[misc]
    """What a FunctionTransformer does that calls one of numpy's functions."""

    def __init__(self, steps: Steps):
        self.steps = steps

    @classmethod
    def of(cls, transformer: FunctionTransformer) -> "NumberFunction":
        """Raises PartRefused for a function that no graph computes."""
        return cls(_form("FunctionTransformer", transformer.func, transformer.kw_args))

    def __sklearn_is_fitted__(self) -> bool:
        return True


def split_target(estimator: BaseEstimator) -> tuple[BaseEstimator, Steps]:
    """What answers in the scale that a TransformedTargetRegressor learned in, and the way back.

    Raises PartRefused for a way back that no graph goes.
    """
    if isinstance(estimator, Pipeline):
        *before, (name, last) = estimator.steps
        inner, steps = split_target(last)
        return (estimator, ()) if inner is last else (Pipeline([*before, (name, inner)]), steps)
    if not isinstance(estimator, TransformedTargetRegressor):
        return estimator, ()
    inner, steps = split_target(estimator.regressor_)
    return inner, [*steps, *_inverse(estimator.transformer_)]


def add_steps(model: onnx.ModelProto, steps: Steps) -> None:
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
            where = "TransformedTargetRegressor"
            return _form(where, transformer.inverse_func, transformer.inv_kw_args)
        case StandardScaler():
            scale = [("Mul", float(transformer.scale_[0]))] if transformer.with_std else []
            mean = [("Add", float(transformer.mean_[0]))] if transformer.with_mean else []
            return [*scale, *mean]
    raise PartRefused(
        "TransformedTargetRegressor",
        f"{type(transformer).__name__} has no ONNX form as the transformer of a target",
        f"Use StandardScaler(), or func= and inverse_func= of {KNOWN}",
    )


def _form(where: str, function: Any, arguments: dict[str, Any] | None) -> Steps:
    if function in FORMS and not arguments:
        return FORMS[function]
    name = getattr(function, "__name__", type(function).__name__)
    raise PartRefused(where, f"the function {name} has no ONNX form", f"Use one of {KNOWN}")


def _shapes(operator: Any) -> None:
    kind = DoubleTensorType if is_double(operator) else FloatTensorType
    width = sum(variable.get_second_dimension() for variable in operator.inputs)
    operator.outputs[0].type = kind([operator.inputs[0].get_first_dimension(), width])


def _convert(scope: Any, operator: Any, container: Any) -> None:
    graph, dtype = Nodes(scope, container), DOUBLE if is_double(operator) else FLOAT
    numbers = concatenate_variables(scope, operator.inputs, container)
    found = graph.add("Cast", [numbers], to=dtype)
    for kind, number in operator.raw_operator.steps:
        constants = [] if number is None else [graph.constant(dtype, [number])]
        found = graph.add(kind, [found, *constants], op_version=_VERSIONS.get(kind, 13))
    graph.add("Identity", [found], operator.outputs[0].full_name)


update_registered_converter(NumberFunction, "LambentNumberFunction", _shapes, _convert)
