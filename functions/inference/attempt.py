"""One request put to the model: rows that it fails on are declined, and the breaker hears of it."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

from functions.inference.breaker import Breaker, is_to_blame
from functions.inference.loading.artifact_loader import LoadedModel
from functions.inference.settings import Limits
from model_store.contract import Row, encode
from model_store.decision import Declined, Judge, Verdict, reason_of
from model_store.errors import ModelFailed, PredictionError


class Attempt(NamedTuple):
    """left: seconds that the model may still use. judge: of what it answers."""

    model: LoadedModel
    judge: Judge
    left: Callable[[], float]
    limits: Limits
    breaker: Breaker

    def verdicts(self, rows: list[Row]) -> tuple[Sequence[Verdict], str | None]:
        """One per row, and the name of what kept the model from answering."""
        seconds = self.left()
        try:
            verdicts = self._judged(rows, seconds)
        except PredictionError as error:
            failure = error
        else:
            self.breaker.succeeded()
            return verdicts, None
        if isinstance(failure, ModelFailed) and len(rows) > 1:
            verdicts, works = self._one_by_one(rows)
        else:
            verdicts, works = [Declined(reason_of(failure))] * len(rows), False
        if works:
            self.breaker.succeeded()
        elif is_to_blame(failure, seconds, self.limits.fair_run):
            self.breaker.failed()
        return verdicts, type(failure).__name__

    def _one_by_one(self, rows: list[Row]) -> tuple[list[Verdict], bool]:
        """Each row alone, and whether the model answered any: one caller's odd rows spoil no
        other row, and say nothing about the model. Past a few failures no more rows are asked.
        """
        verdicts: list[Verdict] = []
        failures: list[PredictionError] = []
        for place, row in enumerate(rows):
            if len(failures) == self.limits.failures_alone:
                spoiled = Declined(reason_of(failures[-1]))
                return verdicts + [spoiled] * (len(rows) - place), place > len(failures)
            try:
                verdicts += self._judged([row], self.left())
            except PredictionError as error:
                failures.append(error)
                verdicts.append(Declined(reason_of(error)))
        return verdicts, len(failures) < len(rows)

    def _judged(self, rows: Sequence[Row], seconds: float) -> list[Verdict]:
        """Raises PredictionError."""
        manifest = self.model.manifest
        outputs = self.model.predictor.predict(encode(rows, manifest.inputs), seconds)
        return self.judge.verdicts(outputs, rows)
