"""Which version runs: aliases, weights, and what changes under a running function."""

import threading

import psutil
import pytest
from botocore.exceptions import ClientError

ONE = "def handler(event, context): return 'one'"
TWO = "def handler(event, context): return 'two'"


@pytest.fixture
def function(cloud):
    """Versions 1 and 2; alias live → 1."""
    name = cloud.function(ONE)
    cloud("lambda").publish_version(FunctionName=name)
    cloud.release(name, TWO)
    cloud("lambda").create_alias(FunctionName=name, Name="live", FunctionVersion="1")
    return name


def point(cloud, name, version, weights=None):
    cloud("lambda").update_alias(
        FunctionName=name,
        Name="live",
        FunctionVersion=version,
        RoutingConfig={"AdditionalVersionWeights": weights or {}},
    )


def test_the_very_next_request_after_a_repoint_runs_the_other_version(cloud, function):
    assert cloud.invoke(function, Qualifier="live")["body"] == "one"
    point(cloud, function, "2")
    moved = cloud.invoke(function, Qualifier="live")
    assert (moved["ExecutedVersion"], moved["body"]) == ("2", "two")
    point(cloud, function, "1")
    assert cloud.invoke(function, Qualifier="live")["body"] == "one"


def test_a_request_in_flight_finishes_on_the_old_version(cloud):
    """fault row 32: the alias moves while a request runs."""
    slow = "import time\ndef handler(event, context): time.sleep(1); return 'one'"
    name = cloud.function(slow)
    cloud("lambda").publish_version(FunctionName=name)
    cloud.release(name, TWO)
    cloud("lambda").create_alias(FunctionName=name, Name="live", FunctionVersion="1")
    cloud.invoke(name, Qualifier="live")
    answers = []
    request = threading.Thread(target=lambda: answers.append(cloud.invoke(f"{name}:live")))
    request.start()
    request.join(0.3)
    point(cloud, name, "2")
    assert cloud.invoke(name, Qualifier="live")["body"] == "two"
    request.join()
    assert (answers[0]["ExecutedVersion"], answers[0]["body"]) == ("1", "one")


@pytest.mark.parametrize(("value", "version"), [(0.0, "2"), (0.24, "2"), (0.25, "1"), (0.9, "1")])
def test_weights_decide_each_request(cloud, draw, function, value, version):
    point(cloud, function, "1", {"2": 0.25})
    draw.value = value
    assert cloud.invoke(function, Qualifier="live")["ExecutedVersion"] == version


@pytest.mark.parametrize("weights", [{"2": 1.5}, {"1": 0.1, "2": 0.1}])
def test_weights_that_aws_refuses_are_refused(cloud, function, weights):
    """fault row 44: a weight above 1, or more versions than two; the alias stays as it was."""
    with pytest.raises(ClientError):
        point(cloud, function, "1", weights)
    assert cloud.invoke(function, Qualifier="live")["ExecutedVersion"] == "1"


def test_the_invoked_arn_names_the_alias(cloud, draw):
    name = cloud.function()
    cloud("lambda").publish_version(FunctionName=name)
    cloud("lambda").create_alias(FunctionName=name, Name="live", FunctionVersion="1")
    context = cloud.invoke(name, {"do": "context"}, Qualifier="live")["body"]
    assert context["arn"].endswith(f":{name}:live")
    assert context["version"] == "1"


def test_new_code_runs_at_once_and_the_old_worker_goes(cloud, eventually):
    name = cloud.function()
    old = cloud.invoke(name, {"do": "process"})["body"]["pid"]
    cloud.release(name, TWO)
    assert cloud.invoke(name)["body"] == "two"
    eventually(lambda: not psutil.pid_exists(old))


def test_new_settings_take_effect_at_once(cloud):
    name = cloud.function()
    cloud.invoke(name)
    cloud("lambda").update_function_configuration(
        FunctionName=name, Environment={"Variables": {"A": "b"}}
    )
    assert cloud.invoke(name, {"do": "environment"})["body"]["A"] == "b"


def test_the_workers_of_a_deleted_function_end(cloud, eventually):
    name = cloud.function()
    pid = cloud.invoke(name, {"do": "process"})["body"]["pid"]
    cloud("lambda").delete_function(FunctionName=name)
    eventually(lambda: not psutil.pid_exists(pid))
