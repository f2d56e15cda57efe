"""How many requests run at once, and what happens to the others."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from types import SimpleNamespace
from typing import Any

import psutil
import pytest
from botocore.exceptions import ClientError

from infra.local.lambda_service.functions import Throttled
from infra.local.lambda_service.pool import Concurrency


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
