"""numpy's functions of single numbers, those that have an ONNX form."""

from collections.abc import Mapping, Sequence
from math import log
from typing import Any

import numpy as np
from skl2onnx import update_registered_converter
from skl2onnx.operator_converters.common import concatenate_variables
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.preprocessing import FunctionTransformer

from model_store.packaging.conversion.nodes import Nodes, declare_output, widest
from model_store.packaging.errors import PartRefused

Steps = Sequence[tuple[str, float | None]]
"""Operators in turn, each with the constant that it takes besides the numbers, if it takes one."""

FORMS: Mapping[Any, Steps] = {
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


def steps_of(where: str, function: Any, arguments: Mapping[str, Any] | None) -> Steps:
    """Raises PartRefused for a function that no graph computes."""
    if function in FORMS and not arguments:
        return FORMS[function]
    name = getattr(function, "__name__", type(function).__name__)
    raise PartRefused(where, f"the function {name} has no ONNX form", f"Use one of {KNOWN}")


class Ufunc(TransformerMixin, BaseEstimator):  # type: ignore[misc]
    """What a FunctionTransformer does that calls one of these functions."""

    def __init__(self, steps: Steps):
        self.steps = steps

    @classmethod
    def of(cls, transformer: FunctionTransformer) -> "Ufunc":
        """Raises PartRefused."""
        return cls(steps_of("FunctionTransformer", transformer.func, transformer.kw_args))

    def __sklearn_is_fitted__(self) -> bool:
        return True


def _shapes(operator: Any) -> None:
    width = sum(variable.get_second_dimension() for variable in operator.inputs)
    declare_output(operator, widest(operator), width)


def _convert(scope: Any, operator: Any, container: Any) -> None:
    graph, dtype = Nodes(scope, container), widest(operator)
    numbers = concatenate_variables(scope, operator.inputs, container)
    found = graph.add("Cast", [numbers], to=dtype)
    for kind, number in operator.raw_operator.steps:
        constants = [] if number is None else [graph.constant(dtype, [number])]
        found = graph.add(kind, [found, *constants], op_version=_VERSIONS.get(kind, 13))
    graph.add("Identity", [found], operator.outputs[0].full_name)


update_registered_converter(Ufunc, "LambentUfunc", _shapes, _convert)
