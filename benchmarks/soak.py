"""Mixed load on the embedded AWS for a while, with deploys, rollbacks and faults going on.

    python -m benchmarks.soak [MINUTES]

Callers ask two models through the gateway: one row, many rows, rows that break the contract, no
JSON at all, the model card. One of the models is rolled back, deployed, switched off and on, and
between that its workers are killed in the middle of their work, and its bytes go bad in the bucket.
Every request must be answered as documented: what came of a fault is a 5xx with a JSON body, and
nothing is lost. The other model is left alone: its one worker shows whether answering makes it
grow. The result goes to benchmarks/soak.json and docs/soak.md. Exits with 1 when a request was
lost, or when growth of that worker or of the embedded AWS is not ruled out.
"""

import contextlib
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import IO, Any, cast

import psutil

from benchmarks import soak_page, soak_result
from benchmarks.places import ROOT
from benchmarks.soak_answers import Answers
from benchmarks.soak_callers import Caller, Tally
from benchmarks.soak_operator import LAMBENT, Operator, lambent
from benchmarks.soak_requests import LEFT_ALONE, MALTREATED, Subject
from benchmarks.soak_result import Sample, Soak, machine, today
from benchmarks.soak_verdict import passed
from benchmarks.soak_workers import busiest, usage
from infra.cli import wiring

MINUTES, SAMPLE_S = 30.0, 5.0


@contextlib.contextmanager
def embedded_aws() -> Iterator[psutil.Process]:
    """In a process of its own, whose memory is nobody else's; our environment leads there."""
    command = [LAMBENT, "local", "up", "--port", "0", "--json"]
    with subprocess.Popen(  # noqa: S603 - the tool itself, with words of our own
        command, cwd=ROOT, stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            told = json.loads(cast(IO[str], process.stdout).readline())
            os.environ |= told["environment"]
            config = wiring.samconfig_path(wiring.aws())
            yield psutil.Process(process.pid)
            config.unlink(missing_ok=True)
        finally:
            process.terminate()


def deploy(subject: Subject, tally: Tally) -> list[Caller]:
    """Gives those who are going to call it."""
    name = subject.model
    with tempfile.TemporaryDirectory() as folder:
        for version in subject.versions:
            model = f"examples/{name.replace('-', '_')}/model.py"
            lambent("package", model, "--version", version, "--out", folder)
            lambent("publish", f"{folder}/{name}/{version}")
            lambent("deploy", f"{name}@{version}")
    status: dict[str, Any] = json.loads(lambent("status", name, "--show-key", "--json"))
    url, key, answers = status["api_url"], status["api_key"], Answers(name)
    return [Caller(url, key, subject, answers, tally, n) for n in range(subject.callers)]


@contextlib.contextmanager
def working(*tasks: Callable[[threading.Event], None]) -> Iterator[None]:
    """Each in a thread, until the block is left. Raises what one of them has raised."""
    stopped = threading.Event()
    with ThreadPoolExecutor(len(tasks)) as threads:
        running = [threads.submit(task, stopped) for task in tasks]
        try:
            yield
        finally:
            stopped.set()
    for each in running:
        each.result()


def samples(minutes: float, embedded: psutil.Process) -> Iterator[Sample]:
    began = time.monotonic()
    while (second := time.monotonic() - began) < minutes * 60:
        yield Sample(
            second=round(second, 1),
            workers=len(embedded.children()),
            aws=usage(embedded),
            alone=busiest(embedded, LEFT_ALONE.model),
        )
        time.sleep(SAMPLE_S)


def run(minutes: float) -> Soak:
    tally = Tally()
    with embedded_aws() as embedded:
        callers = [
            caller for subject in (LEFT_ALONE, MALTREATED) for caller in deploy(subject, tally)
        ]
        operator = Operator(embedded, MALTREATED.model)
        with working(operator.work, *(caller.ask for caller in callers)):
            found = list(samples(minutes, embedded))
    return Soak(
        minutes=minutes,
        day=today(),
        machine=machine(),
        answers=tally.answers(),
        lost=tally.lost,
        actions=dict(operator.done),
        refused=operator.refused,
        samples=found,
    )


def main() -> int:
    found = run(float(sys.argv[1]) if len(sys.argv) > 1 else MINUTES)
    soak_result.save(found)
    page = soak_page.page(found)
    soak_page.PAGE.write_text(page, encoding="utf-8")
    print(page)
    return 0 if passed(found) else 1


if __name__ == "__main__":
    sys.exit(main())
