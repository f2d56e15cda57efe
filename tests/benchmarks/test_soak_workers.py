"""Which processes the soak maltreats, and which it watches."""

import os
import subprocess
import sys
from collections.abc import Iterator

import psutil
import pytest

from benchmarks.soak_workers import busiest, usage, workers_around


@pytest.fixture
def workers() -> Iterator[dict[str, int]]:
    """Processes of three functions, which are at work: they have printed a line."""
    names = ("lambent-penguins", "CodeDeployHook_lambent-penguins", "lambent-breast-cancer")
    started = [_worker(name) for name in names]
    yield {name: process.pid for name, process in zip(names, started, strict=True)}
    for process in started:
        process.kill()
        process.communicate()


def _worker(function: str) -> subprocess.Popen[bytes]:
    process = subprocess.Popen(
        [sys.executable, "-c", "print(flush=True); input()"],
        env=os.environ | {"AWS_LAMBDA_FUNCTION_NAME": function},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    assert process.stdout is not None
    process.stdout.readline()
    return process


def test_faults_are_for_the_workers_of_one_model(workers: dict[str, int]) -> None:
    found = {worker.pid for worker in workers_around(psutil.Process(), "penguins")}
    assert found == {workers["lambent-penguins"], workers["CodeDeployHook_lambent-penguins"]}


def test_the_worker_that_answers_is_sampled(workers: dict[str, int]) -> None:
    found = busiest(psutil.Process(), "breast-cancer")
    assert found is not None
    assert found.process == workers["lambent-breast-cancer"]
    assert found.memory_mb > 0
    assert found.files > 0


def test_a_model_without_a_worker_has_no_sample(workers: dict[str, int]) -> None:
    assert busiest(psutil.Process(), "diabetes") is None


def test_a_process_is_sampled() -> None:
    found = usage(psutil.Process())
    assert found.process == os.getpid()
    assert found.threads > 0
