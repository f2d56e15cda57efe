"""Mixed load on the embedded AWS for a while, with deploys, rollbacks and faults going on.

    python -m benchmarks.soak [MINUTES]

Callers ask penguins through the gateway: one row, many rows, rows that break the contract, no JSON
at all, the model card. An operator rolls back, deploys, switches the model off and on; between that
workers are killed in the middle of their work and the bytes of the model go bad in the bucket.
Every request must be answered as documented: what came of a fault is a 5xx with a JSON body, and
nothing is lost. Memory and open files of the embedded AWS and of its workers are watched. The
result goes to benchmarks/soak.json and docs/soak.md.
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
from itertools import cycle
from pathlib import Path
from typing import IO, Any, cast

import psutil

from benchmarks import soak_page
from benchmarks.places import ROOT
from benchmarks.soak_callers import Caller, Tally
from benchmarks.soak_faults import corrupt_models, kill_a_worker
from benchmarks.soak_page import Sample, Soak, machine, today
from infra.cli import wiring

LAMBENT = str(Path(sys.executable).with_name("lambent"))
MINUTES = 30.0
CALLERS, SAMPLE_S, BETWEEN_S = 4, 5.0, 10.0


class Operator:
    """What people do meanwhile, one after the other, until told to stop; `done` counts it."""

    def __init__(self, process: psutil.Process) -> None:
        self.done: dict[str, int] = {}
        self.refused: list[str] = []
        self._steps: dict[str, Callable[[], object]] = {
            "a worker is killed": lambda: kill_a_worker(process),
            "lambent rollback": lambda: self.lambent("rollback", "penguins"),
            "the models go bad": lambda: corrupt_models(process, _wait),
            "lambent deploy": lambda: self.lambent("deploy", "penguins@2", "--again"),
            "lambent fallback on": lambda: self.lambent("fallback", "penguins", "on"),
            "lambent fallback off": lambda: self.lambent("fallback", "penguins", "off"),
        }

    def work(self, stopped: threading.Event) -> None:
        for name, step in cycle(self._steps.items()):
            if stopped.wait(BETWEEN_S):
                return
            try:
                step()
                self.done[name] = self.done.get(name, 0) + 1
            except subprocess.CalledProcessError as error:
                self.refused.append(f"{name}: {error.stderr.strip().splitlines()[0]}")

    def lambent(self, *arguments: str) -> str:
        done = subprocess.run(  # noqa: S603
            [LAMBENT, *arguments],
            cwd=ROOT,
            check=True,
            capture_output=True,
            text=True,
        )
        return done.stdout


def _wait() -> None:
    time.sleep(BETWEEN_S)


@contextlib.contextmanager
def embedded_aws() -> Iterator[psutil.Process]:
    """In a process of its own, whose memory is nobody else's; our environment leads there."""
    command = [LAMBENT, "local", "up", "--port", "0", "--json"]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:  # noqa: S603
        try:
            told = json.loads(cast(IO[str], process.stdout).readline())
            os.environ |= told["environment"]
            config = wiring.samconfig_path(wiring.aws())
            yield psutil.Process(process.pid)
            config.unlink(missing_ok=True)
        finally:
            process.terminate()


def sample(process: psutil.Process, since: float) -> Sample:
    workers = process.children()
    memory, files = [], []
    for worker in workers:
        with contextlib.suppress(psutil.NoSuchProcess):
            memory.append(worker.memory_info().rss / 1e6)
            files.append(worker.num_fds())
    return Sample(
        second=round(time.monotonic() - since, 1),
        memory_mb=round(process.memory_info().rss / 1e6, 1),
        files=process.num_fds(),
        threads=process.num_threads(),
        workers=len(memory),
        worker_memory_mb=round(max(memory, default=0.0), 1),
        worker_files=max(files, default=0),
    )


def set_up(operator: Operator, folder: str) -> tuple[str, str]:
    """Both versions are deployed; the address of the API and its key."""
    for version in ("1", "2"):
        model = "examples/penguins/model.py"
        operator.lambent("package", model, "--version", version, "--out", folder)
        operator.lambent("publish", f"{folder}/penguins/{version}")
        operator.lambent("deploy", f"penguins@{version}")
    status: dict[str, Any] = json.loads(
        operator.lambent("status", "penguins", "--show-key", "--json")
    )
    return status["api_url"], status["api_key"]


def run(minutes: float) -> Soak:
    tally = Tally()
    with embedded_aws() as process, tempfile.TemporaryDirectory() as folder:
        operator = Operator(process)
        url, key = set_up(operator, folder)
        stopped, began = threading.Event(), time.monotonic()
        threads = [
            threading.Thread(target=Caller(url, key, tally, number).ask, args=(stopped,))
            for number in range(CALLERS)
        ]
        threads.append(threading.Thread(target=operator.work, args=(stopped,)))
        for thread in threads:
            thread.start()
        samples = []
        while time.monotonic() - began < minutes * 60:
            time.sleep(SAMPLE_S)
            samples.append(sample(process, began))
        stopped.set()
        for thread in threads:
            thread.join()
    return Soak(
        minutes=minutes,
        day=today(),
        machine=machine(),
        answers=tally.answers(),
        lost=tally.lost,
        actions=operator.done,
        refused=operator.refused,
        samples=samples,
    )


if __name__ == "__main__":
    found = run(float(sys.argv[1]) if len(sys.argv) > 1 else MINUTES)
    soak_page.save(found)
    print(soak_page.page(found))
    sys.exit(1 if found.lost else 0)
