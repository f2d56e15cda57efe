"""Whether somebody watches while the new version gets its first callers (fault row 45)."""

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from functions.pretraffic.report import Check
from model_store.aws import translated

if TYPE_CHECKING:
    from mypy_boto3_cloudwatch import CloudWatchClient

NAME = "alarms"
BY_VERSION = ("ExecutedVersion", "lambda_version")
"""Dimensions that hold the number of a Lambda version."""


def read_alarms(client: "CloudWatchClient", names: Sequence[str]) -> list[Mapping[str, Any]]:
    """As CloudWatch describes them; those that do not exist are missing."""
    if not names:
        return []
    with translated("alarms"):
        pages = client.get_paginator("describe_alarms").paginate(AlarmNames=list(names))
        return [alarm for page in pages for alarm in page["MetricAlarms"]]


def check_alarms(
    names: Sequence[str], found: Sequence[Mapping[str, Any]], candidate: str, *, shifts: bool
) -> Check:
    """Every alarm exists, measures something, watches this candidate and is not lit already.

    shifts: whether traffic moves step by step; an all-at-once release needs no alarms.
    """
    if not names:
        told = "no alarm watches the candidate"
        return Check(NAME, "failed" if shifts else "skipped", told)
    by_name = {alarm["AlarmName"]: alarm for alarm in found}
    faults = [
        f"{name} {fault}" for name in names for fault in _faults(by_name.get(name), candidate)
    ]
    if faults:
        return Check(NAME, "failed", f"the release could not be stopped: {'; '.join(faults)}")
    return Check(NAME, "passed", f"{len(names)} alarms watch Lambda version {candidate}")


def _faults(alarm: Mapping[str, Any] | None, candidate: str) -> Iterator[str]:
    if alarm is None:
        yield "does not exist"
        return
    metrics = list(_metrics(alarm))
    if not any(metric.get("MetricName") for metric in metrics):
        yield "measures nothing"
    watched = {version for metric in metrics for version in _versions(metric)}
    if watched - {candidate}:
        yield f"watches Lambda version {', '.join(sorted(watched - {candidate}))}"
    if alarm.get("StateValue") == "ALARM":
        yield "is lit already"


def _metrics(alarm: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    yield alarm
    for query in alarm.get("Metrics", ()):
        yield query.get("MetricStat", {}).get("Metric", {})


def _versions(metric: Mapping[str, Any]) -> Iterator[str]:
    for dimension in metric.get("Dimensions", ()):
        if dimension["Name"] in BY_VERSION:
            yield dimension["Value"]
