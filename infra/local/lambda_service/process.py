"""A worker's process: the code it runs, what it sees, what it prints; and it cannot outlive us."""

import contextlib
import ctypes
import hashlib
import io
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import IO

from infra.local.lambda_service.functions import FunctionVersion, InvokeError

UNUSED_LIMIT_S = 14 * 24 * 3600
_PR_SET_PDEATHSIG = 1
_LIBC = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None


class Spawner:
    """Starts `python -m awslambdaric HANDLER`.

    All from one thread: Linux sends the parent-death signal when the *thread* that forked ends.
    `code_cache` holds unpacked packages by the SHA-256 of their zip. They outlive the process,
    with the byte code that Python leaves in them, and several processes may share them.
    """

    def __init__(self, python: Path, code_cache: Path, endpoint: str) -> None:
        self._python, self._code_cache, self._endpoint = python, code_cache, endpoint
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="spawner")
        for folder in code_cache.glob("*"):
            if time.time() - folder.stat().st_mtime > UNUSED_LIMIT_S:
                shutil.rmtree(folder, ignore_errors=True)

    def start(self, function: FunctionVersion, own: Mapping[str, str]) -> subprocess.Popen[bytes]:
        """`own`: what only this worker's environment holds. Raises InvokeError."""
        if not self._python.exists():
            raise InvokeError(
                f"embedded AWS: there is no Lambda runtime at {self._python}. "
                "Create it with `make setup` (a virtual environment that holds awslambdaric)."
            )
        code = _unpacked(function.code, self._code_cache)
        variables = {**_environment(function, code, self._endpoint), **own}
        return self._thread.submit(self._popen, function.handler, code, variables).result()

    def close(self) -> None:
        self._thread.shutdown()

    def _popen(
        self, handler: str, folder: Path, variables: Mapping[str, str]
    ) -> subprocess.Popen[bytes]:
        return subprocess.Popen(  # noqa: S603 - running the deployed code is the purpose
            [self._python, "-m", "awslambdaric", handler],
            cwd=folder,
            env=variables,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            preexec_fn=_die_with_parent,
        )


def _die_with_parent() -> None:
    if _LIBC is not None:
        _LIBC.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


def kill(process: subprocess.Popen[bytes]) -> None:
    """The process and what it started. Harmless when it is gone."""
    if process.poll() is None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)


def _unpacked(package: bytes, cache: Path) -> Path:
    final = cache / hashlib.sha256(package).hexdigest()
    if not final.exists():
        cache.mkdir(parents=True, exist_ok=True)
        scratch = Path(tempfile.mkdtemp(dir=cache, prefix=".unpacking-"))
        try:
            # Names that reach outside are made to lie inside by zipfile itself.
            zipfile.ZipFile(io.BytesIO(package)).extractall(scratch)
            scratch.chmod(0o755)
            scratch.rename(final)
        except OSError:
            # Another process was first; its copy is the same bytes.
            if not final.exists():
                raise
        finally:
            shutil.rmtree(scratch, ignore_errors=True)
    os.utime(final)
    return final


def _environment(function: FunctionVersion, code: Path, endpoint: str) -> dict[str, str]:
    """Lambda's variables, then the function's own, and no others.

    https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html
    """
    return {
        "PATH": "/usr/local/bin:/usr/bin:/bin",
        "LANG": "en_US.UTF-8",
        "TZ": ":UTC",
        "AWS_ENDPOINT_URL": endpoint,
        **dict(function.environment),
        "_HANDLER": function.handler,
        "LAMBDA_TASK_ROOT": str(code),
        "PYTHONPATH": str(code),
        "AWS_REGION": function.region,
        "AWS_DEFAULT_REGION": function.region,
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_SESSION_TOKEN": "test",
        "AWS_EXECUTION_ENV": f"AWS_Lambda_{function.runtime}",
        "AWS_LAMBDA_FUNCTION_NAME": function.name,
        "AWS_LAMBDA_FUNCTION_VERSION": function.version,
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(function.memory_mb),
        "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand",
        "AWS_LAMBDA_LOG_GROUP_NAME": function.log_group,
        "AWS_LAMBDA_LOG_FORMAT": function.log_format,
        **({"AWS_LAMBDA_LOG_LEVEL": function.log_level} if function.log_level else {}),
    }


class Output:
    """What a process prints, line by line. An unfinished line waits for its end, or for that of
    the process."""

    def __init__(self, pipe: IO[bytes]) -> None:
        os.set_blocking(pipe.fileno(), False)
        self._pipe = pipe
        self._rest = b""

    def lines(self) -> list[str]:
        """Those that came since the last time; waits for none."""
        if self._pipe.closed:
            return []
        found = self._pipe.read()
        *lines, self._rest = (self._rest + (found or b"")).split(b"\n")
        if found == b"":
            self._pipe.close()
            lines += [self._rest] if self._rest else []
        return [line.decode(errors="replace") for line in lines]
