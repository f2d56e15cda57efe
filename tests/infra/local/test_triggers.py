"""Functions that alarms and schedules call, while time passes by hand."""

import json
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest
from botocore.exceptions import ClientError

from functions.guard.alarm import read_alarm
from infra.local.eventbridge import seconds
from infra.local.server import EmbeddedAws

ACCOUNT = "123456789012"
PRINTS = """
import json

def handler(event, context):
    print("event", json.dumps(event))
"""
ALARMS, EVENTS = "lambda.alarms.cloudwatch.amazonaws.com", "events.amazonaws.com"


@dataclass
class ManualClock:
    # CloudWatch Logs drops what is far from real time.
    now: float = field(default_factory=time.time)

    def __call__(self) -> float:
        return self.now


@dataclass
class World:
    """An embedded AWS in which a minute is a second, and no second passes by itself."""

    aws: EmbeddedAws
    clock: ManualClock
    cloud: Any
    eventually: Any

    def after(self, minutes: float) -> None:
        self.clock.now += minutes
        self.aws.tick()

    def function(self) -> tuple[str, str]:
        """Name and ARN of one that prints its events."""
        name = self.cloud.function(PRINTS)
        return name, f"arn:aws:lambda:us-east-1:{ACCOUNT}:function:{name}"

    def heard(self, name: str) -> list[Any]:
        lines = self.cloud.log(name).splitlines()
        return [json.loads(line[6:]) for line in lines if line.startswith("event ")]

    def hears(self, name: str, times: int) -> list[Any]:
        self.eventually(lambda: len(self.heard(name)) >= times)
        events = self.heard(name)
        assert len(events) == times
        return events

    def rule(self, function: str, schedule: str = "rate(1 minute)", **target: str) -> str:
        """The ARN of a new rule."""
        name = f"rule-{uuid4().hex[:8]}"
        events = self.cloud("events")
        arn: str = events.put_rule(Name=name, ScheduleExpression=schedule)["RuleArn"]
        events.put_targets(Rule=name, Targets=[{"Id": "1", "Arn": function, **target}])
        return arn

    def alarm(self, action: str) -> str:
        name = f"alarm-{uuid4().hex[:8]}"
        self.cloud("cloudwatch").put_metric_alarm(
            AlarmName=name,
            AlarmDescription="too many",
            Namespace="Test",
            MetricName=name,
            Dimensions=[{"Name": "service", "Value": "iris"}],
            Statistic="Sum",
            Period=60,
            EvaluationPeriods=1,
            Threshold=1,
            ComparisonOperator="GreaterThanOrEqualToThreshold",
            TreatMissingData="notBreaching",
            AlarmActions=[action],
        )
        return name

    def light(self, alarm: str) -> None:
        """Its metric exceeds the threshold in this period, which then ends."""
        self.after(1)
        datum = {
            "MetricName": alarm,
            "Value": 5,
            "Timestamp": datetime.fromtimestamp(self.clock.now, UTC),
            "Dimensions": [{"Name": "service", "Value": "iris"}],
        }
        self.cloud("cloudwatch").put_metric_data(Namespace="Test", MetricData=[datum])
        self.after(1)


@pytest.fixture(scope="module")
def running(
    tmp_path_factory: pytest.TempPathFactory, connect: Callable[[EmbeddedAws], Any]
) -> Iterator[tuple[EmbeddedAws, ManualClock, Any]]:
    clock, folder = ManualClock(), tmp_path_factory.mktemp("code")
    settings: dict[str, Any] = {"clock": clock, "code_cache": folder}
    with EmbeddedAws(background=False, time_scale=60.0, **settings) as aws:
        yield aws, clock, connect(aws)


@pytest.fixture
def world(running: tuple[EmbeddedAws, ManualClock, Any], eventually: Any) -> World:
    return World(*running, eventually)


@pytest.mark.parametrize(
    ("expression", "length"),
    [
        ("rate(1 minute)", 60),
        ("rate(5 minutes)", 300),
        ("rate(1 hour)", 3600),
        ("rate(2 days)", 172800),
        ("rate(1 minutes)", None),
        ("rate(5 minute)", None),
        ("rate(0 minutes)", None),
        ("rate(1 second)", None),
        ("cron(0 10 * * ? *)", None),
    ],
)
def test_what_a_rate_is(expression: str, length: int | None) -> None:
    assert seconds(expression) == length


def test_a_schedule_calls_its_function_once_a_period(world: World) -> None:
    name, arn = world.function()
    rule = world.rule(arn)
    world.cloud.permit(name, Principal=EVENTS, SourceArn=rule)
    world.after(0)
    world.after(0.5)
    assert world.heard(name) == []
    world.after(0.5)
    world.after(0)
    (event,) = world.hears(name, 1)
    assert (event["detail-type"], event["source"]) == ("Scheduled Event", "aws.events")
    assert (event["resources"], event["account"], event["detail"]) == ([rule], ACCOUNT, {})
    world.after(1)
    world.hears(name, 2)


def test_periods_that_nobody_noticed_are_not_made_up_for(world: World) -> None:
    name, arn = world.function()
    world.cloud.permit(name, Principal=EVENTS, SourceArn=world.rule(arn))
    world.after(0)
    world.after(5.5)
    world.hears(name, 1)
    world.after(0.4)
    world.after(0.1)
    world.hears(name, 2)


