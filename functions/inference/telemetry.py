"""What is told to CloudWatch: an allow-list of facts, never a feature value or a body."""

import traceback
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from aws_lambda_powertools.logging import Logger
from aws_lambda_powertools.metrics.provider.cloudwatch_emf.cloudwatch import (
    AmazonCloudWatchEMFProvider,
)

from functions.inference.errors import ServingError
from functions.inference.settings import Pin
from model_store.errors import LambentError
from model_store.predictions import (
    AbstainPrediction,
    FallbackPrediction,
    ModelPrediction,
    Prediction,
)

NAMESPACE = "Lambent"
Measurement = tuple[str, str, float]
"""Name, unit, value."""


@dataclass(slots=True)
class Observation:
    """One request and its answer, as far as the outside may know of it."""

    request_id: str
    method: str
    started: float
    route: str = "none"
    status: int = 0
    problem: str | None = None
    codes: tuple[str, ...] = ()
    predictions: list[Prediction] = field(default_factory=list)
    failure: str | None = None

    @property
    def reasons(self) -> Counter[str]:
        """How many predictions fell back, by reason."""
        return Counter(str(p.reason) for p in self.predictions if isinstance(p, FallbackPrediction))

    @property
    def abstentions(self) -> Counter[str]:
        """How many rows got no answer, by reason."""
        return Counter(str(p.reason) for p in self.predictions if isinstance(p, AbstainPrediction))

    @property
    def doubts(self) -> Counter[str]:
        """What was doubtful about answers of the model that were given all the same."""
        answered = (p for p in self.predictions if isinstance(p, ModelPrediction))
        return Counter(str(doubt) for prediction in answered for doubt in prediction.doubts)

    @property
    def reviews(self) -> int:
        """How many rows a person should look at."""
        given = (p for p in self.predictions if not isinstance(p, FallbackPrediction))
        return sum(prediction.needs_review for prediction in given)

    @property
    def confidence(self) -> float | None:
        """Mean of the model's answers; None if none has one."""
        answered = (p.confidence for p in self.predictions if isinstance(p, ModelPrediction))
        found = [confidence for confidence in answered if confidence is not None]
        return sum(found) / len(found) if found else None


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
    ) -> None:
        self._logger, self._metrics, self._pin, self._clock = logger, metrics, pin, clock
        self._cold = True
        self.lost = 0

    def loaded(self, seconds: float) -> None:
        self._log("info", "model_loaded", {"seconds": round(seconds, 3)})
        self._measure([("ModelLoadTime", "Milliseconds", seconds * 1000)])

    def load_failed(self, error: ServingError, corrupt: bool) -> None:
        facts = {"error": type(error).__name__, "where": error.where, "what": error.what}
        self._log("error", "model_not_loaded", facts | {"next_step": error.next_step})
        failed = [("ModelLoadFailures", "Count", 1.0)]
        self._measure(failed + ([("ArtifactCorrupt", "Count", 1.0)] if corrupt else []))

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
        self._log("info", "request", _facts(observation, latency))
        self._measure(self._measurements(observation, latency), request_id=observation.request_id)
        self._cold = False

    def _measurements(self, observation: Observation, latency: float) -> list[Measurement]:
        found: list[Measurement] = [
            ("Errors", "Count", float(observation.status >= 500)),
            ("Refused", "Count", float(400 <= observation.status < 500)),
            ("ColdStart", "Count", float(self._cold)),
        ]
        if observation.predictions:
            found += [
                ("Latency", "Milliseconds", latency),
                ("Predictions", "Count", float(len(observation.predictions))),
                ("Fallbacks", "Count", float(observation.reasons.total())),
                ("Abstentions", "Count", float(observation.abstentions.total())),
                ("Reviews", "Count", float(observation.reviews)),
            ]
        if observation.confidence is not None:
            found.append(("Confidence", "None", observation.confidence))
        return found

    def _log(self, level: str, event: str, facts: Mapping[str, Any]) -> None:
        extra = {"model": self._pin.name, "model_version": self._pin.version, **facts}
        try:
            getattr(self._logger, level)(event, extra=extra, stacklevel=4)
        except Exception:  # noqa: BLE001 - whatever the sink raises, the answer is not its business
            self.lost += 1

    def _measure(self, found: list[Measurement], **metadata: str) -> None:
        lost = self.lost
        try:
            self._metrics.add_dimensions(model=self._pin.name, version=self._pin.version)
            for name, unit, value in found + ([("TelemetryLost", "Count", lost)] if lost else []):
                self._metrics.add_metric(name, unit, value)
            for key, text in metadata.items():
                self._metrics.add_metadata(key, text)
            self._metrics.flush_metrics()
            self.lost -= lost
        except Exception:  # noqa: BLE001 - as above
            self.lost += 1
            self._metrics.clear_metrics()


def _facts(observation: Observation, latency: float) -> dict[str, Any]:
    return {
        "request": observation.request_id,
        "method": observation.method,
        "route": observation.route,
        "status": observation.status,
        "latency_ms": round(latency, 2),
        "rows": len(observation.predictions),
        "fallbacks": dict(observation.reasons),
        "abstentions": dict(observation.abstentions),
        "doubts": dict(observation.doubts),
        "reviews": observation.reviews,
        "problem": observation.problem,
        "codes": observation.codes,
        "failure": observation.failure,
    }


def connect(service: str, pin: Pin, clock: Callable[[], float]) -> tuple[Logger, Telemetry]:
    """Powertools' sinks: JSON lines and embedded metrics, both on stdout.

    Every metric is kept by service alone, for the alarms, and by service, model and version.
    """
    logger = Logger(service=service)
    metrics = AmazonCloudWatchEMFProvider(
        namespace=NAMESPACE, service=service, default_dimensions={"service": service}
    )
    return logger, Telemetry(logger, metrics, pin, clock)
