"""Rows in, predictions out: validate, predict, decide. Knows no HTTP."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from functions.inference.breaker import Breaker
from functions.inference.errors import InvalidRequest, ModelNotReady, TooManyRows
from functions.inference.loading.artifact_loader import LoadedModel
from functions.inference.loading.model_holder import ModelHolder
from functions.inference.settings import Limits, Pin
from model_store.artifact.facts import Fallback
from model_store.artifact.manifest import Manifest
from model_store.artifact.standby import Standby
from model_store.contract import Code, Contract, InvalidRow, Row, Violation, encode, normalise
from model_store.decision import Prediction, Reason, decide, fall_back, reason_of
from model_store.errors import DeadlineExceeded, ModelOutputInvalid, PredictionError

REPORTED_VIOLATIONS = 100


@dataclass(frozen=True, slots=True)
class Outcome:
    """One prediction per row, in order. failure: the name of what kept the model from answering."""

    predictions: list[Prediction]
    failure: str | None = None


@dataclass(frozen=True, slots=True)
class Service:
    """The one model of this function, and what answers in its stead."""

    pin: Pin
    standby: Standby | None
    holder: ModelHolder
    breaker: Breaker
    limits: Limits

    @property
    def contract(self) -> Contract | None:
        """Of the model if it is loaded, else of the standby; None if neither knows it."""
        if model := self.holder.model:
            return model.manifest.contract
        return self.standby.contract if self.standby else None

    @property
    def fallback(self) -> Fallback | None:
        if model := self.holder.model:
            return model.manifest.fallback
        return self.standby.fallback if self.standby else None

    def manifest(self, time_left: float) -> Manifest:
        """Of the loaded model; raises ModelNotReady."""
        if model := self.holder.current(time_left):
            return model.manifest
        raise ModelNotReady(self.holder.public_reason)

    def predict(self, instances: Sequence[object], time_left: Callable[[], float]) -> Outcome:
        """Raises TooManyRows, InvalidRequest or NoFallback. time_left: seconds for this request.

        Whatever else keeps the model from answering, the fallback answers and says why.
        """
        if len(instances) > self.limits.rows:
            raise TooManyRows(len(instances), self.limits.rows)
        model = self.holder.current(time_left())
        rows = read_rows(self.contract, instances)
        if model is None:
            return self._instead(self.holder.reason, rows)
        if not self.breaker.allows():
            return self._instead(Reason.BREAKER_OPEN, rows)
        return self._ask(model, rows, time_left())

    def _ask(self, model: LoadedModel, rows: list[Row], seconds: float) -> Outcome:
        try:
            tensors = encode(rows, model.manifest.inputs)
            outputs = model.predictor.predict(tensors, seconds)
        except PredictionError as error:
            if self._is_the_models_fault(error, seconds):
                self.breaker.failed()
            return self._instead(reason_of(error), rows, type(error).__name__)
        self.breaker.succeeded()
        return Outcome(decide(outputs, rows, model.manifest))

    def _is_the_models_fault(self, error: PredictionError, seconds: float) -> bool:
        """One caller's odd rows or lack of time must not keep the model from the others."""
        if isinstance(error, DeadlineExceeded):
            return seconds >= self.limits.fair_run
        return not isinstance(error, ModelOutputInvalid)

    def _instead(self, reason: Reason, rows: list[Row], failure: str | None = None) -> Outcome:
        return Outcome(fall_back(self.fallback, reason, rows), failure)


def read_rows(contract: Contract | None, instances: Sequence[object]) -> list[Row]:
    """Normalised rows; raises InvalidRequest with the violations of all rows.

    Without a contract there is nothing to check but that each is a JSON object.
    """
    rows: list[Row] = []
    violations: list[Violation] = []
    for number, instance in enumerate(instances):
        try:
            rows.append(normalise(contract, instance) if contract else _unchecked(instance))
        except InvalidRow as error:
            violations += [found.under("instances", number) for found in error.violations]
            if len(violations) >= REPORTED_VIOLATIONS:
                break
    if violations:
        raise InvalidRequest(violations[:REPORTED_VIOLATIONS])
    return rows


def _unchecked(instance: object) -> Row:
    if isinstance(instance, Mapping):
        return Row({})
    raise InvalidRow("unknown", [Violation((), Code.NOT_AN_OBJECT, "must be a JSON object")])
