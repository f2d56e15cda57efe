"""CloudWatch refuses alarms that could not be evaluated, and tells metrics apart."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.infra.local.support import Client


@pytest.fixture
def put_alarm(client: Client, name: str) -> Any:
    def put(**settings: Any) -> None:
        sound = {
            "AlarmName": name,
            "Namespace": "Test",
            "MetricName": name,
            "Statistic": "Sum",
            "Period": 60,
            "EvaluationPeriods": 1,
            "Threshold": 1,
            "ComparisonOperator": "GreaterThanThreshold",
        }
        client("cloudwatch").put_metric_alarm(**{**sound, **settings})

    return put


def math(expression: str) -> list[dict[str, Any]]:
    metric = {"Namespace": "Test", "MetricName": "errors"}
    stat = {"Metric": metric, "Period": 60, "Stat": "Sum"}
    return [
        {"Id": "errors", "ReturnData": False, "MetricStat": stat},
        {"Id": "returned", "ReturnData": True, "Expression": expression},
    ]


@pytest.mark.parametrize(
    ("settings", "named"),
    [
        ({"ComparisonOperator": "GreaterThanUpperThreshold"}, "GreaterThanUpperThreshold"),
        ({"AlarmActions": ["arn:aws:automate:us-east-1:ec2:stop"]}, "automate"),
        ({"Metrics": math("ANOMALY_DETECTION_BAND(errors, 2)")}, "ANOMALY_DETECTION_BAND"),
        ({"Metrics": math("errors / requests")}, "requests"),
    ],
)
def test_an_alarm_that_could_not_be_evaluated_is_refused_by_name(
    put_alarm: Any, settings: dict[str, Any], named: str
) -> None:
    """Fault row 45."""
    with pytest.raises(ClientError, match=named):
        put_alarm(**settings)


def test_statistics_are_of_the_very_dimensions_asked_for(client: Client, name: str) -> None:
    now = datetime.now(UTC)
    for model in ("iris", "penguins"):
        dimension = {"Name": "model", "Value": model}
        datum = {"MetricName": name, "Value": 1, "Timestamp": now, "Dimensions": [dimension]}
        client("cloudwatch").put_metric_data(Namespace="Test", MetricData=[datum])
    read = {"Namespace": "Test", "MetricName": name, "Period": 7200, "Statistics": ["Sum"]}
    window = {"StartTime": now - timedelta(hours=1), "EndTime": now + timedelta(minutes=1)}
    asked = client("cloudwatch").get_metric_statistics
    one = asked(**read, **window, Dimensions=[{"Name": "model", "Value": "iris"}])
    assert [point["Sum"] for point in one["Datapoints"]] == [1]
    assert asked(**read, **window)["Datapoints"] == []


def test_metric_data_hold_percentiles_and_trimmed_counts(client: Client, name: str) -> None:
    now = datetime.now(UTC)
    data = [{"MetricName": name, "Value": value, "Timestamp": now} for value in range(101)]
    client("cloudwatch").put_metric_data(Namespace="Test", MetricData=data)
    queries = [
        {
            "Id": f"q{place}",
            "MetricStat": {
                "Metric": {"Namespace": "Test", "MetricName": name},
                "Period": 7200,
                "Stat": statistic,
            },
        }
        for place, statistic in enumerate(["p50", "p95", "Sum", "TC(97.5:)"])
    ]
    window = {"StartTime": now - timedelta(hours=1), "EndTime": now + timedelta(minutes=1)}
    found = client("cloudwatch").get_metric_data(MetricDataQueries=queries, **window)
    assert [result["Values"] for result in found["MetricDataResults"]] == [[50], [95], [5050], [3]]


@pytest.mark.parametrize(
    "asked", ["a * 2", "IF(a > 0, a, 0)", "SELECT SUM(Errors) FROM Lambent", "TM(10%:90%)", "IQM"]
)
def test_metric_data_that_would_not_be_computed_are_refused_by_name(
    client: Client, asked: str
) -> None:
    metric = {"Metric": {"Namespace": "Test", "MetricName": "a"}, "Period": 60, "Stat": "Sum"}
    query = {"Id": "a", "MetricStat": metric}
    other = (
        {"MetricStat": metric | {"Stat": asked}}
        if asked in ("TM(10%:90%)", "IQM")
        else {"Expression": asked, "Period": 60}
    )
    now = datetime.now(UTC)
    with pytest.raises(ClientError, match=re.escape(asked)) as refused:
        client("cloudwatch").get_metric_data(
            MetricDataQueries=[query, {"Id": "b", **other}],
            StartTime=now - timedelta(hours=1),
            EndTime=now,
        )
    assert refused.value.response["Error"]["Code"] == "InvalidParameterValue"


def test_get_metric_data_takes_values_of_that_very_metric_alone(client: Client, name: str) -> None:
    """The same name and dimensions in another namespace, other dimensions, and none, are others."""
    told = [{"Name": "by", "Value": "a"}]
    for place, (namespace, dimensions) in enumerate(
        [("Test", told), ("Other", told), ("Test", [{"Name": "by", "Value": "b"}]), ("Test", [])]
    ):
        datum = {"MetricName": name, "Dimensions": dimensions, "Value": 10.0**place}
        client("cloudwatch").put_metric_data(Namespace=namespace, MetricData=[datum])

    def asked(place: int, **metric: Any) -> dict[str, Any]:
        of = {"Namespace": "Test", "MetricName": name} | metric
        return {"Id": f"q{place}", "MetricStat": {"Metric": of, "Period": 7200, "Stat": "Sum"}}

    now = datetime.now(UTC)
    found = client("cloudwatch").get_metric_data(
        MetricDataQueries=[asked(0, Dimensions=told), asked(1), asked(2, Namespace="None")],
        StartTime=now - timedelta(hours=1),
        EndTime=now + timedelta(minutes=1),
    )
    assert [result["Values"] for result in found["MetricDataResults"]] == [[1], [1000], []]


def test_the_key_of_a_log_group_can_be_changed_and_taken_away(client: Client, name: str) -> None:
    logs = client("logs")
    logs.create_log_group(logGroupName=name)
    logs.associate_kms_key(logGroupName=name, kmsKeyId="arn:aws:kms:us-east-1:1:key/a")
    (group,) = logs.describe_log_groups(logGroupNamePrefix=name)["logGroups"]
    assert group["kmsKeyId"] == "arn:aws:kms:us-east-1:1:key/a"
    logs.disassociate_kms_key(logGroupName=name)
    (group,) = logs.describe_log_groups(logGroupNamePrefix=name)["logGroups"]
    assert "kmsKeyId" not in group
    with pytest.raises(logs.exceptions.ResourceNotFoundException):
        logs.associate_kms_key(logGroupName=f"{name}-other", kmsKeyId="k")
