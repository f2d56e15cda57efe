"""Every minute, and once more at the end: look, read, decide, stop the release if it is worse."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from functions.canary.decision import Stage, stage_of, unusable, why_refused
from functions.canary.findings import Bar, find
from functions.canary.messages import message
from functions.canary.readings import Window, read
from functions.canary.settings import Settings
from functions.operations.lifecycle import Question, question_in
from functions.operations.statistics.verdict import Finding
from functions.operations.telling import Teller
from model_store.aws import translated
from model_store.errors import AwsError, AwsUnavailable
from model_store.history.live import Version, read_version
from model_store.history.shift import Shift, find_shift, read_pace, stop
from model_store.history.table import HistoryTable, Move

if TYPE_CHECKING:
    from mypy_boto3_cloudwatch import CloudWatchClient
    from mypy_boto3_lambda import LambdaClient

WHO = "lambent canary judge"
MINUTE = timedelta(minutes=1)


@dataclass(frozen=True)
class Judge:
    """Raises AwsError where AWS does not answer: the alarm over the judge then stops the release.

    `codedeploy`: its client has no type stubs here.
    """

    settings: Settings
    codedeploy: Any
    cloudwatch: "CloudWatchClient"
    lambda_: "LambdaClient"
    history: HistoryTable
    teller: Teller
    now: Callable[[], datetime]

    def __call__(self, event: Mapping[str, Any], context: Any) -> None:  # noqa: ARG002 - Lambda's own
        if question := question_in(event):
            self.confirm(question)
        else:
            self.look()

    def look(self) -> str | None:
        """Why the release was stopped; None if it was not, or none is under way."""
        shift = find_shift(self.codedeploy, self.settings.function)
        return self._judge(shift) if shift else None

    def confirm(self, question: Question) -> None:
        """The last look, when all of the traffic has moved: those before may have failed, and
        CodeDeploy takes the traffic back if this one does."""
        shift = find_shift(self.codedeploy, self.settings.function)
        if shift is None or shift.deployment != question.deployment:
            what = f"deployments of {self.settings.function}"
            raise AwsUnavailable(what, f"{question.deployment} is not among them", "Try again soon")
        if self._judge(shift) is None:
            question.answer(self.codedeploy, goes_on=True)

    def _judge(self, shift: Shift) -> str | None:
        if shift.since is None:
            return None
        pace = read_pace(self.codedeploy, shift.deployment)
        stage = stage_of(shift.since, pace, self.now())
        if stage is None or not self._concerns(shift, stage):
            return None
        findings = self._findings(shift, shift.since, stage)
        why = self._why(shift, findings, stage)
        told = [asdict(each) for each in findings]
        if why is None:
            self.teller.log("judged", findings=told)
        else:
            self._refuse(shift, why, told)
        return why

    def _concerns(self, shift: Shift, stage: Stage) -> bool:
        """Not CodeDeploy's own way back. And for a moment while a stack is updated, the judge is
        still that of the release before: it waits for its successor, though not to the end."""
        candidate = self.settings.candidate
        is_newer = int(shift.target) > int(candidate)
        return shift.target == candidate or (is_newer and stage.is_last)

    def _why(self, shift: Shift, findings: Sequence[Finding], stage: Stage) -> str | None:
        settings = self.settings
        if shift.target != settings.candidate:
            return f"the judge is set up for version {settings.candidate}, not {shift.target}"
        blind = unusable(settings.alarms, self._alarms()) if stage.is_last else []
        return why_refused(findings, blind, stage)

    def _findings(self, shift: Shift, since: datetime, stage: Stage) -> list[Finding]:
        settings = self.settings
        # CloudWatch counts whole minutes, and the one that has begun shall be among them.
        window = Window(settings.function, settings.latency_ms, since, self.now() + MINUTE)
        candidate, live = read(self.cloudwatch, window, shift.target, shift.source)
        bar = Bar(settings.tolerance, settings.churn)
        return find(candidate, live, bar, last=stage.is_last)

    def _alarms(self) -> dict[str, str]:
        """State by name."""
        names = list(self.settings.alarms)
        if not names:
            return {}
        with translated(f"alarms of {self.settings.function}"):
            found = self.cloudwatch.describe_alarms(AlarmNames=names, MaxRecords=100)
        return {alarm["AlarmName"]: alarm["StateValue"] for alarm in found["MetricAlarms"]}

    def _refuse(self, shift: Shift, why: str, told: list[dict[str, Any]]) -> None:
        """Stop first: what cannot be written down must not let a bad version go on."""
        if not stop(self.codedeploy, shift.deployment):
            self.teller.log("ended meanwhile", why=why)
            return
        live: Version | None = None
        try:
            live = read_version(self.lambda_, self.settings.function, shift.source)
            self._record(shift, live, why)
        except AwsError as error:
            self.teller.log("not written down", why=str(error))
        report = {"why": why, "version": self.settings.version, "candidate": shift.target}
        self.teller.log("refused", report={**report, "live": shift.source, "findings": told})
        self.teller.send(message(self.settings, why, shift, live))

    def _record(self, shift: Shift, live: Version, why: str) -> None:
        model = self.settings.model
        known = self.history.reconciled(model, live)
        move = Move("refused", shift.target, WHO, why, self.settings.digest)
        self.history.record(model, move, live, known, once=True)
