"""What people are told of a version that was refused. Pure."""

from functions.operations.telling import Message
from functions.pretraffic.report import Report
from model_store.history.live import Version


def message(report: Report, live: Version | None) -> Message:
    name = f"{report.model}@{report.version}"
    stays = f"{report.model}@{live.model_version}" if live else "nothing"
    told = "\n".join(f"- {check.name}: {check.verdict}, {check.told}" for check in report.checks)
    text = (
        f"{name} (Lambda version {report.candidate}) was refused before any caller met it.\n"
        f"Why: {report.why}\n\n{told}\n\n"
        f"{stays} stays live. Next: lambent history {report.model}; correct the model, "
        f"package it under a new version, and deploy that.\n"
    )
    return Message(f"Lambent: {name} refused before traffic", text)
