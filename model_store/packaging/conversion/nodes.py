"""What a converter of ours adds to the graph that skl2onnx is writing."""

from collections.abc import Sequence
from typing import Any

from skl2onnx.common.data_types import DoubleTensorType, FloatTensorType
from skl2onnx.proto import onnx_proto

FLOAT: int = onnx_proto.TensorProto.FLOAT
DOUBLE: int = onnx_proto.TensorProto.DOUBLE
INT64: int = onnx_proto.TensorProto.INT64
BOOL: int = onnx_proto.TensorProto.BOOL


class Nodes:
    """Nodes and constants, each under a name of its own; scope, container: a converter's."""

    def __init__(self, scope: Any, container: Any) -> None:
        self._scope, self._container = scope, container

    def add(
        self,
        kind: str,
        inputs: Sequence[str],
        output: str | None = None,
        op_version: int = 13,
        **attributes: Any,
    ) -> str:
        """Returns the name of its one output."""
        output = output or str(self._scope.get_unique_variable_name(kind.lower()))
        self._container.add_node(
            kind,
            list(inputs),
            output,
            name=self._scope.get_unique_operator_name(kind),
            op_version=op_version,
            **attributes,
        )
        return output

    def constant(
        self, dtype: int, values: Sequence[Any], shape: Sequence[int] | None = None
    ) -> str:
        """dtype: of onnx.TensorProto. shape: by default that of a list."""
        name = str(self._scope.get_unique_variable_name("constant"))
        self._container.add_initializer(name, dtype, list(shape or [len(values)]), list(values))
        return name


def dtype_of(precision: str) -> int:
    return DOUBLE if precision == "float64" else FLOAT


def widest(operator: Any) -> int:
    """DOUBLE where any of its inputs is, else FLOAT."""
    double = any(isinstance(variable.type, DoubleTensorType) for variable in operator.inputs)
    return DOUBLE if double else FLOAT


def declare_output(operator: Any, dtype: int, width: int) -> None:
    """Of a transformer: so many columns of FLOAT or DOUBLE, and a row per row of its input."""
    kind = DoubleTensorType if dtype == DOUBLE else FloatTensorType
    operator.outputs[0].type = kind([operator.inputs[0].get_first_dimension(), width])
