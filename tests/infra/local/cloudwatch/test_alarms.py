"""When an alarm is lit: the tables of CloudWatch's documentation; and alarms as boto3 creates them,
evaluated while time passes (a minute in a second)."""

import json
from datetime import UTC, datetime
from uuid import uuid4

import pytest

from infra.local.cloudwatch.alarms import Rule, evaluate

KEEP = None
POLICIES = ("missing", "ignore", "breaching", "notBreaching")
THREE_OF_THREE = {
    "0 - X - X": ("OK", "OK", "OK", "OK"),
    "0 - - - -": ("OK", "OK", "OK", "OK"),
    "- - - - -": ("INSUFFICIENT_DATA", KEEP, "ALARM", "OK"),
    "0 X X - X": ("ALARM", "ALARM", "ALARM", "ALARM"),
    "- - X - -": ("ALARM", KEEP, "ALARM", "OK"),
}
TWO_OF_THREE = {
    "0 - X - X": ("ALARM", "ALARM", "ALARM", "ALARM"),
    "0 0 X 0 X": ("ALARM", "ALARM", "ALARM", "ALARM"),
    "0 - X - -": ("OK", "OK", "ALARM", "OK"),
    "- - - - 0": ("OK", "OK", "ALARM", "OK"),
    "- - - X -": ("ALARM", KEEP, "ALARM", "OK"),
}
CASES = [
    (needed, points, policy, state)
    for needed, table in ((3, THREE_OF_THREE), (2, TWO_OF_THREE))
    for points, states in table.items()
    for policy, state in zip(POLICIES, states, strict=True)
]


@pytest.mark.parametrize(("needed", "points", "policy", "state"), CASES)
def test_missing_data_is_treated_as_documented(needed, points, policy, state):
    """fault row 45: what an alarm without data says is its own policy, never by chance."""
    values = [{"0": 0.0, "X": 9.0, "-": None}[point] for point in points.split()]
    rule = Rule("GreaterThanThreshold", 5, 3, needed, policy)
    assert evaluate(rule, values).state == state


@pytest.mark.parametrize(
    ("comparison", "lit"),
    [
        ("GreaterThanThreshold", [False, False, True]),
        ("GreaterThanOrEqualToThreshold", [False, True, True]),
        ("LessThanThreshold", [True, False, False]),
        ("LessThanOrEqualToThreshold", [True, True, False]),
    ],
)
def test_comparisons(comparison, lit):
    rule = Rule(comparison, 5, 1, 1)
    assert [evaluate(rule, [value]).state == "ALARM" for value in (4, 5, 6)] == lit


def test_only_the_last_periods_count():
    rule = Rule("GreaterThanThreshold", 5, 2, 2)
    assert evaluate(rule, [9, 9, 9, 0]).state == "OK"
    assert evaluate(rule, [0, 0, 9, 9]).state == "ALARM"


def test_the_reason_says_what_was_seen_and_what_was_missing():
    rule = Rule("GreaterThanThreshold", 5, 3, 1, "notBreaching")
    reason = evaluate(rule, [None, 9.0, 1.0]).reason
    assert "[9, 1]" in reason
    assert "GreaterThanThreshold 5" in reason
    assert "1 missing, treated as notBreaching" in reason


@pytest.fixture
def alarm(cloud):
    """alarm(**settings) creates one on a metric of its own; gives name and metric name."""

    def create(**settings):
        name = f"alarm-{uuid4().hex[:8]}"
        cloud("cloudwatch").put_metric_alarm(
            **{
                "AlarmName": name,
                "Namespace": "Test",
                "MetricName": name,
                "Statistic": "Sum",
                "Period": 60,
                "EvaluationPeriods": 1,
                "Threshold": 1,
                "ComparisonOperator": "GreaterThanOrEqualToThreshold",
                **settings,
            }
        )
        return name

    return create


@pytest.fixture
def state(cloud):
    def read(name):
        found = cloud("cloudwatch").describe_alarms(AlarmNames=[name])["MetricAlarms"]
        return found[0]["StateValue"]

    return read


def put(cloud, metric, value, **dimensions):
    datum = {
        "MetricName": metric,
        "Value": value,
        "Timestamp": datetime.now(UTC),
        "Dimensions": [{"Name": name, "Value": text} for name, text in dimensions.items()],
    }
    cloud("cloudwatch").put_metric_data(Namespace="Test", MetricData=[datum])


def test_a_new_alarm_has_no_data_yet(alarm, state):
    """fault row 45: nobody may take an alarm that was never evaluated for a good sign."""
    assert state(alarm()) == "INSUFFICIENT_DATA"


def test_it_is_lit_by_its_metric_and_goes_out_again(cloud, alarm, state, eventually):
    name = alarm(TreatMissingData="notBreaching")
    eventually(lambda: state(name) == "OK")
    put(cloud, name, 3)
    eventually(lambda: state(name) == "ALARM")
    eventually(lambda: state(name) == "OK")


def test_another_set_of_dimensions_is_another_metric(cloud, alarm, state, eventually):
    name = alarm(Dimensions=[{"Name": "model", "Value": "iris"}])
    watched = alarm(TreatMissingData="notBreaching")
    put(cloud, name, 3, model="iris", version="2")
    eventually(lambda: state(watched) == "OK")
    assert state(name) == "INSUFFICIENT_DATA"


def test_an_error_of_a_function_lights_its_alarm(cloud, alarm, state, eventually):
    function = cloud.function()
    name = alarm(
        Namespace="AWS/Lambda",
        MetricName="Errors",
        Dimensions=[{"Name": "FunctionName", "Value": function}],
        TreatMissingData="notBreaching",
    )
    cloud.invoke(function, {"do": "raise"})
    eventually(lambda: state(name) == "ALARM")


def test_metric_math_lights_an_alarm(cloud, state, eventually):
    def metric(key):
        stat = {
            "Metric": {"Namespace": "Test", "MetricName": f"{name}-{key}"},
            "Period": 60,
            "Stat": "Sum",
        }
        return {"Id": key, "ReturnData": False, "MetricStat": stat}

    name = f"alarm-{uuid4().hex[:8]}"
    expression = "IF(all > 0, 100 * FILL(fell, 0) / all, 0)"
    cloud("cloudwatch").put_metric_alarm(
        AlarmName=name,
        Metrics=[
            {"Id": "percent", "Expression": expression, "ReturnData": True},
            metric("fell"),
            metric("all"),
        ],
        EvaluationPeriods=1,
        Threshold=10,
        ComparisonOperator="GreaterThanThreshold",
        TreatMissingData="notBreaching",
    )
    put(cloud, f"{name}-all", 10)
    put(cloud, f"{name}-fell", 2)
    eventually(lambda: state(name) == "ALARM")


def test_a_change_is_told_to_sns(cloud, alarm, state, eventually):
    topic = cloud("sns").create_topic(Name="alarms")["TopicArn"]
    queue = cloud("sqs").create_queue(QueueName="alarms")["QueueUrl"]
    attributes = cloud("sqs").get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])
    arn = attributes["Attributes"]["QueueArn"]
    cloud("sns").subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn)
    name = alarm(AlarmActions=[topic])
    put(cloud, name, 5)
    eventually(lambda: state(name) == "ALARM")
    received = cloud("sqs").receive_message(QueueUrl=queue, WaitTimeSeconds=5)["Messages"][0][
        "Body"
    ]
    message = json.loads(json.loads(received)["Message"])
    assert (message["AlarmName"], message["NewStateValue"]) == (name, "ALARM")
    assert message["OldStateValue"] == "INSUFFICIENT_DATA"
    assert "[5]" in message["NewStateReason"]
