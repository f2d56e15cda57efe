"""SimpleImputer for numbers, in float32 or float64, with its missing-value indicator."""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from skl2onnx import update_registered_converter
from skl2onnx.operator_converters.common import concatenate_variables
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.impute import SimpleImputer

from model_store.packaging.conversion.nodes import INT64, Nodes, declare_output, widest


class NumberImputer(TransformerMixin, BaseEstimator):  # type: ignore[misc]
    """What a fitted SimpleImputer does: NaN becomes `statistics`, `indicated` columns are told."""

    def __init__(self, statistics: NDArray[np.float64], indicated: tuple[int, ...]):
        self.statistics = statistics
        self.indicated = indicated

    @classmethod
    def suits(cls, imputer: SimpleImputer) -> bool:
        """NaN marks what is missing, and no column was dropped for being empty."""
        missing = imputer.missing_values
        nan = isinstance(missing, float) and np.isnan(missing)
        return bool(nan and not np.isnan(imputer.statistics_.astype(float)).any())

    @classmethod
    def of(cls, imputer: SimpleImputer) -> "NumberImputer":
        indicated = imputer.indicator_.features_ if imputer.add_indicator else ()
        return cls(imputer.statistics_.astype(np.float64), tuple(int(i) for i in indicated))

    def __sklearn_is_fitted__(self) -> bool:
        return True


def _shapes(operator: Any) -> None:
    imputer = operator.raw_operator
    width = len(imputer.statistics) + len(imputer.indicated)
    declare_output(operator, widest(operator), width)


def _convert(scope: Any, operator: Any, container: Any) -> None:
    graph, imputer = Nodes(scope, container), operator.raw_operator
    kind = widest(operator)
    numbers = graph.add("Cast", [concatenate_variables(scope, operator.inputs, container)], to=kind)
    missing = graph.add("IsNaN", [numbers])
    statistics = graph.constant(kind, imputer.statistics.tolist(), [1, len(imputer.statistics)])
    output = operator.outputs[0].full_name
    if not imputer.indicated:
        graph.add("Where", [missing, statistics, numbers], output, 16)
        return
    filled = graph.add("Where", [missing, statistics, numbers], op_version=16)
    places = graph.constant(INT64, imputer.indicated)
    told = graph.add("Gather", [graph.add("Cast", [missing], to=kind), places], axis=1)
    graph.add("Concat", [filled, told], output, axis=1)


update_registered_converter(NumberImputer, "LambentNumberImputer", _shapes, _convert)
