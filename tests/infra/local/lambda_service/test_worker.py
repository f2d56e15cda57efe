"""What happens to a request, and to the one after it, when a worker fails."""

import psutil
import pytest


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
