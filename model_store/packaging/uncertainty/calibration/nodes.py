"""A calibrator as ONNX nodes, in float64.

They need operators of opset 9 only, in a form that no later opset changed, so that no graph has
to be upgraded. Constants are nodes, as IR 3 takes initializers for inputs.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
import onnx
from numpy.typing import ArrayLike
from onnx import TensorProto, helper, numpy_helper

from model_store.outputs import SUM_TOLERANCE
from model_store.packaging.uncertainty.calibration.calibrators import (
    EPSILON,
    Calibrator,
    Curve,
    Sigmoid,
    Temperature,
)


def calibrator_nodes(
    calibrator: Calibrator, classes: int, given: str, output: str
) -> list[onnx.NodeProto]:
    """Nodes from the tensor `given`, floats [N, K], to `output`, float64 [N, K].

    Rows that are no probabilities become NaN. Every other tensor's name starts with `output`.
    """
    nodes = _Nodes(output)
    found = nodes.add("Cast", given, to=TensorProto.DOUBLE)
    corrected = _corrected(nodes, found, calibrator, classes)
    usable = _are_probabilities(nodes, found, classes)
    nodes.add("Where", usable, corrected, nodes.constant(np.nan), output=output)
    return nodes.added


class _Nodes:
    """Nodes in the order in which they run; each makes one tensor."""

    def __init__(self, prefix: str) -> None:
        self._prefix = prefix
        self.added: list[onnx.NodeProto] = []

    def add(self, operator: str, *inputs: str, output: str = "", **attributes: Any) -> str:
        made = output or f"{self._prefix}_{len(self.added)}_{operator}"
        self.added.append(helper.make_node(operator, inputs, [made], name=made, **attributes))
        return made

    def constant(self, values: ArrayLike, dtype: type = np.float64) -> str:
        tensor = numpy_helper.from_array(np.asarray(values, dtype=dtype))
        return self.add("Constant", value=tensor)

    def clip(self, values: str, low: float, high: float) -> str:
        return self.add("Min", self.add("Max", values, self.constant(low)), self.constant(high))

    def row_sums(self, values: str, columns: int) -> str:
        return self.add("MatMul", values, self.constant(np.ones((columns, 1))))


def _corrected(nodes: _Nodes, found: str, calibrator: Calibrator, classes: int) -> str:
    if isinstance(calibrator, Temperature):
        return _temperature(nodes, found, calibrator)
    if classes == 2:
        found = nodes.add("Gather", found, nodes.constant([1], np.int64), axis=1)
    if isinstance(calibrator, Sigmoid):
        return _shared_out(nodes, _sigmoid(nodes, found, calibrator), classes)
    return _shared_out(nodes, _isotonic(nodes, found, calibrator.curves), classes)


def _temperature(nodes: _Nodes, found: str, calibrator: Temperature) -> str:
    logs = nodes.add("Log", nodes.clip(found, EPSILON, 1))
    scaled = nodes.add("Div", logs, nodes.constant(calibrator.temperature))
    return nodes.add("Softmax", scaled, axis=1)


def _sigmoid(nodes: _Nodes, found: str, calibrator: Sigmoid) -> str:
    ours = nodes.clip(found, EPSILON, 1 - EPSILON)
    others = nodes.add("Sub", nodes.constant(1), ours)
    logits = nodes.add("Sub", nodes.add("Log", ours), nodes.add("Log", others))
    sloped = nodes.add("Mul", logits, nodes.constant([calibrator.slopes]))
    scores = nodes.add("Add", sloped, nodes.constant([calibrator.intercepts]))
    return _expit(nodes, scores)


def _expit(nodes: _Nodes, scores: str) -> str:
    """Of a score s ≥ 0 it is 1 / (1 + exp(-s)), of others exp(s) / (1 + exp(s)): nothing overflows.

    ONNX Runtime's Sigmoid is off by 1e-16 whatever the size, which matters where every class gets
    next to nothing and all are divided by their sum.
    """
    zero, one = nodes.constant(0), nodes.constant(1)
    small = nodes.add("Exp", nodes.add("Neg", nodes.add("Abs", scores)))
    top = nodes.add("Where", nodes.add("Less", scores, zero), small, one)
    return nodes.add("Div", top, nodes.add("Add", one, small))


def _isotonic(nodes: _Nodes, found: str, curves: Sequence[Curve]) -> str:
    """y + slope · (p - x), of the last point (x, y) of the curve with x ≤ p, else of the first.

    The points of all curves lie in one table, filled up to the same number for each.
    """
    points = max(len(curve.x) for curve in curves)
    x, y, slopes = np.stack([_points(curve, points) for curve in curves], axis=1)
    place = _last_points(nodes, found, x)
    start, height, slope = (
        nodes.add("Gather", nodes.constant(table.ravel()), place) for table in (x, y, slopes)
    )
    beyond = nodes.add("Max", nodes.add("Sub", found, start), nodes.constant(0))
    return nodes.add("Add", height, nodes.add("Mul", slope, beyond))


def _points(curve: Curve, points: int) -> np.ndarray:
    """[3, points]: x, y, and the slope after it; filled up with points that none reaches."""
    slopes = [*(np.diff(curve.y) / np.diff(curve.x)), 0.0]
    missing = (0, points - len(curve.x))
    return np.stack(
        [
            np.pad(np.array(curve.x, float), missing, constant_values=np.inf),
            np.pad(curve.y, missing),
            np.pad(slopes, missing),
        ]
    )


def _last_points(nodes: _Nodes, found: str, x: np.ndarray) -> str:
    """int64[N, curves]: places in the table, found by counting the points that lie after p."""
    curves, points = x.shape
    deep = nodes.add("Reshape", found, nodes.constant([0, curves, 1], np.int64))
    after = nodes.add("Greater", nodes.constant(x[np.newaxis]), deep)
    ones = nodes.constant(np.ones((points, 1)), np.float32)
    counted = nodes.add("MatMul", nodes.add("Cast", after, to=TensorProto.FLOAT), ones)
    counts = nodes.add("Reshape", counted, nodes.constant([0, curves], np.int64))
    last = nodes.add("Sub", nodes.constant(points - 1, np.float32), counts)
    in_curve = nodes.add("Max", last, nodes.constant(0, np.float32))
    firsts = nodes.constant([np.arange(curves) * points], np.int64)
    return nodes.add("Add", nodes.add("Cast", in_curve, to=TensorProto.INT64), firsts)


def _shared_out(nodes: _Nodes, corrected: str, classes: int) -> str:
    corrected = nodes.clip(corrected, 0, 1)
    if classes == 2:
        rest = nodes.add("Sub", nodes.constant(1), corrected)
        return nodes.add("Concat", rest, corrected, axis=1)
    total = nodes.row_sums(corrected, classes)
    some = nodes.add("Greater", total, nodes.constant(0))
    alike = nodes.constant(np.full((1, classes), 1 / classes))
    return nodes.add("Where", some, nodes.add("Div", corrected, total), alike)


def _are_probabilities(nodes: _Nodes, found: str, classes: int) -> str:
    """bool[N, 1]: sums to 1, and so do the sizes, which they do not with a negative one.

    NaN fails every comparison, and infinity both.
    """
    sums = (nodes.row_sums(part, classes) for part in (found, nodes.add("Abs", found)))
    near = (nodes.add("Abs", nodes.add("Sub", total, nodes.constant(1))) for total in sums)
    return nodes.add(
        "And", *(nodes.add("Less", gap, nodes.constant(SUM_TOLERANCE)) for gap in near)
    )
