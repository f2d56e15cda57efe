"""CodeDeploy asks; the verdict goes back to it, and a refusal to whoever should know."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from functions.operations.lifecycle import question_in
from functions.operations.telling import Teller
from functions.pretraffic.errors import NotUnderstood
from functions.pretraffic.messages import message
from functions.pretraffic.rehearsal import Clients, Rehearsal
from functions.pretraffic.report import Report
from functions.pretraffic.settings import Settings
from model_store.errors import AwsError
from model_store.history.live import Version
from model_store.history.table import HistoryTable, Move

WHO = "lambent pre-traffic hook"
RESERVE = 20.0
"""Seconds kept for telling the verdict: to the history, CodeDeploy and the topic."""


@dataclass(frozen=True)
class Hook:
    """codedeploy: its client has no type stubs here."""

    settings: Settings
    clients: Clients
    codedeploy: Any
    history: HistoryTable
    teller: Teller
    sleep: Callable[[float], None]

    def __call__(self, event: dict[str, Any], context: Any) -> dict[str, Any]:
        """Rehearse, and answer the report; CodeDeploy's event is told the verdict as well.

        Raises NotUnderstood, and AwsError when CodeDeploy does not take the verdict: Lambda then
        calls again.
        """
        if event.get("rehearse") is True:
            return self._rehearse(context)[0].document()
        question = question_in(event)
        if question is None:
            raise NotUnderstood
        report, live = self._rehearse(context)
        if not report.is_fit and live:
            self._record(report, live)
        question.answer(self.codedeploy, goes_on=report.is_fit)
        if not report.is_fit:
            self.teller.send(message(report, live))
        return report.document()

    def _rehearse(self, context: Any) -> tuple[Report, Version | None]:
        def time_left() -> float:
            return float(context.get_remaining_time_in_millis()) / 1000 - RESERVE

        report, live = Rehearsal(self.settings, self.clients, time_left, self.sleep).run()
        said = "rehearsed" if report.is_fit else "refused"
        self.teller.log(said, report=report.document())
        return report, live

    def _record(self, report: Report, live: Version) -> None:
        """Once, however often Lambda calls; the verdict stands where it cannot be written down.

        Nothing without a live version: the history tells what the alias did.
        """
        move = Move("refused", report.candidate, WHO, report.why, self.settings.digest)
        try:
            known = self.history.reconciled(report.model, live)
            self.history.record(report.model, move, live, known, once=True)
        except AwsError as error:
            self.teller.log("not written down", why=str(error))
