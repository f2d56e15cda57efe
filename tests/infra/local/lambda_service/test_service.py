"""From a call to its result: what is refused, and which worker runs it."""

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
