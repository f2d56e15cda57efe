"""Rows in, predictions out: validate, predict, decide. Knows no HTTP."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from functions.inference.breaker import Breaker
from functions.inference.errors import InvalidRequest, ModelNotReady, TooManyRows
from functions.inference.loading.artifact_loader import LoadedModel
from functions.inference.loading.model_holder import ModelHolder
from functions.inference.options import NO_OPTIONS, Options, not_stricter
from functions.inference.settings import Limits, Pin
from model_store.artifact.manifest import Manifest
from model_store.artifact.standby import Standby
from model_store.contract import Code, Contract, InvalidRow, Row, Violation, encode, normalise
from model_store.decision import Declined, Looser, Verdict, judge, merge, reason_of
from model_store.errors import DeadlineExceeded, ModelOutputInvalid, PredictionError
from model_store.fallbacks.chain import Sources, fall_back
from model_store.fallbacks.records import Fallback, OtherModel, Popular
from model_store.predictions import AbstainPrediction, InputError, Prediction, Reason

REPORTED_VIOLATIONS = 100


@dataclass(frozen=True, slots=True)
class Outcome:
    """One prediction per row, in order. failure: the name of what kept the model from answering."""

    predictions: list[Prediction]
    failure: str | None = None


@dataclass(frozen=True, slots=True)
class Service:
    """The one model of this function, and what answers in its stead.

    sources: what fallbacks need from outside, for a request that has so many seconds left.

    switched_off: an operator has put the model on its fallback (`lambent fallback NAME on`).
    """

    pin: Pin
    standby: Standby | None
    holder: ModelHolder
    breaker: Breaker
    limits: Limits
    sources: Callable[[float], Sources]
    switched_off: bool = False

    @property
    def contract(self) -> Contract | None:
        """Of the model if it is loaded, else of the standby; None if neither knows it."""
        if manifest := self._seen:
            return manifest.contract
        return self.standby.contract if self.standby else None

    @property
    def fallbacks(self) -> tuple[Fallback, ...]:
        if manifest := self._seen:
            return manifest.fallbacks
        return self.standby.fallbacks if self.standby else ()

    @property
    def _seen(self) -> Manifest | None:
        return None if self.switched_off else self.holder.manifest

    def manifest(self, time_left: float) -> Manifest:
        """Of the loaded model; raises ModelNotReady."""
        if model := self._model(time_left):
            return model.manifest
        raise ModelNotReady(self.holder.public_reason)

    def predict(
        self,
        instances: Sequence[object],
        time_left: Callable[[], float],
        options: Options = NO_OPTIONS,
    ) -> Outcome:
        """Raises TooManyRows, InvalidRequest or NoFallback. time_left: seconds for this request.

        Whatever else keeps the model from answering, a fallback answers and says why.
        """
        if len(instances) > self.limits.rows:
            raise TooManyRows(len(instances), self.limits.rows)
        model = self._model(time_left())
        found = read_rows(self.contract, instances, partial=options.partial)
        rows = [row for row in found if isinstance(row, Row)]
        outcome = self._answer(model, rows, time_left, options) if rows else Outcome([])
        return Outcome(_in_order(found, outcome.predictions), outcome.failure)

    def _model(self, time_left: float) -> LoadedModel | None:
        return None if self.switched_off else self.holder.current(time_left)

    def _answer(
        self,
        model: LoadedModel | None,
        rows: list[Row],
        time_left: Callable[[], float],
        options: Options,
    ) -> Outcome:
        failure: str | None = None
        if model is None:
            reason = Reason.SWITCHED_OFF if self.switched_off else self.holder.reason
            verdicts: Sequence[Verdict] = [Declined(reason)] * len(rows)
        elif not self.breaker.allows():
            verdicts = [Declined(Reason.BREAKER_OPEN)] * len(rows)
        else:
            verdicts, failure = self._ask(model, rows, self._share(time_left()), options)
        return Outcome(self._settled(verdicts, rows, time_left()), failure)

    def _share(self, seconds: float) -> float:
        """What the model may use of the time, so that a fallback that needs some has some."""
        slow = any(isinstance(link, OtherModel | Popular) for link in self.fallbacks)
        return seconds * self.limits.model_share if slow else seconds

    def _ask(
        self, model: LoadedModel, rows: list[Row], seconds: float, options: Options
    ) -> tuple[Sequence[Verdict], str | None]:
        try:
            tensors = encode(rows, model.manifest.inputs)
            outputs = model.predictor.predict(tensors, seconds)
        except PredictionError as error:
            if self._is_the_models_fault(error, seconds):
                self.breaker.failed()
            return [Declined(reason_of(error))] * len(rows), type(error).__name__
        self.breaker.succeeded()
        try:
            return judge(outputs, rows, model.manifest, options), None
        except Looser as error:
            raise not_stricter(error) from None

    def _is_the_models_fault(self, error: PredictionError, seconds: float) -> bool:
        """One caller's odd rows or lack of time must not keep the model from the others."""
        if isinstance(error, DeadlineExceeded):
            return seconds >= self.limits.fair_run
        return not isinstance(error, ModelOutputInvalid)

    def _settled(
        self, verdicts: Sequence[Verdict], rows: Sequence[Row], seconds: float
    ) -> list[Prediction]:
        declined = [
            (row, verdict.reason)
            for row, verdict in zip(rows, verdicts, strict=True)
            if isinstance(verdict, Declined)
        ]
        if not declined:
            return merge(verdicts, ())
        asked, reasons = zip(*declined, strict=True)
        return merge(verdicts, fall_back(self.fallbacks, asked, reasons, self.sources(seconds)))


def read_rows(
    contract: Contract | None, instances: Sequence[object], *, partial: bool = False
) -> list[Row | AbstainPrediction]:
    """Normalised rows; raises InvalidRequest with the violations of all rows, unless partial:
    then what is answered to a row that breaks the contract stands in its place.

    Without a contract there is nothing to check but that each is a JSON object.
    """
    rows: list[Row | AbstainPrediction] = []
    violations: list[Violation] = []
    for number, instance in enumerate(instances):
        try:
            rows.append(normalise(contract, instance) if contract else _unchecked(instance))
        except InvalidRow as error:
            found = [violation.under("instances", number) for violation in error.violations]
            rows.append(_refused(found))
            violations += found
            if not partial and len(violations) >= REPORTED_VIOLATIONS:
                break
    if violations and not partial:
        raise InvalidRequest(violations[:REPORTED_VIOLATIONS])
    return rows


def _refused(violations: Sequence[Violation]) -> AbstainPrediction:
    errors = tuple(
        InputError(pointer=found.pointer, code=found.code, message=found.message)
        for found in violations
    )
    return AbstainPrediction(reason=Reason.INVALID_INPUT, errors=errors)


def _in_order(
    found: Sequence[Row | AbstainPrediction], answers: Sequence[Prediction]
) -> list[Prediction]:
    left = iter(answers)
    return [next(left) if isinstance(row, Row) else row for row in found]


def _unchecked(instance: object) -> Row:
    if isinstance(instance, Mapping):
        return Row({})
    raise InvalidRow("unknown", [Violation((), Code.NOT_AN_OBJECT, "must be a JSON object")])
