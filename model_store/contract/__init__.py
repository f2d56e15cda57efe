"""What a model takes: declared once as a pydantic class, frozen, hashed, read everywhere alike."""

from model_store.contract.contract import Contract
from model_store.contract.features import Feature, Flag, FlagReason, Scalar
from model_store.contract.freeze import freeze
from model_store.contract.markers import Category, OutOfRange, Sensitive, Treatment, Unit
from model_store.contract.older import (
    Fixed,
    Mapped,
    Renamed,
    Scaled,
    Upcast,
    UpcastRefused,
    check_accepts,
    upcast,
)
from model_store.contract.paths import model_path, predictions_path
from model_store.contract.request import request_model
from model_store.contract.rows import Row, normalise, normalise_training_row
from model_store.contract.tensors import (
    MISSING,
    TensorSpec,
    TensorType,
    check_tensors,
    default_tensors,
    encode,
)
from model_store.contract.violations import Code, InvalidRow, Violation

__all__ = [
    "MISSING",
    "Category",
    "Code",
    "Contract",
    "Feature",
    "Fixed",
    "Flag",
    "FlagReason",
    "InvalidRow",
    "Mapped",
    "OutOfRange",
    "Renamed",
    "Row",
    "Scalar",
    "Scaled",
    "Sensitive",
    "TensorSpec",
    "TensorType",
    "Treatment",
    "Unit",
    "Upcast",
    "UpcastRefused",
    "Violation",
    "check_accepts",
    "check_tensors",
    "default_tensors",
    "encode",
    "freeze",
    "model_path",
    "normalise",
    "normalise_training_row",
    "predictions_path",
    "request_model",
    "upcast",
]
