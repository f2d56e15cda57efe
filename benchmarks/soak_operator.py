"""What people do during the soak, and what goes wrong: one after the other, again and again."""

import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable
from itertools import cycle
from pathlib import Path

import psutil

from benchmarks.places import ROOT
from benchmarks.soak_faults import corrupt, kill_a_worker

LAMBENT = str(Path(sys.executable).with_name("lambent"))
BETWEEN_S = 10.0


class Operator:
    """Works until told to stop; `done` counts what succeeded, `refused` says what did not."""

    def __init__(self, embedded: psutil.Process, model: str) -> None:
        self.done: Counter[str] = Counter()
        self.refused: list[str] = []
        self._steps: dict[str, Callable[[], object]] = {
            "a worker is killed": lambda: kill_a_worker(embedded, model),
            "lambent rollback": lambda: lambent("rollback", model),
            "the model goes bad": lambda: corrupt(embedded, model, _wait),
            "lambent deploy": lambda: lambent("deploy", f"{model}@2", "--again"),
            "lambent fallback on": lambda: lambent("fallback", model, "on"),
            "lambent fallback off": lambda: lambent("fallback", model, "off"),
        }

    def work(self, stopped: threading.Event) -> None:
        for name, step in cycle(self._steps.items()):
            if stopped.wait(BETWEEN_S):
                return
            try:
                step()
                self.done[name] += 1
            except subprocess.CalledProcessError as error:
                self.refused.append(f"{name}: {error.stderr.strip().splitlines()[-1]}")


def lambent(*arguments: str) -> str:
    done = subprocess.run(  # noqa: S603 - the tool itself, with words of our own
        [LAMBENT, *arguments],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    )
    return done.stdout


def _wait() -> None:
    time.sleep(BETWEEN_S)
