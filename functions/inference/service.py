"""Rows in, predictions out: validate, predict, decide. Knows no HTTP."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from functions.inference.attempt import Attempt
from functions.inference.breaker import Breaker
from functions.inference.contracts import Paths, Served, own
from functions.inference.errors import ModelNotReady, TooManyRows
from functions.inference.loading.artifact_loader import LoadedModel
from functions.inference.loading.model_holder import ModelHolder
from functions.inference.options import NO_OPTIONS, Options, check_options
from functions.inference.rows import in_order, read_rows
from functions.inference.settings import Limits, Pin
from functions.inference.sources import StoredSources
from model_store.artifact.manifest import Manifest
from model_store.artifact.standby import Standby
from model_store.contract import Contract, Row, Scalar
from model_store.decision import Declined, Judge, Verdict, merge
from model_store.fallbacks.chain import fall_back
from model_store.fallbacks.records import Fallback, OtherModel, Popular
from model_store.predictions import Prediction, Reason

SWITCHED_OFF = "an operator has switched it off, and its fallbacks answer"


class Outcome(NamedTuple):
    """One prediction per row, in order. failure: the name of what kept the model from answering."""

    predictions: list[Prediction]
    failure: str | None = None


@dataclass(frozen=True, slots=True)
class Service:
    """The one model of this function, and what answers in its stead.

    sources: what fallbacks need from outside. switched_off: an operator has put the model on its
    fallbacks (`lambent fallback NAME on`).
    """

    pin: Pin
    standby: Standby | None
    holder: ModelHolder
    breaker: Breaker
    limits: Limits
    sources: StoredSources
    switched_off: bool = False
    paths: Paths = field(default_factory=Paths)

    def start(self) -> None:
        """Load the model, in the init phase. Whatever comes of it, the function can answer."""
        if not self.switched_off:
            self.holder.start()

    @property
    def known(self) -> Manifest | Standby | None:
        """What is known of the model: its manifest, else what was deployed beside it."""
        return (None if self.switched_off else self.holder.manifest) or self.standby

    @property
    def contract(self) -> Contract | None:
        return known.contract if (known := self.known) else None

    @property
    def fallbacks(self) -> tuple[Fallback, ...]:
        return known.fallbacks if (known := self.known) else ()

    @property
    def example(self) -> Scalar | None:
        """A value that the model may answer, for its type; None if that is not known."""
        known = self.known
        if known and known.labels:
            return known.labels[0]
        return 0.0 if isinstance(known, Manifest) else None

    def manifest(self, time_left: float) -> Manifest:
        """Of the loaded model; raises ModelNotReady."""
        if model := self._model(time_left):
            return model.manifest
        raise self._not_ready()

    def contract_now(self, time_left: float) -> Contract:
        """After one more attempt to load, if that is due; raises ModelNotReady."""
        self._model(time_left)
        if contract := self.contract:
            return contract
        raise self._not_ready()

    def served_at(self, major: str, time_left: float) -> Served:
        """What callers of this major version know, after one more attempt to load, if that is due;
        raises NoSuchContract."""
        self._model(time_left)
        return self.paths.served_at(self.known, major)

    def predict(
        self,
        instances: Sequence[object],
        time_left: Callable[[], float],
        options: Options = NO_OPTIONS,
        served: Served | None = None,
    ) -> Outcome:
        """Raises TooManyRows, InvalidRequest or NoFallback. time_left: seconds for this request.

        served: by what the rows are read; the model's own contract by default.
        Whatever else keeps the model from answering, a fallback answers and says why.
        """
        self._check_number(instances)
        model = self._model(time_left())
        if isinstance(known := self.known, Manifest):
            check_options(options, known)
        served = served or own(self.known)
        read = read_rows(served, instances, partial=options.partial)
        rows = [row for row in read if isinstance(row, Row)]
        readable = model if served.contract else None
        found = self._answered(readable, rows, time_left, options)
        return Outcome(in_order(read, found.predictions), found.failure)

    def predict_rows(self, rows: list[Row], time_left: Callable[[], float]) -> Outcome:
        """The same for rows that have been read, without options."""
        self._check_number(rows)
        return self._answered(self._model(time_left()), rows, time_left, NO_OPTIONS)

    def _check_number(self, rows: Sequence[object]) -> None:
        if len(rows) > self.limits.rows:
            raise TooManyRows(len(rows), self.limits.rows)

    def _answered(
        self,
        model: LoadedModel | None,
        rows: list[Row],
        time_left: Callable[[], float],
        options: Options,
    ) -> Outcome:
        verdicts, failure = self._verdicts(model, rows, time_left, options)
        return Outcome(self._settled(verdicts, rows, time_left), failure)

    def _model(self, time_left: float) -> LoadedModel | None:
        return None if self.switched_off else self.holder.current(time_left)

    def _not_ready(self) -> ModelNotReady:
        return ModelNotReady(SWITCHED_OFF if self.switched_off else self.holder.public_reason)

    def _verdicts(
        self,
        model: LoadedModel | None,
        rows: list[Row],
        time_left: Callable[[], float],
        options: Options,
    ) -> tuple[Sequence[Verdict], str | None]:
        if not rows:
            return [], None
        if model is None:
            reason = Reason.SWITCHED_OFF if self.switched_off else self.holder.reason
            return [Declined(reason)] * len(rows), None
        if not self.breaker.allows():
            return [Declined(Reason.BREAKER_OPEN)] * len(rows), None
        reserved = self._reserved(time_left())

        def left() -> float:
            return time_left() - reserved

        judge = Judge(model.manifest, options) if options.beyond_policy else model.judge
        return Attempt(model, judge, left, self.limits, self.breaker).verdicts(rows)

    def _reserved(self, seconds: float) -> float:
        """What the model may not use of the time, so that a fallback that needs some has some."""
        slow = any(isinstance(link, OtherModel | Popular) for link in self.fallbacks)
        return seconds * (1 - self.limits.model_share) if slow else 0.0

    def _settled(
        self, verdicts: Sequence[Verdict], rows: Sequence[Row], time_left: Callable[[], float]
    ) -> list[Prediction]:
        declined = [
            (row, verdict.reason)
            for row, verdict in zip(rows, verdicts, strict=True)
            if isinstance(verdict, Declined)
        ]
        if not declined:
            return merge(verdicts, rows, ())
        asked, reasons = zip(*declined, strict=True)
        known = self.known
        sources = self.sources.within(time_left(), known.labels if known else ())
        answers = fall_back(self.fallbacks, asked, reasons, sources)
        message = known.policy.message if isinstance(known, Manifest) else ""
        return merge(verdicts, rows, answers, message)
