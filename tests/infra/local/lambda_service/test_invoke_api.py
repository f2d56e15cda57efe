"""Invoke, as boto3 knows it, against real runtime client processes."""

import base64
import json
import re

import pytest
from botocore.exceptions import ClientError


@pytest.fixture(scope="module")
def function(cloud):
    return cloud.function()


def test_the_handler_gets_the_event_and_its_answer_comes_back(cloud, function):
    response = cloud.invoke(function, {"island": "Dream", "ü": [1, None]})
    assert response["StatusCode"] == 200
    assert "FunctionError" not in response
    assert response["ExecutedVersion"] == "$LATEST"
    assert response["body"]["echo"] == {"island": "Dream", "ü": [1, None]}


def test_a_warm_worker_is_used_again(cloud, function):
    first, second = (cloud.invoke(function)["body"]["pid"] for _ in range(2))
    assert first == second


def test_the_context_is_as_lambda_gives_it(cloud, function):
    client = base64.b64encode(json.dumps({"custom": {"a": "b"}}).encode()).decode()
    context = cloud.invoke(function, {"do": "context"}, ClientContext=client)["body"]
    assert context["arn"].endswith(f":function:{function}")
    assert context["version"] == "$LATEST"
    assert context["memory"] == "256"
    assert 4000 < context["left_ms"] <= 5000
    assert context["client"] == {"a": "b"}
    assert re.fullmatch(r"\d{4}/\d\d/\d\d/\[\$LATEST\][0-9a-f]{32}", context["log_stream"])


def test_a_qualifier_in_the_name_the_arn_or_the_parameter_is_the_same(cloud, function):
    cloud("lambda").publish_version(FunctionName=function)
    arn = f"arn:aws:lambda:us-east-1:123456789012:function:{function}"
    asked = [
        cloud.invoke(function, Qualifier="1"),
        cloud.invoke(f"{function}:1"),
        cloud.invoke(f"{arn}:1"),
        cloud.invoke(f"123456789012:function:{function}:1"),
    ]
    assert [response["ExecutedVersion"] for response in asked] == ["1"] * 4
    assert all(response["body"]["version"] == "1" for response in asked)


def test_an_exception_of_the_handler_is_an_unhandled_function_error(cloud, function):
    response = cloud.invoke(function, {"do": "raise"})
    assert response["StatusCode"] == 200
    assert response["FunctionError"] == "Unhandled"
    assert response["body"]["errorType"] == "ValueError"
    assert response["body"]["errorMessage"] == "no such island"
    assert "app.py" in response["body"]["stackTrace"][0]


def test_the_log_of_the_invocation_comes_back_when_asked_for(cloud, function):
    event = {"do": "print", "line": "counted 3 penguins"}
    asked = cloud.invoke(function, event, LogType="Tail")
    tail = base64.b64decode(asked["LogResult"]).decode().splitlines()
    assert tail[0].startswith("START RequestId: ")
    assert tail[1] == "counted 3 penguins"
    assert tail[2].startswith("END RequestId: ")
    assert re.search(r"Billed Duration: \d+ ms\tMemory Size: 256 MB\tMax Memory Used", tail[3])
    assert "LogResult" not in cloud.invoke(function, event)


def test_an_event_is_accepted_at_once_and_run_in_the_background(cloud, function, eventually):
    event = {"do": "print", "line": "from the background"}
    response = cloud.invoke(function, event, InvocationType="Event")
    assert response["StatusCode"] == 202
    assert response["body"] is None
    eventually(lambda: "from the background" in cloud.log(function))


def test_a_dry_run_runs_nothing(cloud, function):
    event = {"do": "print", "line": "never printed"}
    assert cloud.invoke(function, event, InvocationType="DryRun")["StatusCode"] == 204
    assert "never printed" not in cloud.log(function)


@pytest.mark.parametrize(
    ("call", "settings", "named"),
    [
        ("invoke", {"InvocationType": "Foo"}, "InvocationType Foo"),
        ("invoke_with_response_stream", {}, "response-streaming-invocations"),
        ("invoke_async", {"InvokeArgs": b"{}"}, "invoke-async"),
        (
            "put_provisioned_concurrency_config",
            {"Qualifier": "1", "ProvisionedConcurrentExecutions": 1},
            "provisioned-concurrency",
        ),
        ("put_function_event_invoke_config", {"MaximumRetryAttempts": 1}, "event-invoke-config"),
        ("create_function_url_config", {"AuthType": "NONE"}, "url"),
        ("create_event_source_mapping", {"EventSourceArn": "arn:aws:sqs:x"}, "event-source-map"),
    ],
)
def test_calls_that_would_have_no_effect_are_refused_by_name(
    cloud, function, call, settings, named
):
    with pytest.raises(ClientError, match=named) as refused:
        getattr(cloud("lambda"), call)(FunctionName=function, **settings)
    assert refused.value.response["Error"]["Code"] == "InvalidParameterValueException"


@pytest.mark.parametrize("qualifier", [None, "7", "nowhere"])
def test_what_does_not_exist_is_a_404_by_its_arn(cloud, function, qualifier):
    name = function if qualifier else "no-such-function"
    options = {"Qualifier": qualifier} if qualifier else {}
    with pytest.raises(ClientError) as refused:
        cloud.invoke(name, **options)
    assert refused.value.response["Error"]["Code"] == "ResourceNotFoundException"
    assert refused.value.response["ResponseMetadata"]["HTTPStatusCode"] == 404
    assert name in str(refused.value)


def test_a_response_of_just_under_6_mb_arrives_and_one_over_it_is_an_error(cloud, function):
    fits = cloud.invoke(function, {"do": "big", "size": 6 * 2**20 - 2})
    assert len(fits["body"]) == 6 * 2**20 - 2
    too_big = cloud.invoke(function, {"do": "big", "size": 6 * 2**20 + 200})
    assert too_big["FunctionError"] == "Unhandled"
    assert too_big["body"]["errorType"] == "Function.ResponseSizeTooLarge"
    assert cloud.invoke(function)["StatusCode"] == 200
