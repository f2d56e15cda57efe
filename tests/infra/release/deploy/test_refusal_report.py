"""All that the hook or the judge found on a release that it refused, read from its log."""

import json
import time
from datetime import UTC, datetime, timedelta
from typing import Any

from infra.aws import Aws
from infra.release.deploy.refusal_report import report_of

MODEL = "scaled"
BEGAN = datetime.now(UTC) - timedelta(minutes=5)


def logged(aws: Aws, function: str, *messages: Any) -> None:
    """As the function writes it, between the lines of the platform."""
    group = f"/aws/lambda/lambent-{MODEL}_{function}"
    aws.logs.create_log_group(logGroupName=group)
    aws.logs.create_log_stream(logGroupName=group, logStreamName="s")
    now = int(time.time() * 1000)
    lines = ["START RequestId: 1", *(json.dumps(message) for message in messages)]
    aws.logs.put_log_events(
        logGroupName=group,
        logStreamName="s",
        logEvents=[{"timestamp": now, "message": line} for line in lines],
    )


def refused(candidate: str, **found: Any) -> dict[str, Any]:
    return {"message": "refused", "model": MODEL, "report": {"candidate": candidate, **found}}


CHECKS = [
    {"name": "readiness", "verdict": "passed", "told": "answers"},
    {"name": "golden", "verdict": "failed", "told": "golden example 3: Gentoo, not Adelie"},
]
FINDINGS = [{"signal": "errors", "verdict": "worse", "what": "9 of 20 requests failed"}]


def test_each_thing_that_the_hook_looked_at_has_a_line(aws: Aws) -> None:
    logged(aws, "pretraffic", "no report", {"message": "rehearsed"}, refused("3", checks=CHECKS))
    assert report_of(aws, MODEL, "3", BEGAN) == (
        "readiness: passed, answers",
        "golden: failed, golden example 3: Gentoo, not Adelie",
    )


def test_the_findings_of_the_judge_too(aws: Aws) -> None:
    logged(aws, "pretraffic", {"message": "rehearsed", "report": {"candidate": "3"}})
    logged(aws, "canary", refused("3", findings=FINDINGS))
    assert report_of(aws, MODEL, "3", BEGAN) == ("errors: worse, 9 of 20 requests failed",)


def test_reports_of_other_releases_are_passed_over(aws: Aws) -> None:
    logged(aws, "canary", refused("2", findings=FINDINGS))
    assert report_of(aws, MODEL, "3", BEGAN) == ()


def test_a_stack_without_such_functions_has_no_report(aws: Aws) -> None:
    assert report_of(aws, MODEL, "3", BEGAN) == ()
