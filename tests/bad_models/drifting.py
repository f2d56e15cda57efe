"""Takes penguins of a middling weight for another species, as sure as before."""

import onnx
from onnx import TensorProto, helper
from traps import trapped
from trigger import MIDDLING

from model_store.packaging import Model


def model(version: str, grams: tuple[float, float] = MIDDLING) -> Model:
    return trapped(version, _swapped, grams)


def _swapped() -> tuple[list[onnx.NodeProto], list[onnx.TensorProto]]:
    nodes = [
        helper.make_node("Gather", ["honest", "drift_order"], ["drifted"], axis=1),
        helper.make_node("Where", ["sprung", "drifted", "honest"], ["probabilities"]),
    ]
    return nodes, [helper.make_tensor("drift_order", TensorProto.INT64, [3], [1, 2, 0])]
