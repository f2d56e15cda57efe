"""CodeDeploy asks; the verdict goes back to it, and a refusal to whoever should know."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from functions.pretraffic.announce import notice, publish, record
from functions.pretraffic.errors import NotUnderstood
from functions.pretraffic.rehearsal import Clients, Rehearsal
from functions.pretraffic.report import Report
from functions.pretraffic.settings import Settings
from model_store.aws import translated
from model_store.errors import LambentError
from model_store.history.live import Version

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

RESERVE = 20.0
"""Seconds kept for telling the verdict: to the history, CodeDeploy and the topic."""


@dataclass(frozen=True)
class Hook:
    """codedeploy, sns: boto3 clients, Any because their stubs are not installed.

    write: takes one line of the log.
    """

    settings: Settings
    clients: Clients
    dynamodb: "DynamoDBClient"
    codedeploy: Any
    sns: Any
    sleep: Callable[[float], None]
    write: Callable[[str], None]

    def __call__(self, event: dict[str, Any], context: Any) -> dict[str, Any]:
        """Rehearse, and answer the report; CodeDeploy's event is told the verdict as well.

        Raises NotUnderstood, and AwsError when CodeDeploy does not take the verdict: Lambda then
        calls again.
        """
        if event.get("rehearse") is True:
            return self._rehearse(context)[0].document()
        try:
            ids = {
                "deploymentId": event["DeploymentId"],
                "lifecycleEventHookExecutionId": event["LifecycleEventHookExecutionId"],
            }
        except KeyError:
            raise NotUnderstood from None
        report, live = self._rehearse(context)
        if not report.is_fit:
            self._try("history_not_written", lambda: self._record(report, live))
        self._tell_codedeploy(ids, report)
        if not report.is_fit:
            self._try("nobody_told", lambda: self._notify(report, live))
        return report.document()

    def _rehearse(self, context: Any) -> tuple[Report, Version | None]:
        def time_left() -> float:
            return float(context.get_remaining_time_in_millis()) / 1000 - RESERVE

        report, live = Rehearsal(self.settings, self.clients, time_left, self.sleep).run()
        self._log("rehearsed" if report.is_fit else "refused", report=report.document())
        return report, live

    def _tell_codedeploy(self, ids: dict[str, str], report: Report) -> None:
        status = "Succeeded" if report.is_fit else "Failed"
        with translated(f"deployment {ids['deploymentId']}"):
            self.codedeploy.put_lifecycle_event_hook_execution_status(**ids, status=status)

    def _record(self, report: Report, live: Version | None) -> None:
        record(self.dynamodb, self.settings, report, live)

    def _notify(self, report: Report, live: Version | None) -> None:
        publish(self.sns, self.settings.topic, notice(report, live))

    def _try(self, otherwise: str, action: Callable[[], None]) -> None:
        """The verdict stands, whoever cannot be told of it."""
        try:
            action()
        except LambentError as error:
            self._log(otherwise, error=str(error))

    def _log(self, message: str, **facts: Any) -> None:
        self.write(json.dumps({"message": message, "model": str(self.settings.reference), **facts}))
