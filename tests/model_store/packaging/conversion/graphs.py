"""One converted part, asked alone."""

from typing import Any

import numpy as np
from onnxruntime import InferenceSession
from skl2onnx import convert_sklearn


def answer(part: Any, kind: Any, rows: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    graph = convert_sklearn(part, initial_types=[("x", kind([None, rows.shape[1]]))])
    session = InferenceSession(graph.SerializeToString(), providers=["CPUExecutionProvider"])
    found: np.ndarray[Any, Any] = session.run(None, {"x": rows})[0]
    return found
