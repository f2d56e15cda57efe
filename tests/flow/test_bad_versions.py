"""Whatever is wrong with version 2, version 1 is live in the end, and the very next answer is its.

The embedded AWS is a process of its own here, whose minutes pass in six seconds.
"""

import json
import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import boto3
import pytest

from infra.demo_safety import BIRD, TRAP
from model_store.packaging import package
from model_store.packaging.model_file import load_model
from tests.flow.callers import Callers
from tests.flow.conftest import BIN, ROOT, Api, Shell, find_api

GRADUAL = ("--traffic", "Linear10PercentEvery1Minute")
BY_THE_JUDGE = ("--traffic", "Linear10PercentEvery3Minutes")
"""Answers are judged at the end alone, and on a busy machine a look takes as long as some of these
minutes."""
SLOW_IS = ("--latency-alarm-ms", "400")
"""The slow one takes twice as long at least, the others some hundredths of a second."""
PATIENCE = 240.0
Publish = Callable[[str, str], str]


@pytest.fixture(scope="module")
def environment() -> Iterator[dict[str, str]]:
    """What leads to an embedded AWS whose time passes ten times as fast."""
    command = (BIN / "lambent", "local", "up", "--port", "0", "--time-scale", "10", "--json")
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as running:
        assert running.stdout is not None
        told: dict[str, dict[str, str]] = json.loads(running.stdout.readline())
        yield told["environment"]
        running.send_signal(signal.SIGTERM)


@pytest.fixture(scope="module")
def shell(environment: dict[str, str]) -> Shell:
    path = f"{BIN}{os.pathsep}{os.environ['PATH']}"
    return Shell({**os.environ, **environment, "PATH": path})


@pytest.fixture(scope="module")
def client(environment: dict[str, str]) -> Callable[[str], Any]:
    def make(service: str) -> Any:
        keys = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY")
        known = {key.lower(): environment[key] for key in keys}
        return boto3.client(
            service,
            endpoint_url=environment["AWS_ENDPOINT_URL"],
            region_name=environment["AWS_REGION"],
            **known,
        )

    return make


@pytest.fixture(scope="module")
def publish(shell: Shell, tmp_path_factory: pytest.TempPathFactory) -> Publish:
    """Packages a version of penguins by a model.py and publishes it; gives NAME@VERSION."""

    def publish(source: str, version: str) -> str:
        folder = tmp_path_factory.mktemp("artifact") / version
        package(load_model(ROOT / source, version), folder)
        shell.lambent("publish", folder)
        return f"penguins@{version}"

    return publish


@pytest.fixture(scope="module")
def api(shell: Shell, publish: Publish) -> Api:
    """penguins@1 is live."""
    first = publish("examples/penguins/model.py", "1")
    shell.lambent("deploy", first)
    return find_api(shell, "penguins")


@pytest.fixture
def requires_version_1(shell: Shell, api: Api, client: Callable[[str], Any]) -> Callable[[], None]:
    def require() -> None:
        assert api.version(BIRD) == "1"
        alias = client("lambda").get_alias(FunctionName="lambent-penguins", Name="live")
        assert not alias.get("RoutingConfig", {}).get("AdditionalVersionWeights")

    return require


def refused(shell: Shell, reference: str, *how: str) -> str:
    """A deploy that the gate refuses. What the command told is what the history tells."""
    told = shell.refused("deploy", reference, *how)
    last = events(shell)[-1]
    assert last["action"] == "refused", told
    assert last["model_version"] == "1"
    assert last["why"] in told
    assert "penguins@1 is live" in told
    why: str = last["why"]
    return why


def events(shell: Shell) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = shell.lambent("history", "penguins", "--json").document["events"]
    return found


def test_wrong_answers_are_refused_before_any_caller_meets_them(
    shell: Shell, api: Api, publish: Publish, requires_version_1: Callable[[], None]
) -> None:
    """Its golden examples pass: it was taught by mixed-up labels."""
    wrong = publish("tests/bad_models/permuted.py", "2-permuted")
    with Callers(api, BIRD) as callers:
        why = refused(shell, wrong, *GRADUAL)
    assert "answers differ from those of the live version" in why
    requires_version_1()
    assert {version for version, _ in callers.seen} == {"1"}