def test_a_target_may_say_what_is_sent(world: World) -> None:
    name, arn = world.function()
    rule = world.rule(arn, Input='{"look": "here"}')
    world.cloud.permit(name, Principal=EVENTS, SourceArn=rule)
    world.after(0)
    world.after(1)
    assert world.hears(name, 1) == [{"look": "here"}]


def test_a_rule_that_is_disabled_or_deleted_calls_nobody(world: World) -> None:
    name, arn = world.function()
    events, rule = world.cloud("events"), world.rule(arn).rpartition("/")[2]
    world.cloud.permit(name, Principal=EVENTS)
    world.after(0)
    events.disable_rule(Name=rule)
    world.after(2)
    events.enable_rule(Name=rule)
    world.after(0)
    events.remove_targets(Rule=rule, Ids=["1"])
    events.delete_rule(Name=rule)
    world.after(2)
    other, other_arn = world.function()
    world.cloud.permit(other, Principal=EVENTS, SourceArn=world.rule(other_arn))
    world.after(0)
    world.after(1)
    world.hears(other, 1)
    assert world.heard(name) == []


@pytest.mark.parametrize(
    "conditions",
    [
        {"Principal": "apigateway.amazonaws.com"},
        {"Principal": EVENTS, "SourceArn": "arn:aws:events:us-east-1:123456789012:rule/other"},
        {"Principal": EVENTS, "SourceAccount": "210987654321"},
    ],
)
def test_a_schedule_that_the_function_does_not_let_calls_nobody(
    world: World, conditions: dict[str, str], caplog: pytest.LogCaptureFixture
) -> None:
    name, arn = world.function()
    rule = world.rule(arn)
    world.cloud.permit(name, **conditions)
    world.after(0)
    world.after(1)
    assert f"{rule} cannot invoke {arn}: no AWS::Lambda::Permission" in caplog.text
    assert world.heard(name) == []


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        ({"ScheduleExpression": "cron(0 10 * * ? *)"}, "the schedule cron"),
        ({"EventPattern": '{"source": ["aws.s3"]}'}, "an event pattern"),
        ({"ScheduleExpression": "rate(1 minutes)"}, "is not valid"),
    ],
)
def test_rules_that_nothing_would_set_off_are_refused_by_name(
    world: World, settings: dict[str, str], told: str
) -> None:
    with pytest.raises(ClientError, match=told):
        world.cloud("events").put_rule(Name="never", **settings)


@pytest.mark.parametrize(
    ("target", "told"),
    [
        ({"Arn": "arn:aws:sqs:us-east-1:123456789012:queue"}, "the target arn:aws:sqs"),
        ({"Arn": "arn:aws:lambda:us-east-1:1:function:f", "InputPath": "$.detail"}, "InputPath"),
    ],
)
def test_targets_that_nothing_would_call_are_refused_by_name(
    world: World, target: dict[str, str], told: str
) -> None:
    events = world.cloud("events")
    events.put_rule(Name="mine", ScheduleExpression="rate(1 day)")
    with pytest.raises(ClientError, match=f"rule mine uses {told}.*not supported"):
        events.put_targets(Rule="mine", Targets=[{"Id": "1", **target}])


def test_a_lit_alarm_calls_the_function_that_is_its_action(world: World) -> None:
    """In the shape that the guard reads."""
    name, arn = world.function()
    alarm = world.alarm(arn)
    alarm_arn = f"arn:aws:cloudwatch:us-east-1:{ACCOUNT}:alarm:{alarm}"
    world.cloud.permit(name, Principal=ALARMS, SourceArn=alarm_arn)
    world.light(alarm)
    (event,) = world.hears(name, 1)
    assert (event["source"], event["alarmArn"]) == ("aws.cloudwatch", alarm_arn)
    assert (event["accountId"], event["region"]) == (ACCOUNT, "us-east-1")
    data = event["alarmData"]
    assert data["previousState"]["value"] == "OK"
    (metric,) = data["configuration"]["metrics"]
    called = {"namespace": "Test", "name": alarm, "dimensions": {"service": "iris"}}
    assert metric["metricStat"] == {"metric": called, "period": 60, "stat": "Sum"}
    read = read_alarm(event)
    assert (read.name, read.state) == (alarm, "ALARM")
    assert "[5]" in read.reason
    assert abs(read.changed.timestamp() - world.clock.now) < 1


def test_an_alarm_that_the_function_does_not_let_calls_nobody(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    name, arn = world.function()
    alarm = world.alarm(arn)
    world.cloud.permit(name, Principal=EVENTS)
    world.light(alarm)
    assert f"alarm:{alarm} cannot invoke {arn}" in caplog.text
    assert world.heard(name) == []


def test_an_action_whose_function_is_gone_is_told_in_the_console(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    name, arn = world.function()
    alarm = world.alarm(arn)
    world.cloud("lambda").delete_function(FunctionName=name)
    world.light(alarm)
    assert f"alarm:{alarm} cannot invoke {arn}" in caplog.text


def test_other_actions_of_alarms_are_refused_by_name(world: World) -> None:
    with pytest.raises(ClientError, match=r"the action arn:aws:ssm.*not supported"):
        world.alarm("arn:aws:ssm:us-east-1:123456789012:opsitem:1")
