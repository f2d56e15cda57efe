"""What the outside may know of a request and its answer: an allow-list, never a value."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from model_store.artifact.manifest import Manifest
from model_store.contract import Contract
from model_store.predictions import (
    AbstainPrediction,
    FallbackPrediction,
    ModelPrediction,
    Prediction,
    Reason,
)


@dataclass(slots=True)
class Observation:
    """One request and its answer, as far as the outside may know of it.

    contract: which its rows were read by, if it had any. manifest: of the model, if it is known.
    through_live: it came through the alias that callers meet, not to this version alone.
    is_rehearsal: no caller sent it, but what tries a version before it goes live.
    """

    request_id: str
    method: str
    started: float
    route: str = ""
    status: int = 0
    problem: str | None = None
    codes: tuple[str, ...] = ()
    predictions: list[Prediction] = field(default_factory=list)
    failure: str | None = None
    manifest: Manifest | None = None
    through_live: bool = False
    is_rehearsal: bool = False
    contract: Contract | None = None

    def note(self, predictions: list[Prediction], failure: str | None) -> None:
        """What was answered, and the name of what kept the model from answering."""
        self.predictions, self.failure = predictions, failure
        refused = [found for found in predictions if isinstance(found, AbstainPrediction)]
        self.codes = tuple(sorted({error.code for found in refused for error in found.errors}))


@dataclass(slots=True)
class Tally:
    """What the predictions of one request were, counted by reason; never a value.

    doubts: of answers of the model that were given all the same. reviews: rows that a person
    should look at.
    """

    fallbacks: dict[str, int] = field(default_factory=dict)
    abstentions: dict[str, int] = field(default_factory=dict)
    doubts: dict[str, int] = field(default_factory=dict)
    reviews: int = 0
    confidences: list[float] = field(default_factory=list)

    @classmethod
    def of(cls, predictions: Iterable[Prediction]) -> "Tally":
        tally = cls()
        for prediction in predictions:
            if isinstance(prediction, FallbackPrediction):
                _count(tally.fallbacks, prediction.reason)
                continue
            tally.reviews += prediction.needs_review
            if isinstance(prediction, AbstainPrediction):
                _count(tally.abstentions, prediction.reason)
            else:
                tally._add(prediction)
        return tally

    def _add(self, prediction: ModelPrediction) -> None:
        for doubt in prediction.doubts:
            _count(self.doubts, doubt)
        if prediction.confidence is not None:
            self.confidences.append(prediction.confidence)


def _count(counts: dict[str, int], reason: Reason) -> None:
    counts[reason.value] = counts.get(reason.value, 0) + 1


def facts_of(observation: Observation, tally: Tally, latency: float) -> dict[str, Any]:
    """Of the one log line of a request. latency: in milliseconds."""
    found = {
        "request": observation.request_id,
        "method": observation.method,
        "route": observation.route,
        "status": observation.status,
        "latency_ms": round(latency, 2),
        "rows": len(observation.predictions),
        "fallbacks": tally.fallbacks,
        "abstentions": tally.abstentions,
        "doubts": tally.doubts,
        "reviews": tally.reviews,
        "codes": observation.codes,
    }
    if observation.problem:
        found["problem"] = observation.problem
    if observation.failure:
        found["failure"] = observation.failure
    return found
