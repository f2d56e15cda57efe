"""How many requests run at once, and what becomes of the next one when a worker fails."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from types import SimpleNamespace
from typing import Any

import psutil
import pytest
from botocore.exceptions import ClientError

from infra.local.lambda_service.functions import Throttled
from infra.local.lambda_service.workers import Concurrency


def together(cloud, name, count, seconds):
    def one(_):
        try:
            return cloud.invoke(name, {"do": "sleep", "seconds": seconds})["body"]["pid"]
        except ClientError as error:
            return error

    cloud("lambda")
    with ThreadPoolExecutor(count) as threads:
        return list(threads.map(one, range(count)))


def test_each_worker_serves_one_request_at_a_time(cloud):
    pids = together(cloud, cloud.function(), 3, seconds=0.5)
    assert len(set(pids)) == 3


def test_over_the_reserved_concurrency_lambda_says_429(cloud):
    """fault row 34: throttled with 429 and a reason; nothing ran for the one turned away."""
    name = cloud.function()
    cloud("lambda").put_function_concurrency(FunctionName=name, ReservedConcurrentExecutions=1)
    cloud("lambda").meta.config.retries["max_attempts"] = 0
    results = together(cloud, name, 4, seconds=1)
    refused = [result for result in results if isinstance(result, ClientError)]
    assert refused
    response = refused[0].response
    assert response["Error"]["Code"] == "TooManyRequestsException"
    assert response["ResponseMetadata"]["HTTPStatusCode"] == 429
    assert response["Reason"] == "ReservedFunctionConcurrentInvocationLimitExceeded"
    assert cloud.log(name).count("START RequestId") == len(results) - len(refused)


def target(name: str, reserved: int | None) -> Any:
    return SimpleNamespace(function=SimpleNamespace(arn=name), reserved_concurrency=reserved)


def test_reserved_places_are_there_however_busy_the_others_are():
    """fault row 34: one model's crowd is not another's."""
    places = Concurrency(account_limit=2)
    with ExitStack() as held:
        for _ in range(2):
            held.enter_context(places.slot(target("crowd", None)))
        with pytest.raises(Throttled) as full:
            held.enter_context(places.slot(target("another", None)))
        held.enter_context(places.slot(target("reserved", 1)))
        with pytest.raises(Throttled) as taken:
            held.enter_context(places.slot(target("reserved", 1)))
    reasons = [refused.value.reason for refused in (full, taken)]
    assert reasons == [
        "ConcurrentInvocationLimitExceeded",
        "ReservedFunctionConcurrentInvocationLimitExceeded",
    ]
    with places.slot(target("another", None)) as running:
        assert running == 1


def test_a_function_without_reserved_places_is_off(cloud):
    name = cloud.function()
    cloud("lambda").put_function_concurrency(FunctionName=name, ReservedConcurrentExecutions=0)
    with pytest.raises(ClientError, match="Rate Exceeded"):
        cloud.invoke(name)


def test_idle_workers_go_after_their_time(cloud, clock, eventually):
    pid = cloud.invoke(cloud.function(), {"do": "process"})["body"]["pid"]
    clock.ahead_s += 601
    eventually(lambda: not psutil.pid_exists(pid))


@pytest.fixture(scope="module")
def function(cloud):
    return cloud.function(Timeout=1, MemorySize=128)


def test_out_of_memory_fails_the_request_and_the_next_is_served(cloud, function):
    """fault row 29: an out-of-memory kill costs that request; the next is served."""
    killed = cloud.invoke(function, {"do": "hog"})
    assert killed["FunctionError"] == "Unhandled"
    assert killed["body"]["errorType"] == "Runtime.ExitError"
    assert killed["body"]["errorMessage"].endswith("Runtime exited with error: signal: killed")
    assert cloud.invoke(function)["body"]["echo"] == {}


@pytest.mark.parametrize(("how", "status"), [("exit", 3), ("crash", 1)])
def test_a_crash_fails_the_request_and_the_next_gets_a_new_worker(cloud, function, how, status):
    """fault row 29: a crash (sys.exit, os._exit) costs one request."""
    before = cloud.invoke(function)["body"]["pid"]
    crashed = cloud.invoke(function, {"do": how})
    assert crashed["body"]["errorType"] == "Runtime.ExitError"
    assert crashed["body"]["errorMessage"].endswith(f"exit status {status}")
    assert cloud.invoke(function)["body"]["pid"] != before


def test_a_timeout_is_reported_and_ends_the_worker(cloud, function):
    pid = cloud.invoke(function)["body"]["pid"]
    late = cloud.invoke(function, {"do": "sleep", "seconds": 30})
    assert late["FunctionError"] == "Unhandled"
    assert late["body"]["errorType"] == "Sandbox.Timedout"
    assert late["body"]["errorMessage"].endswith("Task timed out after 1.00 seconds")
    assert "Status: timeout" in cloud.log(function)
    assert not psutil.pid_exists(pid)
    assert cloud.invoke(function)["StatusCode"] == 200


@pytest.mark.parametrize(
    ("code", "kind", "message"),
    [
        ("import nonexistent", "Runtime.ImportModuleError", "No module named 'nonexistent'"),
        ("def other(): ...", "Runtime.HandlerNotFound", "Handler 'handler' missing"),
        ("def handler(:", "Runtime.UserCodeSyntaxError", "invalid syntax"),
        ("raise ValueError('no model')", "ValueError", "no model"),
    ],
)
def test_a_module_that_does_not_load_says_why(cloud, code, kind, message):
    response = cloud.invoke(cloud.function(code))
    assert response["FunctionError"] == "Unhandled"
    assert response["body"]["errorType"].endswith(kind)
    assert message in response["body"]["errorMessage"]


def test_a_module_that_exits_while_loading_is_an_exit_error(cloud):
    response = cloud.invoke(cloud.function("import os; os._exit(5)"))
    assert response["body"]["errorType"] == "Runtime.ExitError"
    assert response["body"]["errorMessage"].endswith("exit status 5")
