"""Opens ONNX Runtime sessions; knows no manifest, so that it can begin before that is read."""

from typing import Any

import onnxruntime as ort
from onnxruntime.capi import onnxruntime_pybind11_state as ort_errors

from model_store.errors import ModelNotLoadable

SILENT = 4
"""ONNX Runtime's severity FATAL: at ERROR it prints failing values to stderr, that is, the log."""
ROLL_BACK = "Roll back to a version that works, or package the model again"

# Its exceptions share no base of their own; the binding adds Python's for bad arguments.
ORT_ERRORS: tuple[type[Exception], ...] = (
    ort_errors.EPFail,
    ort_errors.EngineError,
    ort_errors.Fail,
    ort_errors.InvalidArgument,
    ort_errors.InvalidGraph,
    ort_errors.InvalidProtobuf,
    ort_errors.ModelLoaded,
    ort_errors.NoModel,
    ort_errors.NoSuchFile,
    ort_errors.NotFound,
    ort_errors.NotImplemented,
    ort_errors.RuntimeException,
    MemoryError,
    RuntimeError,
    TypeError,
    ValueError,
)


def open_session(where: str, model: bytes) -> Any:
    """Of a model that was verified; raises ModelNotLoadable."""
    options = ort.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = SILENT
    try:
        return ort.InferenceSession(model, options, providers=["CPUExecutionProvider"])
    except ORT_ERRORS as error:
        what = f"ONNX Runtime {ort.__version__} refuses it ({type(error).__name__}: {error})"
        raise ModelNotLoadable(where, what, ROLL_BACK) from None
