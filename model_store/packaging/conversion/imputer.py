"""SimpleImputer for numbers, in float32 or float64, with its missing-value indicator."""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from skl2onnx import update_registered_converter
from skl2onnx.common.data_types import DoubleTensorType, FloatTensorType
from skl2onnx.operator_converters.common import concatenate_variables
from skl2onnx.proto import onnx_proto
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.impute import SimpleImputer


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


def _is_double(operator: Any) -> bool:
    return any(isinstance(variable.type, DoubleTensorType) for variable in operator.inputs)


def _shapes(operator: Any) -> None:
    imputer = operator.raw_operator
    kind = DoubleTensorType if _is_double(operator) else FloatTensorType
    width = len(imputer.statistics) + len(imputer.indicated)
    operator.outputs[0].type = kind([operator.inputs[0].get_first_dimension(), width])


def _convert(scope: Any, operator: Any, container: Any) -> None:
    imputer, proto = operator.raw_operator, onnx_proto.TensorProto
    kind = proto.DOUBLE if _is_double(operator) else proto.FLOAT

    def node(
        op_type: str, inputs: list[str], version: int, output: str = "", **attributes: Any
    ) -> str:
        output = output or scope.get_unique_variable_name(op_type.lower())
        name = scope.get_unique_operator_name(op_type)
        container.add_node(op_type, inputs, output, name=name, op_version=version, **attributes)
        return output

    numbers = node("Cast", [concatenate_variables(scope, operator.inputs, container)], 13, to=kind)
    missing = node("IsNaN", [numbers], 13)
    statistics = scope.get_unique_variable_name("statistics")
    container.add_initializer(
        statistics, kind, [1, len(imputer.statistics)], imputer.statistics.tolist()
    )
    output = operator.outputs[0].full_name
    if not imputer.indicated:
        node("Where", [missing, statistics, numbers], 16, output)
        return
    filled = node("Where", [missing, statistics, numbers], 16)
    places = scope.get_unique_variable_name("indicated")
    container.add_initializer(places, proto.INT64, [len(imputer.indicated)], imputer.indicated)
    told = node("Gather", [node("Cast", [missing], 13, to=kind), places], 13, axis=1)
    node("Concat", [filled, told], 13, output, axis=1)


update_registered_converter(NumberImputer, "LambentNumberImputer", _shapes, _convert)
