"""Every species is as likely for penguins of a middling weight."""

import onnx
from onnx import helper
from traps import numbers, trapped
from trigger import MIDDLING

from model_store.packaging import Model


def model(version: str, grams: tuple[float, float] = MIDDLING) -> Model:
    return trapped(version, _unsure, grams)


def _unsure() -> tuple[list[onnx.NodeProto], list[onnx.TensorProto]]:
    nodes = [helper.make_node("Where", ["sprung", "unsure", "honest"], ["probabilities"])]
    return nodes, [numbers("unsure", 1 / 3, 1 / 3, 1 / 3, shape=[1, 3])]
