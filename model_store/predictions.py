"""The three things an answer can be: the model's, a fallback's, or an abstention."""

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field

from model_store.contract import Flag, Scalar
from model_store.contract.record import Record

Label = bool | int | str
Share = Annotated[float, Field(ge=0, le=1)]


class Reason(StrEnum):
    """Why it is not simply the model's answer. Closed: clients may switch on it."""

    MODEL_UNAVAILABLE = "model_unavailable"
    MODEL_CORRUPT = "model_corrupt"
    DEADLINE_EXCEEDED = "deadline_exceeded"
    INVALID_OUTPUT = "invalid_output"
    MODEL_ERROR = "model_error"
    BREAKER_OPEN = "breaker_open"
    SWITCHED_OFF = "switched_off"
    UNSEEN_CATEGORY = "unseen_category"
    OUT_OF_RANGE = "out_of_range"
    LOW_CONFIDENCE = "low_confidence"
    AMBIGUOUS = "ambiguous"
    NO_LABEL_FITS = "no_label_fits"
    WIDE_INTERVAL = "wide_interval"
    NOVEL = "novel"
    INVALID_INPUT = "invalid_input"


class PredictionSet(Record):
    """The labels that cannot be ruled out; empty when none fits.

    Over many rows like those it was measured on, the true label is among them in at least the
    share `coverage`.
    """

    labels: tuple[Label, ...]
    coverage: Share


class Interval(Record):
    """Holds the true value in at least the share `coverage` of rows like those measured."""

    low: float
    high: float
    coverage: Share


class InputError(Record):
    """What is wrong with one row; `pointer` is an RFC 6901 JSON pointer into the request."""

    pointer: str
    code: str
    message: str


class ModelPrediction(Record):
    """The model answered.

    confidence: the calibrated probability of `value`; null for a regression. doubts: what the
    policy lets pass, but a caller may want to know. needs_review: a person should look.
    """

    decision: Literal["model"] = "model"
    value: Scalar
    confidence: Share | None
    prediction_set: PredictionSet | None = None
    interval: Interval | None = None
    probabilities: dict[str, Share] | None = None
    doubts: tuple[Reason, ...] = ()
    needs_review: bool = False
    flags: tuple[Flag, ...] = ()


class FallbackPrediction(Record):
    """A declared fallback answered. It has no confidence: none would be true.

    alternatives: the rest of a popular list, best first.
    """

    decision: Literal["fallback"] = "fallback"
    value: Scalar
    source: Literal["constant", "rules", "popular", "baseline", "previous"]
    reason: Reason
    alternatives: tuple[Label, ...] = ()
    flags: tuple[Flag, ...] = ()


class AbstainPrediction(Record):
    """There is no answer. `message` says what to ask for or show instead.

    errors: of a row that breaks the contract, where the caller asked for a partial batch.
    """

    decision: Literal["abstain"] = "abstain"
    reason: Reason
    message: str = ""
    prediction_set: PredictionSet | None = None
    interval: Interval | None = None
    needs_review: bool = False
    errors: tuple[InputError, ...] = ()
    flags: tuple[Flag, ...] = ()


Prediction = Annotated[
    ModelPrediction | FallbackPrediction | AbstainPrediction, Field(discriminator="decision")
]
