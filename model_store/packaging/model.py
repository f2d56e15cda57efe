"""What a user hands over to be packaged."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
from sklearn.base import BaseEstimator

from model_store.artifact.facts import Fallback, Label, OutputNames
from model_store.contract import Contract, TensorSpec
from model_store.packaging.errors import InvalidModel

Data = tuple[pd.DataFrame, Any]
TOLERANCE = 1e-5
SHOWN_LABELS = 10


@dataclass(frozen=True, kw_only=True)
class Model:
    """A model and what is needed to vouch for it.

    estimator: a scikit-learn estimator or pipeline, fitted; or not fitted, with `train`.
    train, held_out: (X, y); X has a column per feature of the contract, in any order.
    baseline: the X whose distribution later traffic is compared with; `train`'s by default.
    onnx, inputs: instead of an estimator, an ONNX file and which features each input takes.
    labels, outputs: only for an ONNX file that does not tell them itself.
    unit: of the target of a regression. tolerance: largest difference of a probability, or of
    a regression's value as a share of the target's spread.
    """

    name: str
    version: str
    contract: Contract
    estimator: BaseEstimator | None = None
    train: Data | None = None
    held_out: Data | None = None
    baseline: pd.DataFrame | None = None
    fallback: Fallback | None = None
    title: str = ""
    description: str = ""
    unit: str | None = None
    tolerance: float = TOLERANCE
    onnx: str | Path | None = None
    inputs: Sequence[TensorSpec] | None = None
    labels: Sequence[Label] | None = None
    outputs: OutputNames | None = None

    def __post_init__(self) -> None:
        if (self.estimator is None) == (self.onnx is None):
            raise InvalidModel(
                f"Model {self.name!r}",
                "needs exactly one of estimator= and onnx=",
                "Pass a fitted scikit-learn estimator, or the path of an ONNX file",
            )
        if self.estimator is not None and self.held_out is None:
            raise InvalidModel(
                f"Model {self.name!r}",
                "has no held_out=(X, y), and the conversion is proven on held-out rows",
                "Keep some rows back with train_test_split and pass them as held_out=(X, y)",
            )

    def check_fallback(self, labels: Sequence[Label]) -> None:
        """Of a classifier, before it is converted; raises InvalidModel unless it is a label."""
        if self.fallback is None:
            return
        value = self.fallback.value
        if any(type(label) is type(value) and label == value for label in labels):
            return
        more = f" and {len(labels) - SHOWN_LABELS} more" if len(labels) > SHOWN_LABELS else ""
        raise InvalidModel(
            f"Model {self.name!r}",
            f"the fallback {value!r} is none of its labels",
            f"Choose one of {', '.join(map(repr, labels[:SHOWN_LABELS]))}{more}",
        )
