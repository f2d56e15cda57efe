"""What a user hands over to be packaged."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import pandas as pd
from sklearn.base import BaseEstimator

from model_store.artifact.facts import OutputNames
from model_store.contract import Contract, Scalar, TensorSpec, Upcast
from model_store.contract.record import Record
from model_store.fallbacks.records import Constant, Popular
from model_store.packaging.errors import InvalidModel
from model_store.policy import Policy
from model_store.predictions import Label
from model_store.uncertainty.conformal import Coverage

Data = tuple[pd.DataFrame, Any]
TOLERANCE = 1e-5
SHOWN_LABELS = 10


@dataclass(frozen=True)
class Rules:
    """Conditions in CEL over the features, each with its answer; the first that matches answers.

    Rules({"flipper_length_mm > 205 && island != 'Dream'": "Gentoo"})
    """

    rules: dict[str, Scalar]


@dataclass(frozen=True)
class Baseline:
    """A simpler estimator of the same target, packaged and proven beside the model."""

    estimator: BaseEstimator


@dataclass(frozen=True)
class Previous:
    """The model of an earlier artifact, by its folder; it takes features of this contract."""

    folder: str | Path


Declared = Constant | Rules | Popular | Baseline | Previous


class Uncertainty(Record):
    """How sureness is measured.

    calibrate: of a classifier's probabilities; "auto" takes the method that helps, if any does.
    coverage: of the prediction sets or intervals; None is 0.9 where there are rows enough.
    sets: score of a classifier's sets. class_conditional: the coverage holds for each true class.
    intervals: "scaled" widens them where the model errs more. false_alarms: the share of ordinary
    rows that may be called novel; None measures no novelty.
    """

    calibrate: Literal["auto", "none", "temperature", "sigmoid", "isotonic"] = "auto"
    coverage: tuple[Coverage, ...] | None = None
    sets: Literal["lac", "aps"] = "lac"
    class_conditional: bool = False
    intervals: Literal["residual", "scaled"] = "residual"
    false_alarms: Coverage | None = 0.01


@dataclass(frozen=True, kw_only=True)
class Model:
    """A model and what is needed to vouch for it.

    estimator: a scikit-learn estimator or pipeline, fitted; or not fitted, with `train`.
    train, held_out: (X, y); X has a column per feature of the contract, in any order.
    calibration: (X, y) that neither training nor held_out has; by default half of held_out.
    fallback: one, or several that are asked in order. policy: when the answer is believed.
    baseline: the X whose distribution later traffic is compared with; `train`'s by default.
    accepts: older contracts that are still served, and how their rows are read.
    onnx, inputs: instead of an estimator, an ONNX file and which features each input takes.
    labels, outputs: only for an ONNX file that does not tell them itself.
    unit: of the target of a regression. tolerance: largest difference of a probability, or of
    a regression's value as a share of the target's spread. optimise: write the proven graph anew
    where that makes it smaller or quicker and it still passes the proof.
    """

    name: str
    version: str
    contract: Contract
    estimator: BaseEstimator | None = None
    train: Data | None = None
    held_out: Data | None = None
    calibration: Data | None = None
    baseline: pd.DataFrame | None = None
    uncertainty: Uncertainty = field(default_factory=Uncertainty)
    policy: Policy = field(default_factory=Policy)
    fallback: Declared | Sequence[Declared] | None = None
    accepts: Sequence[Upcast] = ()
    title: str = ""
    description: str = ""
    unit: str | None = None
    tolerance: float = TOLERANCE
    optimise: bool = True
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

    @property
    def chain(self) -> tuple[Declared, ...]:
        """The fallbacks as declared, in order."""
        if isinstance(self.fallback, Sequence) and not isinstance(self.fallback, str):
            return tuple(self.fallback)
        return () if self.fallback is None else (self.fallback,)

    def check_fallback(self, labels: Sequence[Label]) -> None:
        """What the chain answers, before anything is converted.

        Raises InvalidModel for an answer that is no label, or no number where there are none.
        """
        where = f"Model {self.name!r}"
        for link in self.chain:
            match link:
                case Constant():
                    _check_answer(where, link.value, labels)
                case Rules():
                    for text, value in link.rules.items():
                        _check_answer(f"{where}, rule {text!r}", value, labels)
                case Popular() if not labels:
                    raise InvalidModel(
                        f"{where}, list {link.list!r}",
                        "holds labels, and a regression has none",
                        "Use Constant(value=…) with a number",
                    )


def _check_answer(where: str, value: Scalar, labels: Sequence[Label]) -> None:
    if not labels:
        if isinstance(value, bool | str):
            raise InvalidModel(where, f"the fallback {value!r} is no number", "Give a number")
        return
    if any(type(label) is type(value) and label == value for label in labels):
        return
    more = f" and {len(labels) - SHOWN_LABELS} more" if len(labels) > SHOWN_LABELS else ""
    raise InvalidModel(
        where,
        f"the fallback {value!r} is none of its labels",
        f"Choose one of {', '.join(map(repr, labels[:SHOWN_LABELS]))}{more}",
    )
