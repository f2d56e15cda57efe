"""What is told to CloudWatch: an allow-list of facts, never a feature value or a body."""

import traceback
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from aws_lambda_powertools.logging import Logger
from aws_lambda_powertools.metrics.provider.cloudwatch_emf.cloudwatch import (
    AmazonCloudWatchEMFProvider,
)

from functions.inference.errors import ServingError
from functions.inference.settings import Pin
from functions.inference.trials import Answers, Yardstick, trouble
from model_store.artifact.manifest import Manifest
from model_store.canary.metrics import ANSWER_SCALE, ANSWERS, BY_VERSION, NAMESPACE, REQUESTS
from model_store.contract import Contract
from model_store.errors import LambentError
from model_store.predictions import (
    AbstainPrediction,
    FallbackPrediction,
    ModelPrediction,
    Prediction,
)

Measurement = tuple[str, str, float]
"""Name, unit, value."""


@dataclass(slots=True)
class Observation:
    """One request and its answer, as far as the outside may know of it.

    contract: which its rows were read by, if it had any. manifest: of the model, if it is known.
    through_live: it came through the alias that callers meet, not to this version alone.
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
    contract: Contract | None = None


@dataclass(slots=True)
class Tally:
    """What the predictions of one request were, counted by reason; never a value.

    doubts: of answers of the model that were given all the same. reviews: rows that a person
    should look at.
    """

    fallbacks: Counter[str] = field(default_factory=Counter)
    abstentions: Counter[str] = field(default_factory=Counter)
    doubts: Counter[str] = field(default_factory=Counter)
    reviews: int = 0
    confidences: list[float] = field(default_factory=list)

    @classmethod
    def of(cls, predictions: Iterable[Prediction]) -> "Tally":
        tally = cls()
        for prediction in predictions:
            tally._add(prediction)
        return tally

    def _add(self, prediction: Prediction) -> None:
        match prediction:
            case FallbackPrediction():
                self.fallbacks[prediction.reason.value] += 1
                return
            case AbstainPrediction():
                self.abstentions[prediction.reason.value] += 1
            case ModelPrediction():
                for doubt in prediction.doubts:
                    self.doubts[doubt.value] += 1
                if prediction.confidence is not None:
                    self.confidences.append(prediction.confidence)
        self.reviews += prediction.needs_review


class Telemetry:
    """Logs and metrics. A sink that fails costs a line and is counted, never an answer.

    What was lost is told as the metric TelemetryLost as soon as the sink works again (row 53).
    """

    def __init__(
        self,
        logger: Logger,
        metrics: AmazonCloudWatchEMFProvider,
        pin: Pin,
        clock: Callable[[], float],
        lambda_version: str = "",
    ) -> None:
        self._logger, self._metrics, self._pin, self._clock = logger, metrics, pin, clock
        self._lambda_version = lambda_version
        self._yardstick = Yardstick()
        self._measured: Manifest | None = None
        self._answers = Answers()
        self._cold = True
        self.lost = 0

    def loaded(self, seconds: float) -> None:
        self._log("info", "model_loaded", {"seconds": round(seconds, 3)})
        self._measure([("ModelLoadTime", "Milliseconds", seconds * 1000)])

    def load_failed(self, error: ServingError, corrupt: bool) -> None:
        facts = {"error": type(error).__name__, "where": error.where, "what": error.what}
        self._log("error", "model_not_loaded", facts | {"next_step": error.next_step})
        failed = [("ModelLoadFailures", "Count", 1.0)]
        found = failed + ([("ArtifactCorrupt", "Count", 1.0)] if corrupt else [])
        self._measure(found, by_version=True)

    def cache_trouble(self, event: str, digest: str) -> None:
        self._log("warning", event, {"digest": digest})

    def warned(self, event: str, error: LambentError) -> None:
        self._log("warning", event, {"where": error.where, "what": error.what})

    def crashed(self, error: BaseException) -> None:
        """A bug. Type and place only: the message of an exception may quote its input."""
        frames = traceback.extract_tb(error.__traceback__)[-8:]
        places = [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames]
        self._log("error", "unexpected_error", {"error": type(error).__name__, "frames": places})

    def ended(self, observation: Observation) -> None:
        """The one line and the one set of metrics of a request."""
        latency = (self._clock() - observation.started) * 1000
        tally = Tally.of(observation.predictions)
        self._log("info", "request", _facts(observation, tally, latency))
        found = self._measurements(observation, tally, latency)
        # Only predictions are posted. What is sent to one version, such as a shadow's copies,
        # says nothing of how callers fare with it.
        is_trial = observation.method == "POST" and observation.through_live
        if is_trial:
            found += self._tried(observation)
        self._measure(found, by_version=is_trial, request_id=observation.request_id)
        if counts := self._answers.take():
            self._tell_answers(counts)
        self._cold = False

    def _tried(self, observation: Observation) -> list[Measurement]:
        """What the request was to the judge of a release."""
        if observation.manifest is not self._measured and observation.manifest is not None:
            self._measured = observation.manifest
            self._yardstick = Yardstick.of(observation.manifest)
        self._answers.add(observation.predictions, self._yardstick)
        name = trouble(observation.status, observation.predictions, self._yardstick)
        return [(each, "Count", 1.0) for each in (REQUESTS, name) if each]

    def _tell_answers(self, counts: Counter[int]) -> None:
        """In a document of its own, that names no request."""
        found = [(ANSWERS[place], "Count", float(count)) for place, count in counts.items()]
        self._measure([(ANSWER_SCALE, "None", self._yardstick.scale), *found], by_version=True)

    def _measurements(
        self, observation: Observation, tally: Tally, latency: float
    ) -> list[Measurement]:
        found: list[Measurement] = [
            ("Errors", "Count", float(observation.status >= 500)),
            ("Refused", "Count", float(400 <= observation.status < 500)),
            ("ColdStart", "Count", float(self._cold)),
        ]
        if observation.predictions:
            found += [
                ("Latency", "Milliseconds", latency),
                ("Predictions", "Count", float(len(observation.predictions))),
                ("Fallbacks", "Count", float(tally.fallbacks.total())),
            ]
        # Not told when there are none: every metric costs its share of a short request.
        if abstentions := tally.abstentions.total():
            found.append(("Abstentions", "Count", float(abstentions)))
        if tally.reviews:
            found.append(("Reviews", "Count", float(tally.reviews)))
        if tally.confidences:
            mean = sum(tally.confidences) / len(tally.confidences)
            found.append(("Confidence", "None", mean))
        return found

    def _log(self, level: str, event: str, facts: Mapping[str, Any]) -> None:
        extra = {"model": self._pin.name, "model_version": self._pin.version, **facts}
        try:
            getattr(self._logger, level)(event, extra=extra, stacklevel=4)
        except Exception:  # noqa: BLE001 - whatever the sink raises, the answer is not its business
            self.lost += 1

    def _measure(
        self, found: list[Measurement], *, by_version: bool = False, **metadata: str
    ) -> None:
        lost = self.lost
        try:
            self._metrics.add_dimensions(model=self._pin.name, version=self._pin.version)
            if by_version and self._lambda_version:
                self._metrics.add_dimensions(**{BY_VERSION: self._lambda_version})
            for name, unit, value in found + ([("TelemetryLost", "Count", lost)] if lost else []):
                self._metrics.add_metric(name, unit, value)
            for key, text in metadata.items():
                self._metrics.add_metadata(key, text)
            self._metrics.flush_metrics()
            self.lost -= lost
        except Exception:  # noqa: BLE001 - as above
            self.lost += 1
            self._metrics.clear_metrics()


def _facts(observation: Observation, tally: Tally, latency: float) -> dict[str, Any]:
    return {
        "request": observation.request_id,
        "method": observation.method,
        "route": observation.route,
        "status": observation.status,
        "latency_ms": round(latency, 2),
        "rows": len(observation.predictions),
        "fallbacks": dict(tally.fallbacks),
        "abstentions": dict(tally.abstentions),
        "doubts": dict(tally.doubts),
        "reviews": tally.reviews,
        "problem": observation.problem,
        "codes": observation.codes,
        "failure": observation.failure,
    }


def connect(
    service: str, pin: Pin, clock: Callable[[], float], lambda_version: str = ""
) -> tuple[Logger, Telemetry]:
    """Powertools' sinks: JSON lines and embedded metrics, both on stdout.

    Every metric is kept by service alone, for the alarms, and by service, model and version; what
    came through the alias `live` also by service and Lambda version, for the judge of releases.
    """
    logger = Logger(service=service)
    metrics = AmazonCloudWatchEMFProvider(
        namespace=NAMESPACE, service=service, default_dimensions={"service": service}
    )
    return logger, Telemetry(logger, metrics, pin, clock, lambda_version)
