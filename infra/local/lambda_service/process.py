"""Starting a worker process that cannot outlive this one."""

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import IO, cast

from infra.local.lambda_service.errors import RuntimeMissing

_PR_SET_PDEATHSIG = 1
_LIBC = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None


class Spawner:
    """Starts `python -m awslambdaric HANDLER`.

    All from one thread: Linux sends the parent-death signal when the *thread* that forked ends.
    """

    def __init__(self, python: Path) -> None:
        self.python = python
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="spawner")

    def start(
        self, handler: str, folder: Path, variables: dict[str, str]
    ) -> tuple[subprocess.Popen[bytes], IO[bytes]]:
        """The process and the pipe of its output. Raises RuntimeMissing."""
        if not self.python.exists():
            raise RuntimeMissing(self.python)
        process = self._thread.submit(self._popen, handler, folder, variables).result()
        return process, cast(IO[bytes], process.stdout)

    def close(self) -> None:
        self._thread.shutdown()

    def _popen(
        self, handler: str, folder: Path, variables: dict[str, str]
    ) -> subprocess.Popen[bytes]:
        return subprocess.Popen(  # noqa: S603 - running the deployed code is the purpose
            [self.python, "-m", "awslambdaric", handler],
            cwd=folder,
            env=variables,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            preexec_fn=_die_with_parent,
        )


def kill(process: subprocess.Popen[bytes]) -> None:
    """The process and what it started. Harmless when it is gone."""
    if process.poll() is None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)


def _die_with_parent() -> None:
    if _LIBC is not None:
        _LIBC.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
