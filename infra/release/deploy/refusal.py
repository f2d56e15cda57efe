"""Why a release that sam could not finish was refused, and that this is written down."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from infra.aws import Aws, translated
from infra.errors import LambentError, NotReleased, ToolFailed
from infra.release.deploy.refusal_report import report_of
from infra.release.deployed.draft import Tell
from infra.release.deployed.history import history_of
from infra.release.deployed.live import LambdaVersion, read_versions, require_live
from infra.release.stack.stacks import function_name
from model_store.artifact.reference import ModelReference
from model_store.errors import AwsError
from model_store.history.event import Event
from model_store.history.shift import shift_of, targets_of
from model_store.history.table import Move

CLOCKS_DIFFER_BY = timedelta(minutes=15)
ENDED_BADLY = ["Failed", "Stopped"]


@dataclass(frozen=True)
class Attempt:
    """A release that was tried. `known`: the Lambda versions that there were before it."""

    reference: ModelReference
    digest: str
    known: frozenset[str]
    began: datetime

    def made(self, version: LambdaVersion) -> bool:
        return version.number not in self.known and version.digest == self.digest


def not_released(aws: Aws, attempt: Attempt, failure: ToolFailed, tell: Tell) -> LambentError:
    """What to tell instead of sam's failure: the gate's reason, where it was the gate. `tell` hears
    all that was found.

    A reason that nobody has written into the history is written: CodeDeploy alone stops a release
    for an alarm. Raises nothing that AWS does; the failure then stands as sam told it.
    """
    try:
        event = _refusal(aws, attempt)
        if event and event.source:
            since = attempt.began - CLOCKS_DIFFER_BY
            for line in report_of(aws, attempt.reference.name, event.source, since):
                tell(line)
    except AwsError as error:
        why = f"{failure.what}; whether the gate refused it is unknown ({error})"
        return ToolFailed(failure.where, why, failure.next_step)
    if event is None:
        return failure
    model, good = attempt.reference.name, event.model_version
    return NotReleased(
        str(attempt.reference),
        f"was refused by {event.who}: {event.why}; {model}@{good} is live",
        "Mend it and publish a new version; or release it once more: "
        f"lambent deploy {attempt.reference} --again",
    )


def _refusal(aws: Aws, attempt: Attempt) -> Event | None:
    model = attempt.reference.name
    candidate = next((v for v in reversed(read_versions(aws, model)) if attempt.made(v)), None)
    if candidate is None:  # sam failed before there was anything to refuse
        return None
    history = history_of(aws)
    events = history.events(model)
    if event := _written(events, candidate):
        return event
    why = _stopped(aws, model, candidate.number, attempt.began)
    if why is None:
        return None
    live = require_live(aws, model).version
    move = Move("refused", candidate.number, "CodeDeploy", why, candidate.digest)
    return history.record(model, move, live, events)


def _written(events: Sequence[Event], candidate: LambdaVersion) -> Event | None:
    refused = (e for e in reversed(events) if e.action == "refused")
    return next((e for e in refused if e.source == candidate.number), None)


def _stopped(aws: Aws, model: str, candidate: str, began: datetime) -> str | None:
    """What CodeDeploy says about the deployment that should have made the candidate live."""
    with translated(f"deployments of {function_name(model)}"):
        for deployment in _ended_badly(aws.codedeploy, began - CLOCKS_DIFFER_BY):
            targets = targets_of(aws.codedeploy, deployment)
            shifts = (shift_of(target, function_name(model)) for target in targets)
            if any(shift and shift.target == candidate for shift in shifts):
                about = aws.codedeploy.get_deployment(deploymentId=deployment)["deploymentInfo"]
                return _sentence(about.get("errorInformation") or {})
    return None


def _ended_badly(codedeploy: Any, since: datetime) -> Iterator[str]:
    pages = codedeploy.get_paginator("list_deployments").paginate(
        includeOnlyStatuses=ENDED_BADLY, createTimeRange={"start": since}
    )
    for page in pages:
        yield from page["deployments"]


def _sentence(error: dict[str, str]) -> str:
    message, code = error.get("message", "it does not say why"), error.get("code", "no code")
    return f"{message.rstrip('.')} ({code})"
