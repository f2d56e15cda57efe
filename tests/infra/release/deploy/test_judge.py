"""Nothing is released while what judges releases is not at work."""

import io
import json

import pytest

from infra.errors import AwsUnavailable, Refused
from infra.release.deploy.judge import PAUSE, READY_WITHIN, ready_judge
from tests.infra.release.stubs import stubbed

ALARM = "lambent-scaled-judge"


def look(cloudwatch, *states):
    for state in states:
        alarm = {"AlarmName": ALARM, "StateValue": state}
        found = {"MetricAlarms": [alarm] if state else []}
        cloudwatch.add_response("describe_alarms", found, {"AlarmNames": [ALARM]})


def answer(lambdas, payload, **more):
    reply = {"StatusCode": 200, "Payload": io.BytesIO(json.dumps(payload).encode()), **more}
    asked = {"FunctionName": "lambent-scaled_canary", "Payload": b"{}"}
    lambdas.add_response("invoke", reply, asked)


@pytest.fixture
def told():
    return []


def ready(aws, told, waited=None):
    sleep = waited.append if waited is not None else lambda _: None
    ready_judge(aws, "scaled", sleep=sleep, tell=told.append)


@pytest.mark.parametrize("state", ["OK", "INSUFFICIENT_DATA", None])
def test_a_judge_that_no_alarm_complains_of_is_not_called(told, state):
    aws, cloudwatch, lambdas = stubbed("cloudwatch", "lambda_")
    look(cloudwatch, state)
    ready(aws, told)
    lambdas.assert_no_pending_responses()
    assert told == []


def test_a_judge_of_a_new_stack_is_called_and_its_alarm_waited_for(told):
    aws, cloudwatch, lambdas = stubbed("cloudwatch", "lambda_")
    look(cloudwatch, "ALARM", "ALARM", "OK")
    answer(lambdas, {"verdict": "nothing to judge"})
    waited = []
    ready(aws, told, waited)
    cloudwatch.assert_no_pending_responses()
    assert waited == [PAUSE]
    assert len(told) == 1


def test_a_judge_that_fails_is_told_with_its_reason(told):
    aws, cloudwatch, lambdas = stubbed("cloudwatch", "lambda_")
    look(cloudwatch, "ALARM")
    answer(lambdas, {"errorMessage": "no module named x"}, FunctionError="Unhandled")
    with pytest.raises(Refused, match=r"no module named x.*/aws/lambda/lambent-scaled_canary"):
        ready(aws, told)


def test_an_alarm_that_stays_lit_ends_the_wait(told):
    """Fault row 45: there is no promotion without the alarm."""
    aws, cloudwatch, lambdas = stubbed("cloudwatch", "lambda_")
    looks = int(READY_WITHIN / PAUSE)
    look(cloudwatch, *["ALARM"] * (looks + 1))
    answer(lambdas, None)
    with pytest.raises(AwsUnavailable, match="still lit"):
        ready(aws, told)
    cloudwatch.assert_no_pending_responses()
