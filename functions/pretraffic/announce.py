"""Who hears of a refused version: the history, and the topic of the alarms."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from functions.pretraffic.report import Report
from functions.pretraffic.settings import Settings
from model_store.aws import translated
from model_store.history.live import Version
from model_store.history.table import HistoryTable, Move

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

WHO = "lambent pre-traffic hook"
LONGEST_SUBJECT = 100


def record(
    client: "DynamoDBClient", settings: Settings, report: Report, live: Version | None
) -> None:
    """Write down that the candidate was refused; once, however often Lambda calls.

    Nothing without a live version: the history tells what the alias did. Raises AwsError.
    """
    if live is None:
        return
    table = HistoryTable(client, settings.history)
    known = table.reconciled(report.model, live)
    move = Move("refused", settings.candidate, WHO, report.why, settings.digest)
    table.record(report.model, move, live, known, once=True)


@dataclass(frozen=True, slots=True)
class Notice:
    """One message to people."""

    subject: str
    text: str


def notice(report: Report, live: Version | None) -> Notice:
    name = f"{report.model}@{report.version}"
    stays = f"{report.model}@{live.model_version}" if live else "nothing"
    told = "\n".join(f"- {check.name}: {check.verdict}, {check.told}" for check in report.checks)
    text = (
        f"{name} (Lambda version {report.candidate}) was refused before any caller met it.\n"
        f"Why: {report.why}\n\n{told}\n\n"
        f"{stays} stays live. Next: lambent history {report.model}; correct the model, "
        f"package it under a new version, and deploy that.\n"
    )
    return Notice(f"Lambent: {name} refused before traffic"[:LONGEST_SUBJECT], text)


def publish(client: Any, topic: str, message: Notice) -> None:
    """To an SNS topic, if there is one. client: Any because its stubs are not installed.

    Raises AwsError.
    """
    if topic:
        with translated(f"topic {topic}"):
            client.publish(TopicArn=topic, Subject=message.subject, Message=message.text)
