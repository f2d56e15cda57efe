"""What the function tells is what the judge reads, through the embedded CloudWatch."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
import pytest
from botocore.stub import Stubber

from functions.canary.readings import CRASHES, SLOW, Window, read
from infra.local import moto_state
from infra.local.cloudwatch import metrics as told
from infra.local.server import ACCOUNT, EmbeddedAws
from model_store import request_metrics as metrics
from model_store.errors import AwsUnavailable
from tests.functions.conftest import Deployment

REGION = "us-east-1"


@pytest.fixture(scope="module")
def cloudwatch() -> Iterator[Any]:
    with EmbeddedAws() as aws:
        session: Any = boto3.Session("test", "test", region_name=REGION)
        yield session.client("cloudwatch", endpoint_url=aws.endpoint)


def put(output: str) -> str:
    """Into CloudWatch, as Lambda does with the log; returns the service that told it."""
    for line in output.splitlines():
        moto_state.put_metrics(ACCOUNT, REGION, told.embedded(line))
    return re.findall(r'"service": ?"(lambent-test-\d+)"', output)[-1]


def put_crash(function: str, version: str) -> None:
    counts = {"Errors": 1.0, "Invocations": 1.0}
    at = datetime.now(UTC).timestamp()
    moto_state.put_metrics(ACCOUNT, REGION, told.of_function(function, "live", version, counts, at))


def window(function: str, slow_ms: float = 2000) -> Window:
    now = datetime.now(UTC)
    return Window(function, slow_ms, now - timedelta(minutes=5), now + timedelta(minutes=1))


def test_what_a_version_tells_of_its_callers_is_read(
    deployment: Deployment, penguin: dict, cloudwatch: Any, capsys: pytest.CaptureFixture
) -> None:
    function = deployment.function(AWS_LAMBDA_FUNCTION_VERSION="8")
    function.context.invoked_function_arn = "arn:aws:lambda:us-east-1:1:function:lambent-x:live"
    for _ in range(20):
        function.predict(penguin, penguin)
    function.predict({})
    function.get("/health/live")
    name = put(capsys.readouterr().out)
    put_crash(name, "8")
    candidate, live = read(cloudwatch, window(name), "8", "7")
    assert candidate.count(metrics.REQUESTS) == 21
    assert candidate.count(metrics.REFUSED) == 1
    assert candidate.count(CRASHES) == 1
    assert [each.total() for each in candidate.answers] == [0, 0, 20, *[0] * (metrics.BINS - 3)]
    assert candidate.scales
    assert candidate.scales[0] == candidate.scales[1] > 0
    assert not any(live.count(name) for name in live.told)
    assert live.scales is None


def test_an_answer_that_takes_longer_than_the_limit_is_slow(
    deployment: Deployment, penguin: dict, cloudwatch: Any, capsys: pytest.CaptureFixture
) -> None:
    function = deployment.function(AWS_LAMBDA_FUNCTION_VERSION="8")
    function.context.invoked_function_arn = "arn:aws:lambda:us-east-1:1:function:lambent-x:live"
    function.predict(penguin)
    name = put(capsys.readouterr().out)
    latencies = [
        {
            "MetricName": metrics.LATENCY,
            "Dimensions": [
                {"Name": "service", "Value": name},
                {"Name": metrics.BY_VERSION, "Value": "8"},
            ],
            "Values": [1999.0, 2000.0, 2001.0, 9000.0],
            "Unit": "Milliseconds",
        }
    ]
    cloudwatch.put_metric_data(Namespace=metrics.NAMESPACE, MetricData=latencies)
    (found,) = read(cloudwatch, window(name), "8")
    assert found.count(SLOW) == 2


@pytest.mark.parametrize("status", ["InternalError", "Forbidden"])
def test_a_metric_that_cloudwatch_could_not_read_is_not_taken_for_none(status: str) -> None:
    """Fault row 45: without its failures, every candidate would look fine."""
    results = [
        {
            **{"Id": "v0_Requests", "StatusCode": "Complete"},
            **{"Values": [500.0], "Timestamps": [datetime.now(UTC)]},
        },
        {"Id": "v0_FailedRequests", "StatusCode": status, "Values": [], "Timestamps": []},
    ]
    client = boto3.client("cloudwatch", REGION)
    with Stubber(client) as stub:
        stub.add_response("get_metric_data", {"MetricDataResults": results})
        with pytest.raises(AwsUnavailable, match=f"v0_FailedRequests could not be read .{status}"):
            read(client, window("lambent-iris"), "8", "7")
