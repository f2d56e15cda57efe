"""A Lambda handler in a process of its own, timed from inside; see contenders/drive.py."""

import json
import os
import subprocess
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import IO, Any, cast

from benchmarks.places import CONTENDERS, RUNTIME

TRACE = "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=0"
"""Not sampled, as most requests are."""
CHOSEN = ("PATH", "LANG", "LD_LIBRARY_PATH")


@dataclass(frozen=True)
class Contender:
    """What runs: `module` has the `handler`; `packages` is the PYTHONPATH, as in a bundle."""

    module: str
    packages: Sequence[Path]
    variables: Mapping[str, str] = field(default_factory=dict)
    python: Path = RUNTIME

    def environment(self, scratch: str) -> dict[str, str]:
        """Lambda's, as far as anyone looks; an empty `scratch` is a fresh /tmp."""
        path = os.pathsep.join(map(str, [*self.packages, CONTENDERS]))
        return {
            **{name: os.environ[name] for name in CHOSEN if name in os.environ},
            "PYTHONPATH": path,
            "TMPDIR": scratch,
            "ORT_DISABLE_TELEMETRY": "1",  # its reports to Microsoft are not what is measured
            "AWS_LAMBDA_FUNCTION_NAME": "bench",
            "AWS_EXECUTION_ENV": "AWS_Lambda_python3.11",
            "_X_AMZN_TRACE_ID": TRACE,
            "LAMBDA_TASK_ROOT": str(self.packages[0]),
            **self.variables,
        }


class Running:
    """A contender that has answered its first event. A context manager.

    first_s: seconds from starting the process to that answer. Raises RuntimeError if it is no 200.
    """

    def __init__(self, contender: Contender, events: Path) -> None:
        self._scratch = tempfile.TemporaryDirectory()
        drive = CONTENDERS / "drive.py"
        command = map(str, [contender.python, "-P", drive, contender.module, events])
        started = time.perf_counter()
        self._process = subprocess.Popen(  # noqa: S603
            [*command],
            env=contender.environment(self._scratch.name),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        answer = self._read()
        self.first_s = time.perf_counter() - started
        self.answer: dict[str, Any] = json.loads(answer or "{}")
        if self.answer.get("statusCode") != 200:
            self.close()
            raise RuntimeError(f"{contender.module} answered {self.answer}")

    def nanoseconds(self, count: int) -> list[int]:
        """What each of so many further events took."""
        taken: list[int] = json.loads(self._ask(f"time {count}"))
        return taken

    def peak(self) -> int:
        """The most memory so far, in bytes."""
        return int(self._ask("peak"))

    def close(self) -> None:
        self._process.communicate()
        self._scratch.cleanup()

    def __enter__(self) -> "Running":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _ask(self, command: str) -> str:
        asked = cast(IO[str], self._process.stdin)
        asked.write(f"{command}\n")
        asked.flush()
        return self._read()

    def _read(self) -> str:
        return cast(IO[str], self._process.stdout).readline()
