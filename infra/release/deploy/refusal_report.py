"""What was found on a release that was refused, as the hook or the judge logged it."""

import json
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from infra.aws import Aws, translated
from infra.errors import NotFound
from infra.release.stack.stacks import function_name

LOGGED_BY = ("pretraffic", "canary")


def report_of(aws: Aws, model: str, candidate: str, since: datetime) -> tuple[str, ...]:
    """A line for each thing that was looked at; none where CodeDeploy alone has stopped it."""
    for function in LOGGED_BY:
        for message in _messages(aws, f"/aws/lambda/{function_name(model)}_{function}", since):
            if lines := tuple(_lines(message, candidate)):
                return lines
    return ()


def _messages(aws: Aws, group: str, since: datetime) -> Iterator[str]:
    try:
        with translated(f"log group {group}"):
            pages = aws.logs.get_paginator("filter_log_events").paginate(
                logGroupName=group, startTime=int(since.timestamp() * 1000)
            )
            for page in pages:
                yield from (event["message"] for event in page["events"])
    except NotFound:  # of a stack from before there were such functions
        return


def _lines(message: str, candidate: str) -> Iterator[str]:
    try:
        logged: Any = json.loads(message)
    except ValueError:  # START, END and REPORT of the platform
        return
    if not isinstance(logged, dict) or logged.get("message") != "refused":
        return
    report = logged["report"]
    if report["candidate"] != candidate:
        return
    for found in report.get("checks") or report.get("findings") or ():
        name, told = found.get("name", found.get("signal")), found.get("told", found.get("what"))
        yield f"{name}: {found['verdict']}, {told}"
