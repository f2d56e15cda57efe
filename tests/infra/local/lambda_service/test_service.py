"""From a call to its result: what is refused, which worker runs it, and what can be read of it.

In CloudWatch are logs, metrics in them, and Lambda's own metrics.
"""

import json
from datetime import UTC, datetime, timedelta

import psutil
import pytest
from botocore.exceptions import ClientError


@pytest.fixture(scope="module")
def function(cloud):
    return cloud.function()


def test_a_payload_that_is_not_json_is_refused(cloud, function):
    with pytest.raises(ClientError, match="InvalidRequestContentException"):
        cloud.invoke(function, Payload=b"{not json")


def test_a_request_over_6_mb_is_refused(cloud, function):
    with pytest.raises(ClientError) as refused:
        cloud.invoke(function, {"padding": "x" * (6 * 2**20)})
    assert refused.value.response["Error"]["Code"] == "RequestTooLargeException"
    assert refused.value.response["ResponseMetadata"]["HTTPStatusCode"] == 413


def test_an_initialisation_that_failed_is_tried_once_more(cloud, tmp_path):
    """As in Lambda: the second start happens within the invocation, and may succeed."""
    code = f"""
import pathlib
marker = pathlib.Path({str(tmp_path / "seen")!r})
if not marker.exists():
    marker.touch()
    raise RuntimeError("the first start fails")
def handler(event, context):
    return "second start"
"""
    assert cloud.invoke(cloud.function(code))["body"] == "second start"


def test_a_worker_that_died_while_idle_costs_no_request(cloud, function):
    """fault row 29: nobody notices a worker that dies between two requests."""
    victim = psutil.Process(cloud.invoke(function)["body"]["pid"])
    victim.kill()
    psutil.wait_procs([victim], timeout=5)
    response = cloud.invoke(function)
    assert "FunctionError" not in response
    assert response["body"]["pid"] != victim.pid


def statistics(cloud, clock, metric, dimensions, namespace="AWS/Lambda"):
    now = datetime.fromtimestamp(clock(), UTC)
    points = cloud("cloudwatch").get_metric_statistics(
        Namespace=namespace,
        MetricName=metric,
        Dimensions=[{"Name": name, "Value": value} for name, value in dimensions.items()],
        StartTime=now - timedelta(hours=1),
        EndTime=now + timedelta(minutes=1),
        Period=7200,
        Statistics=["Sum", "SampleCount", "Maximum"],
    )["Datapoints"]
    return points[0] if points else None


def test_the_log_holds_what_lambda_and_the_function_wrote_in_order(cloud):
    name = cloud.function()
    cloud.invoke(name, {"do": "print", "line": "first"})
    cloud.invoke(name, {"do": "print", "line": "second"})
    words = [line.split()[0] for line in cloud.log(name).splitlines()]
    assert words == [
        *("INIT_START", "loaded", "START", "first", "END", "REPORT"),
        *("START", "second", "END", "REPORT"),
    ]
    assert cloud.log(name).count("Init Duration") == 1


def test_each_worker_has_a_stream_of_its_own(cloud):
    name = cloud.function()
    cloud.invoke(name)
    cloud.invoke(name, {"do": "crash"})
    cloud.invoke(name)
    group = cloud("logs").describe_log_streams(logGroupName=f"/aws/lambda/{name}")
    streams = [stream["logStreamName"] for stream in group["logStreams"]]
    assert len(streams) == 2
    assert all("[$LATEST]" in stream for stream in streams)


def test_a_log_group_of_ones_own_choice_is_used(cloud):
    cloud("logs").create_log_group(logGroupName="/chosen")
    name = cloud.function(LoggingConfig={"LogGroup": "/chosen"})
    cloud.invoke(name, {"do": "print", "line": "here"})
    events = cloud("logs").filter_log_events(logGroupName="/chosen")["events"]
    assert any(event["message"] == "here\n" for event in events)


def test_in_the_json_log_format_the_functions_own_lines_are_json(cloud):
    code = "import logging\ndef handler(e, c): logging.getLogger().warning('careful')"
    name = cloud.function(code, LoggingConfig={"LogFormat": "JSON"})
    cloud.invoke(name)
    (line,) = [line for line in cloud.log(name).splitlines() if line.startswith("{")]
    assert json.loads(line)["message"] == "careful"


def test_a_line_of_many_kilobytes_stays_one_event(cloud):
    name = cloud.function()
    cloud.invoke(name, {"do": "print", "line": "x" * 200_000})
    assert "x" * 200_000 + "\n" in cloud.log(name)


def test_metrics_embedded_in_the_log_arrive_in_cloudwatch(cloud, clock):
    line = {
        "_aws": {
            "Timestamp": int(clock() * 1000),
            "CloudWatchMetrics": [
                {
                    "Namespace": "Lambent",
                    "Dimensions": [["service"], ["service", "model"]],
                    "Metrics": [{"Name": "Predictions", "Unit": "Count"}],
                }
            ],
        },
        "service": "inference",
        "model": "penguins",
        "Predictions": [2, 3],
    }
    name = cloud.function()
    cloud.invoke(name, {"do": "print", "line": json.dumps(line)})
    for dimensions in ({"service": "inference"}, {"service": "inference", "model": "penguins"}):
        found = statistics(cloud, clock, "Predictions", dimensions, "Lambent")
        assert (found["Sum"], found["SampleCount"]) == (5, 2)
    assert json.dumps(line) in cloud.log(name)


@pytest.mark.parametrize("event", [{}, {"do": "raise"}])
def test_lambdas_own_metrics_count_by_function_alias_and_version(cloud, clock, event):
    name = cloud.function()
    cloud("lambda").publish_version(FunctionName=name)
    cloud("lambda").create_alias(FunctionName=name, Name="live", FunctionVersion="1")
    cloud.invoke(name, event, Qualifier="live")
    function = {"FunctionName": name}
    resource = {**function, "Resource": f"{name}:live"}
    for dimensions in (function, resource, {**resource, "ExecutedVersion": "1"}):
        assert statistics(cloud, clock, "Invocations", dimensions)["Sum"] == 1
        errors = statistics(cloud, clock, "Errors", dimensions)
        assert errors["Sum"] == bool(event)
        assert statistics(cloud, clock, "Duration", dimensions)["Maximum"] > 0
        assert statistics(cloud, clock, "ConcurrentExecutions", dimensions)["Maximum"] == 1
