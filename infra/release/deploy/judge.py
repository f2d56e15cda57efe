"""What judges a release while traffic moves to it (functions/canary): it has to be at work."""

import json

from infra.aws import Aws, translated
from infra.errors import AwsUnavailable, Refused
from infra.release.deployed.draft import Sleep, Tell
from infra.release.stack.stacks import function_name

PAUSE = 5.0
READY_WITHIN = 240
"""Seconds; its alarm looks at five minutes, and CloudWatch is late by one."""


def ready_judge(aws: Aws, model: str, *, sleep: Sleep, tell: Tell) -> None:
    """Return once the alarm over the judge is not lit, after calling it once if it is.

    The alarm of a new stack is lit until the first run; CodeDeploy would refuse every release.
    Raises Refused when the judge fails, and AwsUnavailable when its alarm stays lit.
    """
    if not _is_lit(aws, model):
        return
    tell("The judge of releases was not at work these five minutes; it is called, then watched.")
    _call(aws, model)
    for _ in range(int(READY_WITHIN / PAUSE)):
        if not _is_lit(aws, model):
            return
        sleep(PAUSE)
    raise AwsUnavailable(
        f"alarm {function_name(model)}-judge",
        f"is still lit after {READY_WITHIN} s, so CodeDeploy would release nothing",
        f"See that the schedule of {function_name(model)}_canary is on, then run it again",
    )


def _is_lit(aws: Aws, model: str) -> bool:
    name = f"{function_name(model)}-judge"
    with translated(f"alarm {name}"):
        found = aws.cloudwatch.describe_alarms(AlarmNames=[name])["MetricAlarms"]
    return any(alarm["StateValue"] == "ALARM" for alarm in found)


def _call(aws: Aws, model: str) -> None:
    name = f"{function_name(model)}_canary"
    with translated(f"function {name}"):
        reply = aws.lambda_.invoke(FunctionName=name, Payload=b"{}")
        payload = json.loads(reply["Payload"].read() or b"null")
    if reply.get("FunctionError"):
        why = payload.get("errorMessage", payload) if isinstance(payload, dict) else payload
        raise Refused(
            f"function {name}",
            f"fails, and without it nothing is released: {why}",
            f"Read its log group /aws/lambda/{name}",
        )
