"""How many requests run at once, and what happens to the others."""

from concurrent.futures import ThreadPoolExecutor

import psutil
import pytest
from botocore.exceptions import ClientError


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


def test_a_function_without_reserved_places_is_off(cloud):
    name = cloud.function()
    cloud("lambda").put_function_concurrency(FunctionName=name, ReservedConcurrentExecutions=0)
    with pytest.raises(ClientError, match="Rate Exceeded"):
        cloud.invoke(name)


def test_idle_workers_go_after_their_time(cloud, clock, eventually):
    pid = cloud.invoke(cloud.function(), {"do": "process"})["body"]["pid"]
    clock.ahead_s += 601
    eventually(lambda: not psutil.pid_exists(pid))