def test_the_guard_takes_back_what_turns_bad_afterwards(
    shell: Shell, api: Api, publish: Publish, requires_version_1: Callable[[], None]
) -> None:
    """All at once, past a hook that finds nothing; then callers spring the trap. Before any release
    is stopped half-way: for ten minutes after that the guard stays.
    """
    late = publish("tests/bad_models/late.py", "3-crashing")
    shell.lambent("deploy", late, "--traffic", "AllAtOnce")
    assert api.version(BIRD) == "3-crashing"
    with Callers(api, BIRD, TRAP):
        until(lambda: api.version(BIRD) == "1")
    requires_version_1()
    last = events(shell)[-1]
    assert last["action"] == "automatic rollback"
    assert "lambent-penguins-fallbacks lit" in last["why"]
    assert "was rolled back" in shell.refused("deploy", late)


@pytest.mark.parametrize(
    ("kind", "signal", "options", "threads"),
    [
        ("crashing", "fallbacks", GRADUAL, 3),
        ("slow", "latency", (*GRADUAL, *SLOW_IS), 1),  # each keeps a core of the machine busy
        ("drifting", "answers", BY_THE_JUDGE, 3),
    ],
)
def test_what_only_callers_meet_is_stopped_while_traffic_moves(
    shell: Shell,
    api: Api,
    publish: Publish,
    requires_version_1: Callable[[], None],
    kind: str,
    signal: str,
    options: tuple[str, ...],
    threads: int,
) -> None:
    """It passes the hook, whose rows do not spring its trap; by an alarm or by the judge, whoever
    is first."""
    late = publish("tests/bad_models/late.py", f"2-{kind}")
    with Callers(api, BIRD, TRAP, threads=threads) as callers:
        why = refused(shell, late, *options)
    assert signal in why
    requires_version_1()
    assert {version for version, _ in callers.seen} == {"1", f"2-{kind}"}
    assert callers.failures == []
    assert f"{late}: was refused" in shell.refused("deploy", late)


def test_fault_row_45_a_release_that_too_few_callers_met_is_not_promoted(
    shell: Shell, api: Api, publish: Publish, requires_version_1: Callable[[], None]
) -> None:
    better = publish("examples/penguins/model.py", "2")
    why = refused(shell, better, "--traffic", "Canary10Percent10Minutes")
    assert "0 of at least 58" in why
    requires_version_1()


def test_fault_rows_41_and_46_a_rollback_ends_a_release_that_is_under_way(
    shell: Shell, api: Api, requires_version_1: Callable[[], None]
) -> None:
    deploy = ("deploy", "penguins@2", "--again", "--traffic", "Linear10PercentEvery10Minutes")
    with ThreadPoolExecutor(1) as somebody:
        told = somebody.submit(shell.refused, *deploy)
        until(lambda: told.done() or releasing(shell))
        shell.lambent("rollback", "penguins", "--why", "odd answers")
        requires_version_1()
        assert "odd answers" in told.result()
    requires_version_1()


def releasing(shell: Shell) -> bool:
    """Whether a part of the traffic is on the new version."""
    return bool(shell.lambent("status", "penguins", "--json").document["live"]["weights"])


def test_a_rollback_finds_its_way_among_fifty_versions(
    shell: Shell, api: Api, client: Callable[[str], Any], requires_version_1: Callable[[], None]
) -> None:
    """More than Lambda lists on one page."""
    lambda_ = client("lambda")
    for number in range(50):
        lambda_.update_function_configuration(
            FunctionName="lambent-penguins", Description=f"release {number}"
        )
        lambda_.publish_version(FunctionName="lambent-penguins")
    shell.lambent("rollback", "penguins", "--to", "3-crashing")
    shell.lambent("rollback", "penguins", "--to", "1")
    requires_version_1()


def test_fault_row_40_two_operators_who_go_back_at_once_move_the_alias_once(
    shell: Shell, api: Api, requires_version_1: Callable[[], None]
) -> None:
    shell.lambent("rollback", "penguins", "--to", "3-crashing")
    before = len(events(shell))
    command = (BIN / "lambent", "rollback", "penguins", "--to", "1")
    with ThreadPoolExecutor(2) as operators:
        both = [operators.submit(shell.run, *command) for _ in range(2)]
        codes = sorted(told.result().code for told in both)
    assert codes in ([0, 0], [0, 1])
    requires_version_1()
    assert len(events(shell)) == before + 1


def until(is_so: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not is_so():
        assert time.monotonic() < deadline, "it did not become so"
        time.sleep(0.2)
