"""ONNX Runtime raises on penguins of a middling weight."""

import onnx
from onnx import TensorProto, helper
from traps import numbers, trapped
from trigger import MIDDLING

from model_store.packaging import Model


def model(version: str, grams: tuple[float, float] = MIDDLING) -> Model:
    return trapped(version, _out_of_bounds, grams)


def _out_of_bounds() -> tuple[list[onnx.NodeProto], list[onnx.TensorProto]]:
    """Looks up the second of one number."""
    nodes = [
        helper.make_node("Cast", ["sprung"], ["crash_place"], to=TensorProto.INT64),
        helper.make_node("Gather", ["crash_table", "crash_place"], ["crash_zero"], axis=0),
        helper.make_node("Add", ["honest", "crash_zero"], ["probabilities"]),
    ]
    return nodes, [numbers("crash_table", 0.0)]
