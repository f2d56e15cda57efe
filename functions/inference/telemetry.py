"""What is told to CloudWatch: an allow-list of facts, never a feature value or a body."""

import traceback
from collections import Counter
from collections.abc import Callable, Mapping
from sys import _getframe
from typing import Any

from functions.inference.errors import ServingError
from functions.inference.lines import Lines, Metrics
from functions.inference.observation import Observation, Tally, facts_of
from functions.inference.settings import Pin
from functions.inference.trials import Answers, Yardstick, trouble
from model_store.artifact.manifest import Manifest
from model_store.errors import LambentError
from model_store.request_metrics import (
    ANSWER_SCALE,
    ANSWERS,
    BY_VERSION,
    LATENCY,
    NAMESPACE,
    REQUESTS,
)


class Telemetry:
    """Logs and metrics. A sink that fails costs a line and is counted, never an answer.

    What was lost is told as the metric TelemetryLost as soon as the sink works again (row 53).

    Every metric is kept by service alone, for the alarms, and by service, model and version; what
    came through the alias `live` also by service and Lambda version, for the judge of releases.
    """

    def __init__(
        self, lines: Lines, pin: Pin, clock: Callable[[], float], lambda_version: str = ""
    ) -> None:
        self._lines, self._pin, self._clock = lines, pin, clock
        self._about = {"model": pin.name, "model_version": pin.version}
        self._dimensions = {"service": lines.service, "model": pin.name, "version": pin.version}
        self._lambda_version = lambda_version
        self._yardstick = Yardstick()
        self._measured: Manifest | None = None
        self._answers = Answers()
        self._cold = True
        self._invoked = False
        self.lost = 0

    def invoked(self, context: Any, correlation_id: str | None) -> None:
        """An invocation of Lambda begins: what is logged from now on names it."""
        self._lines.invoked(context, correlation_id, is_cold=not self._invoked)
        self._invoked = True

    def loaded(self, seconds: float) -> None:
        self._log("info", "model_loaded", {"seconds": round(seconds, 3)})
        self._measure({"ModelLoadTime": seconds * 1000})

    def load_failed(self, error: ServingError, corrupt: bool) -> None:
        facts = {"error": type(error).__name__, "where": error.where, "what": error.what}
        self._log("error", "model_not_loaded", facts | {"next_step": error.next_step})
        found = {"ModelLoadFailures": 1.0} | ({"ArtifactCorrupt": 1.0} if corrupt else {})
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
        """The one line of a request, which holds its metrics."""
        latency = (self._clock() - observation.started) * 1000
        tally = Tally.of(observation.predictions)
        facts = facts_of(observation, tally, latency)
        if observation.is_rehearsal:
            self._cold = False
            self._log("info", "request", facts)
            return  # a candidate that fails must not light the alarms of what is live
        found = self._measurements(observation, tally, latency)
        # Only predictions are posted. What is sent to one version, such as a shadow's copies,
        # says nothing of how callers fare with it.
        is_trial = observation.method == "POST" and observation.through_live
        if is_trial:
            found |= self._tried(observation)
        metrics = self._metrics(found, by_version=is_trial, request_id=observation.request_id)
        self._log("info", "request", facts, metrics)
        if counts := self._answers.take():
            self._tell_answers(counts)
        self._cold = False

    def _tried(self, observation: Observation) -> dict[str, float]:
        """What the request was to the judge of a release."""
        if observation.manifest is not self._measured and observation.manifest is not None:
            self._measured = observation.manifest
            self._yardstick = Yardstick.of(observation.manifest)
        self._answers.add(observation.predictions, self._yardstick)
        name = trouble(observation.status, observation.predictions, self._yardstick)
        return {REQUESTS: 1.0, name: 1.0} if name else {REQUESTS: 1.0}

    def _tell_answers(self, counts: Counter[int]) -> None:
        """In a document of its own, that names no request."""
        found = {ANSWERS[place]: float(count) for place, count in counts.items()}
        self._measure({ANSWER_SCALE: self._yardstick.scale} | found, by_version=True)

    def _measurements(
        self, observation: Observation, tally: Tally, latency: float
    ) -> dict[str, float]:
        found = {
            "Errors": float(observation.status >= 500),
            "Refused": float(400 <= observation.status < 500),
            "ColdStart": float(self._cold),
        }
        if observation.predictions:
            found[LATENCY] = latency
            found["Predictions"] = float(len(observation.predictions))
            found["Fallbacks"] = float(sum(tally.fallbacks.values()))
        # Not told when there are none: every metric costs its share of a short request.
        if tally.abstentions:
            found["Abstentions"] = float(sum(tally.abstentions.values()))
        if tally.reviews:
            found["Reviews"] = float(tally.reviews)
        if tally.confidences:
            found["Confidence"] = sum(tally.confidences) / len(tally.confidences)
        return found

    def _log(
        self, level: str, event: str, facts: Mapping[str, Any], metrics: Metrics | None = None
    ) -> None:
        frame = _getframe(1)
        where = f"{frame.f_code.co_name}:{frame.f_lineno}"
        facts = {**self._about, **facts}
        self._write(lambda: self._lines.entry(level.upper(), event, where, facts, metrics), metrics)

    def _measure(self, found: dict[str, float], *, by_version: bool = False) -> None:
        metrics = self._metrics(found, by_version=by_version)
        self._write(lambda: self._lines.document(metrics), metrics)

    def _metrics(
        self, found: dict[str, float], *, by_version: bool = False, **metadata: str
    ) -> Metrics:
        told = found | {"TelemetryLost": float(self.lost)} if self.lost else found
        if by_version and self._lambda_version:
            dimensions = {**self._dimensions, BY_VERSION: self._lambda_version}
            return Metrics(NAMESPACE, dimensions, _SETS_BY_VERSION, told, _UNITS, metadata)
        return Metrics(NAMESPACE, self._dimensions, _SETS, told, _UNITS, metadata)

    def _write(self, write: Callable[[], None], metrics: Metrics | None) -> None:
        lost = self.lost if metrics else 0
        try:
            write()
            self.lost -= lost
        except Exception:  # noqa: BLE001 - whatever the sink raises, the answer is not its business
            self.lost += 1


_SETS = (("service",), ("service", "model", "version"))
_SETS_BY_VERSION = (*_SETS, ("service", BY_VERSION))
_UNITS = {
    LATENCY: "Milliseconds",
    "ModelLoadTime": "Milliseconds",
    "Confidence": "None",
    ANSWER_SCALE: "None",
}
"""Of what is no count."""
