"""What is answered: the model's value, or the declared fallback and why."""

from collections.abc import Sequence
from enum import StrEnum
from typing import Annotated, Any, Literal

import numpy as np
from pydantic import Field

from model_store.artifact.facts import Fallback, Label
from model_store.artifact.manifest import Manifest
from model_store.contract import Flag, Row, Scalar
from model_store.contract.record import Record
from model_store.errors import (
    DeadlineExceeded,
    ModelFailed,
    ModelNotLoadable,
    ModelOutputInvalid,
    PredictionError,
)
from model_store.outputs import Outputs

CONFIDENCE_PLACES = 4
"""Rounded so that repeated queries reveal less of the model (threats ML03 to ML05)."""


class Reason(StrEnum):
    """Why the fallback answered. Closed: clients may switch on it."""

    MODEL_UNAVAILABLE = "model_unavailable"
    MODEL_CORRUPT = "model_corrupt"
    DEADLINE_EXCEEDED = "deadline_exceeded"
    INVALID_OUTPUT = "invalid_output"
    MODEL_ERROR = "model_error"
    BREAKER_OPEN = "breaker_open"
    UNSEEN_CATEGORY = "unseen_category"
    OUT_OF_RANGE = "out_of_range"


class ModelPrediction(Record):
    """The model answered. `confidence` is the probability of `value`, None if it gives none."""

    decision: Literal["model"] = "model"
    value: Scalar
    confidence: float | None
    flags: tuple[Flag, ...] = ()


class FallbackPrediction(Record):
    """The declared fallback answered."""

    decision: Literal["fallback"] = "fallback"
    value: Scalar
    source: Literal["constant"] = "constant"
    reason: Reason
    flags: tuple[Flag, ...] = ()


Prediction = Annotated[ModelPrediction | FallbackPrediction, Field(discriminator="decision")]


class NoFallback(PredictionError):
    """The model gave no answer and the manifest declares no fallback (fault row 31)."""

    def __init__(self, reason: Reason) -> None:
        self.reason = reason
        super().__init__(
            "fallback",
            f"none is declared, and the model gave no answer: {reason}",
            "Try again later; the model's owner can declare Fallback(value=…) when packaging",
        )


def decide(outputs: Outputs, rows: Sequence[Row], manifest: Manifest) -> list[Prediction]:
    """One prediction per row, in order; raises NoFallback.

    A row whose flag asks for the fallback, or whose output is unusable, gets the fallback; the
    others the model's answer.
    """
    predictions: list[Prediction] = []
    for index, row in enumerate(rows):
        reason = _why_not(outputs, index, row)
        if reason:
            predictions += fall_back(manifest.fallback, reason, [row])
        else:
            predictions.append(_model_prediction(outputs, index, row, manifest.labels))
    return predictions


def _why_not(outputs: Outputs, index: int, row: Row) -> Reason | None:
    """Why the model's answer to one row is not given; None if it is."""
    cause = next((flag for flag in row.flags if flag.action == "fallback"), None)
    if cause:
        return Reason(cause.reason)
    return Reason.INVALID_OUTPUT if index in outputs.unusable else None


def fall_back(fallback: Fallback | None, reason: Reason, rows: Sequence[Row]) -> list[Prediction]:
    """The fallback's answer for every row; raises NoFallback when none is declared."""
    if fallback is None:
        raise NoFallback(reason)
    return [
        FallbackPrediction(
            value=fallback.value, source=fallback.kind, reason=reason, flags=row.flags
        )
        for row in rows
    ]


def reason_of(error: PredictionError) -> Reason:
    """Why a failed prediction is answered by the fallback."""
    return next(
        (reason for kind, reason in _REASONS.items() if isinstance(error, kind)),
        Reason.MODEL_ERROR,
    )


_REASONS: dict[type[PredictionError], Reason] = {
    ModelNotLoadable: Reason.MODEL_CORRUPT,
    ModelOutputInvalid: Reason.INVALID_OUTPUT,
    DeadlineExceeded: Reason.DEADLINE_EXCEEDED,
    ModelFailed: Reason.MODEL_ERROR,
}


def _model_prediction(
    outputs: Outputs, index: int, row: Row, labels: Sequence[Label]
) -> ModelPrediction:
    if outputs.values is not None:
        value = _shortest(outputs.values[index])
        return ModelPrediction(value=value, confidence=None, flags=row.flags)
    label = outputs.labels[index]
    confidence = None
    if outputs.probabilities is not None:
        chance = outputs.probabilities[index, labels.index(label)]
        confidence = round(float(chance), CONFIDENCE_PLACES)
    return ModelPrediction(value=label, confidence=confidence, flags=row.flags)


def _shortest(number: np.floating[Any]) -> float:
    """The shortest decimal that names this float: 0.3, not 0.30000001192092896 for a float32."""
    return float(str(number))
