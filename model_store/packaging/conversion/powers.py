"""PowerTransformer: skl2onnx computes it in float32, which a power of large numbers has no room in.

Yeo and Johnson, "A new family of power transformations to improve normality or symmetry",
Biometrika 87 (2000); Box and Cox, "An analysis of transformations", J. R. Stat. Soc. B 26 (1964).
"""

from typing import Any

import numpy as np
from skl2onnx import update_registered_converter
from skl2onnx.operator_converters.common import concatenate_variables
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.preprocessing import PowerTransformer

from model_store.packaging.conversion.nodes import BOOL, DOUBLE, Nodes, declare_output, widest


class Powers(TransformerMixin, BaseEstimator):  # type: ignore[misc]
    """What a fitted PowerTransformer does, in float64 whatever it is given."""

    def __init__(self, transformer: PowerTransformer):
        self.transformer = transformer

    def __sklearn_is_fitted__(self) -> bool:
        return True


def _shapes(operator: Any) -> None:
    declare_output(operator, widest(operator), len(operator.raw_operator.transformer.lambdas_))


def _convert(scope: Any, operator: Any, container: Any) -> None:
    graph, transformer = Nodes(scope, container), operator.raw_operator.transformer
    given = concatenate_variables(scope, operator.inputs, container)
    numbers = graph.add("Cast", [given], to=DOUBLE)
    lambdas = transformer.lambdas_
    if transformer.method == "box-cox":
        found = _powers(graph, numbers, lambdas)
    else:
        found = _yeo_johnson(graph, numbers, lambdas)
    if transformer.standardize:
        scaler = transformer._scaler
        found = graph.add("Sub", [found, _row(graph, scaler.mean_)], op_version=14)
        found = graph.add("Div", [found, _row(graph, scaler.scale_)], op_version=14)
    graph.add("Cast", [found], operator.outputs[0].full_name, to=widest(operator))


def _yeo_johnson(graph: Nodes, numbers: str, lambdas: Any) -> str:
    """Each number is above zero or below, and the other side's power of one adds nothing."""
    zero, one = _row(graph, [0.0]), _row(graph, [1.0])
    is_below = graph.add("Less", [numbers, zero])
    above = graph.add("Where", [is_below, zero, numbers], op_version=16)
    below = graph.add("Where", [is_below, numbers, zero], op_version=16)
    right = _powers(graph, graph.add("Add", [one, above], op_version=14), lambdas)
    left = _powers(graph, graph.add("Sub", [one, below], op_version=14), 2 - lambdas)
    return graph.add("Sub", [right, left], op_version=14)


def _powers(graph: Nodes, numbers: str, lambdas: Any) -> str:
    """(x^λ - 1) / λ of each column by its λ, and where that is 0 its limit, the logarithm."""
    is_zero = np.abs(lambdas) < np.finfo(np.float64).eps
    exponents = _row(graph, np.where(is_zero, 1.0, lambdas))
    logarithm = graph.add("Log", [numbers])
    power = graph.add("Exp", [graph.add("Mul", [logarithm, exponents], op_version=14)])
    less = graph.add("Sub", [power, _row(graph, [1.0])], op_version=14)
    found = graph.add("Div", [less, exponents], op_version=14)
    limited = graph.constant(BOOL, is_zero.tolist(), [1, len(is_zero)])
    return graph.add("Where", [limited, logarithm, found], op_version=16)


def _row(graph: Nodes, values: Any) -> str:
    return graph.constant(DOUBLE, np.asarray(values, dtype=np.float64).tolist(), [1, len(values)])


update_registered_converter(Powers, "LambentPowers", _shapes, _convert)
