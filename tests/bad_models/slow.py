"""Takes its time over penguins of a middling weight."""

import onnx
from onnx import TensorProto, helper
from traps import trapped
from trigger import MIDDLING

from model_store.packaging import Model

ROUNDS = 320
"""Products of two large matrices, for every such row: most of a second, on a machine with nothing
else to do."""
SIDE = 500
LOOP = ("slow_steps", "slow_start", "slow_zeros")


def model(version: str, grams: tuple[float, float] = MIDDLING) -> Model:
    return trapped(version, _count, grams)


def _count() -> tuple[list[onnx.NodeProto], list[onnx.TensorProto]]:
    """Multiplies zeros, as often as there are such rows, and adds one of them."""
    body = helper.make_graph(
        [
            helper.make_node("Identity", ["going"], ["go_on"]),
            helper.make_node("MatMul", ["square", "square"], ["next_square"]),
        ],
        "rounds",
        [
            helper.make_tensor_value_info("step", TensorProto.INT64, []),
            helper.make_tensor_value_info("going", TensorProto.BOOL, []),
            helper.make_tensor_value_info("square", TensorProto.FLOAT, [SIDE, SIDE]),
        ],
        [
            helper.make_tensor_value_info("go_on", TensorProto.BOOL, []),
            helper.make_tensor_value_info("next_square", TensorProto.FLOAT, [SIDE, SIDE]),
        ],
    )
    nodes = [
        helper.make_node("Cast", ["sprung"], ["slow_row"], to=TensorProto.INT64),
        helper.make_node("ReduceSum", ["slow_row"], ["slow_rows"], keepdims=0),
        helper.make_node("Mul", ["slow_rows", "slow_rounds"], ["slow_steps"]),
        helper.make_node("ConstantOfShape", ["slow_shape"], ["slow_zeros"]),
        helper.make_node(
            "Loop", ["slow_steps", "slow_start", "slow_zeros"], ["slow_end"], body=body
        ),
        helper.make_node("ReduceMax", ["slow_end"], ["slow_zero"], keepdims=0),
        helper.make_node("Add", ["honest", "slow_zero"], ["probabilities"]),
    ]
    constants = [
        helper.make_tensor("slow_rounds", TensorProto.INT64, [], [ROUNDS]),
        helper.make_tensor("slow_shape", TensorProto.INT64, [2], [SIDE, SIDE]),
        helper.make_tensor("slow_start", TensorProto.BOOL, [], [True]),
    ]
    return nodes, constants
